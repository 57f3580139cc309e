/** `dashboard:` of the settings: where `cutover dashboard` shows its page, and who may give commands there. */
import { z } from 'zod';
import { issuerUrl } from '../approvals/policy';
import { secretReference } from '../conditions';
import { tls } from '../hooks';

const person = z
  .strictObject({
    /** In histories, audit trails and news it is this name that gave a command. */
    name: z.string().trim().min(1).max(100),
    /** Where the token is that this person signs in with: 20 characters or more. */
    token: secretReference.optional(),
    /** What a token of the issuer must claim to be this person's, each of them exactly, e.g. `{ sub: 4711 }`. */
    claims: z
      .record(z.string().min(1), z.union([z.string().min(1), z.boolean()]))
      .refine((claims) => Object.keys(claims).length > 0, { error: 'expected a claim that only this person has' })
      .optional(),
  })
  .refine(({ token, claims }) => token !== undefined || claims !== undefined, {
    error: 'expected token or claims: nobody else can prove to be this person',
  });

/** A confidential or public client of the issuer, with `<url>/dashboard/signed-in` as its redirect URI. */
const oidc = z.strictObject({
  /** As tokens have it in `iss`; what else is known of it is found by OpenID Connect Discovery. */
  issuer: issuerUrl,
  clientId: z.string().min(1).max(500),
  clientSecret: secretReference.optional(),
  scope: z.string().min(1).max(500).default('openid'),
});

export const dashboard = z
  .strictObject({
    /** The address to listen at. */
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65535).default(8084),
    /** As of `hooks`; without it it speaks HTTP, which belongs on this machine or behind something that ends TLS. */
    tls,
    /**
     * Where people open it, e.g. `https://cutover.example.com`: no other name than this and this machine's own is answered, and
     * links of news lead there.
     */
    url: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://cutover.example.com' })
      .refine((url) => new URL(url).pathname === '/', { error: 'expected an address without a path' })
      .transform((url) => new URL(url).origin)
      .optional(),
    /** Whether `cutover hooks` shows it too, at its own port. */
    atHooks: z.boolean().default(false),
    oidc: oidc.optional(),
    /** Who may give commands; everybody else only reads. */
    people: z.array(person).max(200).default([]),
  })
  .refine(({ people }) => new Set(people.map(({ name }) => name)).size === people.length, {
    error: 'expected people of different names',
    path: ['people'],
  })
  .refine(({ people, oidc: given }) => given !== undefined || people.every(({ claims }) => claims === undefined), {
    error: 'expected oidc beside it: claims are those of its tokens',
    path: ['people'],
  })
  .refine(({ oidc: given, url }) => given === undefined || url !== undefined, {
    error: 'expected url beside oidc: the issuer sends people back there',
    path: ['oidc'],
  });

export type DashboardSettings = z.infer<typeof dashboard>;

/** Where the page of an application is, or of a zone; the part after `#` is the page's own. */
export const pageOf = (url: string, ...parts: readonly string[]): string =>
  `${url}/dashboard/#/${parts.map(encodeURIComponent).join('/')}`;
