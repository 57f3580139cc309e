/**
 * How every runbook comes to its plan: AWS is read, and planning decides. Nothing is written, and nothing of an earlier run is
 * under way any more when the reading begins.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { changePlan, planDemand, sealed, unasked } from '../../../planning/approvals/demand';
import { refuseOtherLock } from '../../../planning/lock';
import type { ActiveCluster } from '../../../planning/site';
import type { PlanRequest } from '../../../planning/plans/plan-request';
import { Refusal } from '../../../planning/refusal';
import { resolveRunbookOptions } from '../../../settings/runbook';
import type { ZoneSettings } from '../../../settings/schema';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { Runbook } from '../../../contract/status';
import type { ClientsOf } from '../client/clients';
import { findApplication, invalid, type ApplicationDependencies, type KnownApplication } from './applications';
import { readAfterEarlierWrites, type EarlierRuns } from './earlier-writes';

export interface PlanDependencies extends ApplicationDependencies {
  /** What is known of a workflow's runs before the one that asks. */
  readonly earlierRuns: (workflowId: string, asking: string) => Promise<EarlierRuns>;
  /** Where the run's namespace is active now. Default: it is in one Temporal cluster. */
  readonly activeCluster?: () => Promise<ActiveCluster | undefined>;
}

/** What a runbook's plan is made of; both may throw a {@link Refusal}. */
export interface RunbookPlanner<Seen, Plan> {
  readonly read: (clientsOf: ClientsOf, known: KnownApplication) => Promise<Seen>;
  readonly decide: (request: PlanRequest, seen: Seen) => Plan;
}

/**
 * The plan of the runbook whose workflow calls.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way, with a sentence that says what
 */
export async function planRunbook<Seen, Plan extends object>(
  dependencies: PlanDependencies,
  runbook: Runbook,
  request: RunbookRequest,
  { read, decide }: RunbookPlanner<Seen, Plan>,
): Promise<Plan> {
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  return await marked(dependencies, async () => {
    const known = await findApplication(dependencies, workflowId, request.application);
    const activeCluster = await dependencies.activeCluster?.();
    return await refusing(async () => {
      const seen = await readAfterEarlierWrites(
        () => dependencies.earlierRuns(workflowId, runId),
        () => read(dependencies.clientsOf, known),
      );
      const asked = planRequestOf(known, runbook, request, runId);
      const plan = gated(runbook, known.zone, decide({ ...asked, ...(activeCluster && { activeCluster }) }, seen));
      refuseOtherLock(known.identity, workflowId, plan);
      return sealed(plan);
    });
  });
}

/** What brings a release is judged by gates; an undo is the way out of one, and waits for nobody's numbers. */
export function gated<Plan extends object>(runbook: Runbook, { gates }: ZoneSettings, plan: Plan): Plan {
  const names = Object.keys(gates);
  const isJudged = ['blueGreen', 'rollingUpdate', 'updateConfiguration'].includes(runbook);
  return isJudged && names.length > 0 ? changePlan(plan, (own) => ({ ...own, gates: names })) : plan;
}

/** Where the settings name an audit or channels of news, the plan says so, and so does a refusal: either is told there. */
async function marked<Plan extends object>(
  { settings }: PlanDependencies,
  planned: () => Promise<Plan>,
): Promise<Plan> {
  const mark = (): object | undefined => {
    const { audit, notifications } = settings();
    const listening = { ...(audit && { audited: true }), ...(notifications.channels.length > 0 && { notified: true }) };
    return Object.keys(listening).length > 0 ? listening : undefined;
  };
  try {
    const plan = await planned();
    const listening = mark();
    return listening ? changePlan(plan, (own) => ({ ...own, ...listening })) : plan;
  } catch (error) {
    const listening = mark();
    if (!(error instanceof ApplicationFailure) || error.type !== 'InvalidRequest' || !listening) throw error;
    const { message, type } = error;
    throw ApplicationFailure.create({ message, type, nonRetryable: true, details: [listening] });
  }
}

/** What a planner is asked, with every option resolved. */
export function planRequestOf(
  { identity, zone, application, others }: KnownApplication,
  runbook: Runbook,
  request: RunbookRequest,
  runId: string,
): PlanRequest {
  const settings = { ...zone.deployment, ...unasked(runbook, zone.approvals) };
  const options = resolveRunbookOptions(request, settings, boundsOf(zone));
  const record = { strategy: runbook, by: request.by ?? null, reason: request.reason ?? null };
  const { desiredCount } = zone;
  const demand = planDemand({ policy: zone.approvals, runbook, input: request, zone: settings, options });
  return {
    runId,
    application: identity,
    options,
    zone,
    desiredCount,
    paths: application.paths,
    others,
    record,
    ...(demand && { demand }),
  };
}

const boundsOf = ({ service: { minimumHealthyPercent, maximumPercent } }: ZoneSettings) => ({
  minimumHealthyPercent,
  maximumPercent,
});

/** What AWS answers when the zone names something that isn't there: no retry can mend that. */
const settingsAreWrong: readonly string[] = ['NotFound', 'AwsRefused'];

/** Runs work whose refusals become the failure that ends a deployment before it began. */
export async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw invalid(error.message);
    if (error instanceof ApplicationFailure && settingsAreWrong.includes(error.type ?? ''))
      throw invalid(`${error.message}: correct the zone's settings. Nothing was changed.`);
    throw error;
  }
}
