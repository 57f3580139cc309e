/** What somebody who has signed in may do: the command line's commands, by the same client and rules, in the name that was proven. */
import { z } from 'zod';
import type { Deployments } from '../client/deployments';
import { Refused } from '../client/errors';
import { statementOf } from '../client/approvals/sign';
import { commandNames } from '../contract/commands';
import type { Settings } from '../settings/schema';

const asked = z.strictObject({
  zone: z.string().min(1).max(50),
  application: z.string().min(1).max(200),
  /** What was looked at: no other run hears the command. */
  run: z.string().min(1).max(100),
  name: z.enum(commandNames),
  reason: z.string().max(1_000).optional(),
});
export type AskedCommand = z.infer<typeof asked>;

/** @returns `undefined` for what is none */
export const parseCommand = (body: unknown): AskedCommand | undefined => asked.safeParse(body).data;

/** What is to be proven at the issuer before it is sent: an approval that the settings want signed. */
export interface ToBeSigned extends AskedCommand {
  readonly statement: string;
}

/**
 * Sends it, unless it has to be signed first.
 * @returns what is to be signed. @throws {Refused} with the sentence why not
 */
export async function command(
  deployments: Deployments,
  settings: Settings,
  sent: AskedCommand,
  by: string,
): Promise<ToBeSigned | undefined> {
  const { zone, application, run, name, reason } = sent;
  if (!Object.hasOwn(settings.zones, zone)) throw new Refused(`There is no zone ${zone} in the settings.`);
  const target = { zone, application };
  const statement = name === 'approve' ? await statementFor(deployments, sent, by) : undefined;
  if (statement !== undefined) return { ...sent, statement };
  await deployments.command(target, name, { by, ...(reason && { reason }) }, run);
  return undefined;
}

/** `undefined` where a name is enough. */
async function statementFor(deployments: Deployments, sent: AskedCommand, by: string): Promise<string | undefined> {
  const { zone, application, run, reason } = sent;
  const { approvals, runId } = await deployments.status({ zone, application });
  if (runId !== undefined && runId !== run)
    throw new Refused('Another deployment runs by now, and nothing was approved: look at it first.');
  if (approvals === undefined || approvals.approvers.length === 0) return undefined;
  const { moment, workflow, plan, image, approvers } = approvals;
  if (moment === null) throw new Refused('Nothing waits for an approval now.');
  if (!approvers.includes(by)) throw new Refused(`${by} is none of its approvers: ${approvers.join(', ')}.`);
  return statementOf({ approval: moment, workflow, run, plan, image }, by, reason ? { reason } : {});
}

/** Sends an approval that was signed. @throws {Refused} with the runbook's own sentence */
export async function approveSigned(
  deployments: Deployments,
  { statement, ...sent }: ToBeSigned,
  token: string,
): Promise<void> {
  const { zone, application, run } = sent;
  await deployments.command({ zone, application }, 'approve', { signed: { statement, token } }, run);
}
