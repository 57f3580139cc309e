/**
 * Who calls, by access key. A key with policies has those, and nothing else; credentials of a role have the role's. Any other
 * key, and a role without policies, may do everything.
 */
import { randomBytes } from 'node:crypto';
import { accountId, hexId } from '../scope';
import type { Secret } from '../protocol/signature';
import { compilePolicies, type Policies, type PolicyDocument } from './policies';

/** What is stored: sessions outlive a restart, as their credentials do. */
export interface IamState {
  /** By access key. */
  readonly users: Record<string, { readonly name: string; readonly policies: readonly PolicyDocument[] }>;
  /** By name. */
  readonly roles: Record<string, { readonly policies: readonly PolicyDocument[] }>;
  /** Credentials of roles, by access key. */
  readonly sessions: Record<string, Session>;
}

/** Credentials of a role; those of an earlier version, without a secret, are good for nothing. */
export interface Session {
  readonly role: string;
  readonly name: string;
  readonly expiresAt: number;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
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

/** The secret of one of the given keys, or of a role's credentials while they are good. */
export function secretOf(
  { sessions }: IamState,
  keys: Readonly<Record<string, string>>,
  accessKeyId: string,
): Secret | undefined {
  if (Object.hasOwn(keys, accessKeyId)) return { secretAccessKey: keys[accessKeyId] ?? '' };
  const session = Object.hasOwn(sessions, accessKeyId) ? sessions[accessKeyId] : undefined;
  if (session === undefined || session.expiresAt < Date.now()) return undefined;
  const { secretAccessKey, sessionToken } = session;
  return secretAccessKey === undefined || sessionToken === undefined ? undefined : { secretAccessKey, sessionToken };
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
  /** By access key, which is what SDKs sign with; `AwsOptions.keys` has the secrets. */
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
  session: Omit<Session, 'secretAccessKey' | 'sessionToken'>,
  now: number,
): Required<Secret> & { readonly accessKeyId: string } {
  for (const [key, { expiresAt }] of Object.entries(state.sessions)) if (expiresAt < now) delete state.sessions[key];
  const accessKeyId = `ASIA${hexId(16).toUpperCase()}`;
  const secret = { secretAccessKey: randomBytes(30).toString('base64'), sessionToken: hexId(64) };
  state.sessions[accessKeyId] = { ...session, ...secret };
  return { accessKeyId, ...secret };
}
