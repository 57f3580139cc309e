/** Plans a deployment: reads the settings and everything AWS says, and lets the planner decide. Writes nothing. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { PlanRequest } from '../../../planning/plans/deployment';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { blueOrAdoptedOf } from '../../../planning/adoption/adoption';
import { blueOf, servingOf, servingBase, type Serving } from '../../../planning/observed/blue';
import { refuseOtherLock } from '../../../planning/lock';
import { slotNames, slots, type ApplicationIdentity, type Slot, type SlotNames } from '../../../planning/names';
import type { Observed, ObservedSlot } from '../../../planning/observed/observed';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import { routeRules } from '../../../planning/routing/rule-set';
import { Refusal } from '../../../planning/refusal';
import { resolveRunbookOptions } from '../../../settings/runbook';
import type { ZoneSettings } from '../../../settings/schema';
import { writeLeaseMs } from '../../../contract/ids';
import type { DeploymentRequest, RunbookRequest } from '../../../contract/runbook-requests';
import type { Runbook } from '../../../contract/status';
import type { PublishedConfiguration } from '../../files/configuration';
import { poll } from '../../polling';
import { observeForeign } from './adoption';
import {
  findApplication,
  invalid,
  type ApplicationDependencies,
  type AskedApplication,
  type KnownApplication,
} from './applications';
import type { AwsClients, ClientsOf } from '../client/clients';
import { describeRelease } from '../ecr/images';
import { describeListener } from '../elb/listener-rules';
import { describeRulesElsewhere } from '../elb/load-balancers';
import { withScaling } from '../ecs/scaling';
import { observeService } from '../ecs/observed-services';
import { describeAttributes, describeTargetGroup, healthCheckOf } from '../elb/target-groups';

export interface PlanDependencies extends ApplicationDependencies {
  /** When the newest run of a workflow that was terminated or timed out closed. */
  readonly lastAbandonedRun: (workflowId: string) => Promise<Date | undefined>;
}

/** Lets writes of a terminated run land before anything is read: the plan must not miss them, and none begins any more. */
async function waitForEarlierWrites({ lastAbandonedRun }: PlanDependencies, workflowId: string): Promise<void> {
  const abandoned = await lastAbandonedRun(workflowId);
  await poll(() => Promise.resolve(!abandoned || Date.now() - abandoned.getTime() > writeLeaseMs || undefined), {
    everyMs: 500,
  });
}

/**
 * The plan of a deployment, as its strategy's planner makes it.
 * Effect: none.
 * Errors: `InvalidRequest` when something stands in the way, with a sentence that says what.
 */
export async function planDeployment<Plan extends object>(
  dependencies: PlanDependencies,
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
  strategy: Runbook,
  decide: (request: PlanRequest, observed: Observed) => Plan,
): Promise<Plan> {
  return await planning(dependencies, request, strategy, async (known, planRequest) =>
    decide(planRequest, await observe(dependencies.clientsOf, known, request, configuration)),
  );
}

/** What every plan begins with: whose it is, that nothing of an earlier run is under way, and how it is to be done. */
export async function planning<Plan extends object>(
  dependencies: PlanDependencies,
  request: RunbookRequest,
  strategy: Runbook,
  decide: (known: KnownApplication, request: PlanRequest) => Promise<Plan>,
): Promise<Plan> {
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  const known = await findApplication(dependencies, workflowId, request.application);
  await waitForEarlierWrites(dependencies, workflowId);
  return await refusing(async () => {
    const plan = await decide(known, planRequestOf(known, request, strategy, runId));
    refuseOtherLock(known.identity, workflowId, plan);
    return plan;
  });
}

/** What a planner is asked, with every option resolved. */
export function planRequestOf(
  { identity, zone, application, others }: KnownApplication,
  request: RunbookRequest,
  strategy: Runbook,
  runId: string,
): PlanRequest {
  const options = resolveRunbookOptions(request, application.deployment, zone.deployment, boundsOf(zone));
  const desiredCount = application.desiredCount ?? zone.desiredCount;
  const record = { strategy, by: request.by ?? null, reason: request.reason ?? null };
  return { runId, application: identity, options, zone, desiredCount, paths: application.paths, others, record };
}

const boundsOf = ({ service: { minimumHealthyPercent, maximumPercent } }: ZoneSettings) => ({
  minimumHealthyPercent,
  maximumPercent,
});

/** What AWS answers when the zone names something that isn't there: no retry can mend that. */
const settingsAreWrong: readonly string[] = ['NotFound', 'AwsRefused'];

