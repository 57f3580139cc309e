/**
 * `approvals:` of a zone or an application: who may approve, how many it takes, and when a cut may begin. Where no approver is
 * named, anybody who reaches Temporal is trusted, and a name is what somebody typed.
 */
import { z } from 'zod';
import { canonical } from './canonical';
import { parsePublicKey } from './ssh-key';

const secureUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an https address such as https://login.example.com/tenant',
});
/** Plain HTTP only to the machine itself: who stands in between could hand out keys. */
const isPrivate = (url: string) =>
  url.startsWith('https:') || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);
export const issuerUrl = secureUrl.refine(isPrivate, { error: 'expected https' });

const oidc = z.strictObject({
  /** As tokens have it in `iss`; its keys are found by OpenID Connect Discovery. */
  issuer: issuerUrl,
  /** What `aud` must hold. One that is for cutover alone: a token for it opens nothing else. */
  audience: z.string().min(1).max(500),
  /** What a token must claim to be this person's, each of them exactly, e.g. `{ sub: 4711 }`. */
  claims: z
    .record(z.string().min(1), z.union([z.string().min(1), z.boolean()]))
    .refine((claims) => Object.keys(claims).length > 0, { error: 'expected a claim that only this person has' }),
  /** Where its keys are, if Discovery doesn't say so. */
  jwks: issuerUrl.optional(),
  /**
   * `nonce`: the token must bear the statement's SHA-256 as `nonce`, so that it is good for this one statement. `none` where the
   * issuer can't do that: then who has the token can approve with it whatever he likes until it ends.
   */
  binding: z.enum(['nonce', 'none']).default('nonce'),
});

const approver = z
  .strictObject({
    /** One entry is one person, by this name. */
    name: z.string().trim().min(1).max(100),
    /** Other names under which this person starts deployments, e.g. `ana@build1`. */
    also: z.array(z.string().min(1).max(200)).max(20).default([]),
    keys: z
      .array(
        z.string().refine((line) => parsePublicKey(line) !== undefined, {
          error: 'expected a public key such as "ssh-ed25519 AAAA… ana@laptop": no other kind is taken',
        }),
      )
      .max(20)
      .default([]),
    oidc: oidc.optional(),
  })
  .refine(({ keys, oidc: given }) => keys.length > 0 || given !== undefined, {
    error: 'expected keys or oidc: nobody else can prove to be this person',
    path: ['keys'],
  });

const timeZone = z
  .string()
  .refine((name) => attempt(() => new Intl.DateTimeFormat('en', { timeZone: name })), {
    error: 'expected a time zone such as Europe/Lisbon',
  })
  .default('UTC');

function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const timeOfDay = (error: string) => z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error });

const cutWindow = z.strictObject({
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .default([...weekdays]),
  from: timeOfDay('expected a time such as 08:00').default('00:00'),
  /** Not after `from`: on the next day. */
  to: timeOfDay('expected a time such as 17:30').default('24:00'),
  timeZone,
});

const frozen = z
  .strictObject({
    /** The first day and the last. */
    from: z.iso.date({ error: 'expected a date such as 2026-12-20' }),
    to: z.iso.date({ error: 'expected a date such as 2027-01-06' }),
    reason: z.string().min(1).max(300),
    timeZone,
  })
  .refine(({ from, to }) => from <= to, { error: 'expected a day that is not before "from"', path: ['to'] });

export const approvals = z
  .strictObject({
    /** How many different people must approve. */
    minimum: z.int().min(1).max(20).optional(),
    approvers: z.array(approver).max(200).default([]),
    /** Whether who started a deployment can't approve it; the name is what the starter said. */
    notTheStarter: z.boolean().default(false),
    /** Whether a deployment's input can't say when, or whether, it is approved. Default: where there are approvers. */
    notByInput: z.boolean().optional(),
    /** When a cut may begin; always, when it's empty. */
    windows: z.array(cutWindow).max(50).default([]),
    /** Days on which no cut begins. */
    freeze: z.array(frozen).max(100).default([]),
  })
  .superRefine((given, context) => {
    for (const { path, message } of approvalFaults(given)) context.addIssue({ code: 'custom', path, message });
  });

export type ApprovalPolicy = z.infer<typeof approvals>;
export type Approver = ApprovalPolicy['approvers'][number];
export type CutWindow = ApprovalPolicy['windows'][number];
export type Freeze = ApprovalPolicy['freeze'][number];

/** What makes two people of one, or can't ever be met. */
function approvalFaults({
  minimum,
  approvers,
  notTheStarter,
}: Pick<ApprovalPolicy, 'minimum' | 'approvers' | 'notTheStarter'>) {
  const faults: { path: (string | number)[]; message: string }[] = [];
  const seen = new Map<string, string>();
  approvers.forEach(({ name, keys, oidc: given }, at) => {
    const own = [
      `name ${name.toLowerCase()}`,
      ...new Set(keys.map((line) => `key ${parsePublicKey(line)?.fingerprint}`)),
      ...(given ? [`oidc ${given.issuer} ${canonical(given.claims)}`] : []),
    ];
    for (const one of own) {
      const other = seen.get(one);
      if (other !== undefined)
        faults.push({
          path: ['approvers', at],
          message: `expected one entry for each person: ${other} has the same ${one.split(' ')[0]}`,
        });
      seen.set(one, name);
    }
  });
  if (approvers.length === 0 && (minimum !== undefined || notTheStarter))
    faults.push({ path: ['approvers'], message: 'expected approvers: without them a name is what anybody types' });
  if (approvers.length > 0 && (minimum ?? 1) > approvers.length)
    faults.push({
      path: ['minimum'],
      message: `expected at most ${approvers.length}, for there are no more approvers`,
    });
  return faults;
}

/** Where nobody is named, whoever reaches Temporal is trusted. */
export const isTrusted = (policy: ApprovalPolicy | undefined): boolean => (policy?.approvers ?? []).length === 0;

/** Whether an input may say when, or whether, it is approved. */
export const believesInputs = (policy: ApprovalPolicy | undefined): boolean =>
  !(policy?.notByInput ?? !isTrusted(policy));
