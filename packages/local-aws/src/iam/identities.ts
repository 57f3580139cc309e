/**
 * Who calls, by access key. A key with policies has those, and nothing else; credentials of a role have the role's. Any other
 * key, and a role without policies, may do everything.
 */
import { accountId, hexId } from '../scope';
import { compilePolicies, type Policies, type PolicyDocument } from './policies';

/** What is stored: sessions outlive a restart, as their credentials do. */
export interface IamState {
  /** By access key. */
  readonly users: Record<string, { readonly name: string; readonly policies: readonly PolicyDocument[] }>;
  /** By name. */
  readonly roles: Record<string, { readonly policies: readonly PolicyDocument[] }>;
  /** Credentials of roles, by access key. */
  readonly sessions: Record<string, { readonly role: string; readonly name: string; readonly expiresAt: number }>;
}

export const emptyIam = (): IamState => ({ users: {}, roles: {}, sessions: {} });

export interface Caller {
  readonly accessKeyId: string;
  readonly arn: string;
  /** Undefined for whoever may do everything. */
  readonly policies: Policies | undefined;
}

export function callerOf({ users, roles, sessions }: IamState, accessKeyId: string): Caller {
  const session = sessions[accessKeyId];
  if (session !== undefined) {
    const arn = `arn:aws:sts::${accountId}:assumed-role/${session.role}/${session.name}`;
    return { accessKeyId, arn, policies: compiled(roles[session.role]?.policies) };
  }
  const user = users[accessKeyId];
  return {
    accessKeyId,
    arn: `arn:aws:iam::${accountId}:user/${user?.name ?? 'local'}`,
    policies: compiled(user?.policies),
  };
}

const cache = new WeakMap<readonly PolicyDocument[], Policies>();

/** Compiled once for each list: a list is replaced, never changed. */
function compiled(documents: readonly PolicyDocument[] | undefined): Policies | undefined {
  if (documents === undefined) return undefined;
  const known = cache.get(documents) ?? compilePolicies(documents);
  cache.set(documents, known);
  return known;
}

/** The identities that are to be: each replaces the one of its key or name. */
export interface Identities {
  /** By access key, which is what SDKs sign with; the secret may be anything. */
  readonly users?: Readonly<Record<string, { readonly name?: string; readonly policies: readonly PolicyDocument[] }>>;
  readonly roles?: Readonly<Record<string, { readonly policies: readonly PolicyDocument[] }>>;
}

/** @throws {Error} of one sentence, with nothing changed, for a policy that can't be read */
export function setIdentities(state: IamState, { users = {}, roles = {} }: Identities): void {
  for (const { policies } of [...Object.values(users), ...Object.values(roles)]) compilePolicies(policies);
  for (const [key, { name = key, policies }] of Object.entries(users)) state.users[key] = { name, policies };
  for (const [name, { policies }] of Object.entries(roles)) state.roles[name] = { policies };
}

/** Credentials of a role, which are forgotten when they have expired. */
export function startSession(
  state: IamState,
  session: { role: string; name: string; expiresAt: number },
  now: number,
): string {
  for (const [key, { expiresAt }] of Object.entries(state.sessions)) if (expiresAt < now) delete state.sessions[key];
  const accessKeyId = `ASIA${hexId(16).toUpperCase()}`;
  state.sessions[accessKeyId] = session;
  return accessKeyId;
}
