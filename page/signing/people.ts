/** Who somebody is, by what he shows: a token that the settings have for him, or one of the issuer. */
import { claimsFit, verifiedBy } from '../../activities/approvals/tokens';
import { revealed } from '../../activities/secrets';
import type { DashboardSettings } from '../../settings/dashboard/schema';
import { equalTo } from '../../settings/secrets';

const shortest = 20;

/** Each token is compared, whichever it is. @param tell hears of one that can't be used. @returns the name */
export function personOf(
  token: string,
  { people }: Pick<DashboardSettings, 'people'>,
  tell: (why: string) => void,
): string | undefined {
  const found = people.filter(({ name, token: reference }) => {
    if (reference === undefined) return false;
    try {
      const own = revealed(reference, () => true).trim();
      if (own.length >= shortest) return equalTo(own)(token);
      tell(`The token of ${name} is too short to be one: make it with "openssl rand -hex 16".`);
    } catch (error) {
      tell((error as Error).message);
    }
    return false;
  });
  // Whoever has the token of two people is neither.
  return found.length === 1 ? found[0]?.name : undefined;
}

/** Whose an issuer's token is. @param nonce what it must bear. @returns why it is nobody's, as an object */
export async function personByToken(
  idToken: string,
  nonce: string,
  { people, oidc }: Pick<DashboardSettings, 'people' | 'oidc'>,
): Promise<{ readonly name: string } | { readonly why: string }> {
  if (!oidc) return { why: 'The settings name no issuer.' };
  const issuer = { issuer: oidc.issuer, audience: oidc.clientId };
  const payload = await verifiedBy(issuer, idToken, Date.now(), 'The issuer’s');
  if (typeof payload === 'string') return { why: payload };
  if (payload['nonce'] !== nonce) return { why: 'The issuer’s token was made for something else.' };
  const found = people.find(({ claims }) => claims !== undefined && claimsFit({ claims }, payload));
  return found
    ? { name: found.name }
    : { why: 'The settings know nobody with these claims: add them to dashboard.people.' };
}
