/** What one person's word began, and nobody has countersigned yet: each is a run that waits. */
import type { Client } from '@temporalio/client';
import type { SignedStatement } from '../../contract/approvals';
import { countersignUpdate, parseCountersigning, type OpenGlass } from '../../contract/countersigning';
import { searchAttributes } from '../../contract/ids';
import { Refused } from '../errors';
import { inputOf, sendUpdate } from '../run-control';

/** @param application default: every one of the zone */
export async function openGlasses(client: Client, zone: string, application?: string): Promise<OpenGlass[]> {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const query = [
    `WorkflowType = 'countersign' AND ExecutionStatus = 'Running'`,
    `${searchAttributes.zone.name} = ${quoted(zone)}`,
    ...(application === undefined ? [] : [`${searchAttributes.application.name} = ${quoted(application)}`]),
  ].join(' AND ');
  const found: OpenGlass[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const glass = parseCountersigning(await inputOf(client, { workflowId, runId }));
    // Who starts a run by hand may write anything: it is no glass then, and fails.
    if ('value' in glass) found.push(glass.value);
  }
  return found.toSorted((one, other) => one.at.localeCompare(other.at));
}

/** `Ana alone, at 2026-11-29T05:00:00.000Z: checkout is down`. */
export const formatGlass = ({ breaker, at, reason }: OpenGlass): string => `${breaker} alone, at ${at}: ${reason}`;

/** @throws {Refused} with the sentence why it doesn't count */
export async function countersign(
  client: Client,
  { workflow, run }: OpenGlass,
  signed: SignedStatement,
): Promise<void> {
  const handle = client.workflow.getHandle(`countersign/${workflow}/${run}`);
  await sendUpdate(handle, countersignUpdate.name, { signed }, () => `${workflow} waits for no countersignature.`);
}

/** @throws {Refused} when there is none, or several and none is named */
export function chosenGlass(glasses: readonly OpenGlass[], application: string, run?: string): OpenGlass {
  const fitting = run === undefined ? glasses : glasses.filter((one) => one.run === run);
  const [first, ...others] = fitting;
  if (!first) throw new Refused(`Nothing of ${application} is to be countersigned.`);
  if (others.length > 0)
    throw new Refused(
      `Say which run, with --run: ${fitting.map((one) => `${one.run} (${formatGlass(one)})`).join('; ')}.`,
    );
  return first;
}