/** A planner's refusal becomes the failure that ends the deployment before it began. */
export async function refusing<T>(decide: () => Promise<T>): Promise<T> {
  try {
    return await decide();
  } catch (error) {
    if (error instanceof Refusal) throw invalid(error.message);
    if (error instanceof ApplicationFailure && settingsAreWrong.includes(error.type ?? ''))
      throw invalid(`${error.message}: correct the zone's settings. Nothing was changed.`);
    throw error;
  }
}

/** What serves an application now: the slot that its winning rules forward to, another tool's service, or the Platform Server. */
export async function describeLive(
  dependencies: PlanDependencies,
  { zone: zoneName, application }: AskedApplication,
): Promise<Serving> {
  const known = await findApplication(dependencies, `${zoneName}/${application}`);
  const clients = dependencies.clientsOf(known.zone);
  const listener = await describeListener(clients.elb, known.zone.listener);
  return await describeLiveAt(clients, known, listener);
}

/** @throws {Refusal} as `InvalidRequest` when its rules lead to something that no slot has */
export async function describeLiveAt(
  clients: AwsClients,
  { identity, zone, application: { modules = [], paths } }: Omit<KnownApplication, 'others'>,
  listener: ObservedListener,
): Promise<Serving> {
  // An application without rules of its own needs no look at its slots.
  const found = routeRules(listener.rules, identity, 'live').length > 0;
  const slotsThere = found ? await observeSlots(clients, zone.cluster, identity, listener.rules) : [];
  const foreign = await observeForeign(clients, identity, zone, listener, modules, paths).catch(noneToAdopt);
  const serves = () => blueOrAdoptedOf(identity, listener, slotsThere, foreign?.service ? foreign : undefined);
  return await refusing(() => Promise.resolve(servingOf(serves())));
}

/** What can't be adopted is told by a plan; here it counts as what lies beyond the rules that are known. */
function noneToAdopt(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}

/** The live listener, that of the test route, and what the load balancer's others do. */
export async function observeListeners(
  elb: AwsClients['elb'],
  { listener, testListener }: Pick<ZoneSettings, 'listener' | 'testListener'>,
): Promise<Pick<Observed, 'liveListener' | 'testListener' | 'elsewhere'>> {
  const live = await describeListener(elb, listener);
  const test = testListener === undefined ? live : await describeListener(elb, testListener);
  return { liveListener: live, testListener: test, elsewhere: await describeRulesElsewhere(elb, live, [test]) };
}

/** An application's listeners and slots, and which of these serves. @throws {Refusal} when that can't be told */
export async function observeServing(clients: AwsClients, { identity, zone }: KnownApplication) {
  const listeners = await observeListeners(clients.elb, zone);
  const slots = await observeSlots(clients, zone.cluster, identity, listeners.liveListener.rules);
  return { listeners, slots, blue: blueOf(identity, listeners.liveListener, slots) };
}

/** @throws {Refusal} when the image can't be deployed */
export async function observe(
  clientsOf: ClientsOf,
  { identity, zone, application }: KnownApplication,
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
): Promise<Observed> {
  const clients = clientsOf(zone);
  const listeners = await observeListeners(clients.elb, zone);
  const release = await describeRelease(clientsOf, request.image, zone, {
    ...(request.modules && { asked: request.modules }),
    ...(application.modules && { fallback: application.modules }),
  });
  const slots = await observeSlots(clients, zone.cluster, identity, listeners.liveListener.rules);
  const foreign = await observeForeign(
    clients,
    identity,
    zone,
    listeners.liveListener,
    release.modules,
    application.paths,
  );
  return await withScaling(clients, zone.cluster, {
    ...listeners,
    slots,
    ...(foreign && { foreign }),
    release: { ...release, configuration: configuration?.sha256 ?? null },
  });
}

/** @param rules the live listener's: what serves may still bear the name from before a rename */
export function observeSlots(
  clients: AwsClients,
  cluster: string,
  identity: ApplicationIdentity,
  rules: readonly ListenerRule[] = [],
): Promise<ObservedSlot[]> {
  const base = servingBase(identity, rules);
  return Promise.all(slots.map((slot) => observeSlot(clients, cluster, slotNames(identity, slot, base), slot)));
}

async function observeSlot(clients: AwsClients, cluster: string, names: SlotNames, slot: Slot): Promise<ObservedSlot> {
  const service = await observeService(clients.ecs, cluster, names.service);
  const group = await describeTargetGroup(clients.elb, names.targetGroup);
  const targetGroupArn = group?.TargetGroupArn ?? null;
  const attributes = targetGroupArn === null ? {} : await describeAttributes(clients.elb, targetGroupArn);
  return { slot, service, targetGroupArn, attributes, ...(group && { healthCheck: healthCheckOf(group) }) };
}
