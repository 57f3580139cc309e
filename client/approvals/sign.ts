/** Makes a signed approval of what was looked at: the statement, by whom it is, and its signature or token. */
import {
  formatStatement,
  parseStatement,
  type ApprovalMoment,
  type SignedStatement,
  type Statement,
} from '../../contract/approvals';
import { wordsFault } from '../../contract/commands';
import { zoneOf } from '../../settings/applications/zone';
import type { Approver } from '../../settings/approvals/policy';
import { parsePublicKey } from '../../settings/approvals/ssh-key';
import { durationBetween } from '../../settings/durations';
import type { Settings } from '../../settings/schema';
import { Refused } from '../errors';
import type { Target } from '../target';
import { openKey, read } from './keys';

export interface SigningOptions {
  readonly sign?: string;
  readonly token?: string;
  readonly statement?: string;
  readonly signature?: string;
  readonly as?: string;
  readonly expires?: string;
  readonly reason?: string;
  readonly breakGlass?: boolean;
}

/** What is approved. */
export type Approved = Pick<Statement, 'workflow' | 'run' | 'plan' | 'image'> & { readonly approval: ApprovalMoment };

/** Whether anything asks for a signature. */
export const isSigned = ({ sign, token, statement, signature }: SigningOptions): boolean =>
  [sign, token, statement, signature].some((one) => one !== undefined);

function expiryMs(text = '24h'): number {
  const { data, error } = durationBetween('1m', '8d').safeParse(text);
  if (data === undefined) throw new Refused(`--expires: ${error?.issues[0]?.message}.`);
  return data;
}

/**
 * The text to sign.
 * @param approver the name in the settings
 */
export function statementOf(approved: Approved, approver: string, options: SigningOptions, now = Date.now()): string {
  const { expires, reason, breakGlass } = options;
  const fault = wordsFault({ reason });
  if (fault !== undefined) throw new Refused(fault);
  if (breakGlass && reason === undefined) throw new Refused('Who breaks the glass says why: give --reason.');
  return formatStatement({
    version: 1,
    ...approved,
    approver,
    expires: new Date(now + expiryMs(expires)).toISOString(),
    ...(reason !== undefined && { reason }),
    ...(breakGlass && { breakGlass }),
  });
}

/** @throws {Refused} when it isn't clear who approves, or there is no signature */
export async function signApproval(
  approved: Approved,
  settings: Settings,
  target: Target,
  options: SigningOptions,
): Promise<SignedStatement> {
  const approvers = approversOf(settings, target);
  if (options.sign !== undefined) {
    const key = await openKey(options.sign);
    const statement = statementOf(approved, options.as ?? ownerOf(approvers, key.publicKey.fingerprint), options);
    return { statement, signature: await key.sign(statement) };
  }
  const statement = givenStatement(approved, options);
  if (options.signature !== undefined) return { statement, signature: read(options.signature).trim() };
  if (options.token !== undefined) return { statement, token: read(options.token).trim() };
  throw new Refused('A statement alone proves nobody: give --signature or --token with it.');
}

function givenStatement(approved: Approved, options: SigningOptions): string {
  if (options.statement === undefined) {
    if (options.as === undefined) throw new Refused('Say who approves: --as NAME, as the settings have it.');
    return statementOf(approved, options.as, options);
  }
  const text = read(options.statement);
  const parsed = parseStatement(text);
  if (!parsed) throw new Refused(`${options.statement} is no statement: make it with --print-statement.`);
  if (parsed.run !== approved.run)
    throw new Refused(`${options.statement} is for another run: look at this one, and sign anew.`);
  return text;
}

const approversOf = (settings: Settings, { zone, application }: Target): readonly Approver[] => {
  const found = zoneOf(settings, zone, application);
  return (found && 'zone' in found ? found.zone.approvals?.approvers : undefined) ?? [];
};

function ownerOf(approvers: readonly Approver[], fingerprint: string): string {
  const owner = approvers.find(({ keys }) => keys.some((line) => parsePublicKey(line)?.fingerprint === fingerprint));
  if (owner) return owner.name;
  throw new Refused(`The settings list no approver with the key ${fingerprint}: add it there, or say --as NAME.`);
}
