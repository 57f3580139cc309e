/** The activities that talk to AWS. Each write checks first that its run is the one that planned it. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { DeploymentPlan, WarmRelease } from '../../planning/plans/deployment';
import type { ReliedTargetGroup } from '../../planning/observed/drift';
import type { ServicePlan } from '../../planning/plans/green';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import type { ApplicationIdentity } from '../../planning/names';
import type { Site } from '../../planning/site';
import type { PlannedDeployment } from '../../planning/plans/by-strategy';
import type { RetirementPlan } from '../../planning/plans/retirement';
import type { RemovalPlan } from '../../planning/plans/removal';
import type { RollingUpdatePlan } from '../../planning/plans/rolling-update';
import type { RoutePlan } from '../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../planning/routing/rule-states';
import type { TaskDefinition } from '../../planning/release/task-definitions';
import { formatDuration } from '../../settings/durations';
import type {
  DeploymentRequest,
  PlatformApplication,
  RunbookRequest,
  RetirementRequest,
} from '../../contract/runbook-requests';
import type { Evidence, RollProgress } from '../../contract/status';
import { refuseOtherRuns } from '../fence';
import type { PublishedConfiguration } from '../files/configuration';
import type { Adoption } from '../../planning/adoption/adoption';
import { markRules, settleAdoption, unmarkRules } from './plans/adoption';
import { planUpdateConfiguration } from './plans/configuration-update';
import { eachHeartbeating, poll, waitedMs } from '../polling';
import { describeReferences, type KnownTaskDefinitions } from './questions/configuration-references';
import { describeEvidence } from './questions/evidence';
import { recordOutcome, recordReturn } from './questions/releases';
import { findApplication } from './plans/applications';
import { planBlueGreenDeployment, planRollingDeployment } from './plans/deployment';
import type { PlanDependencies } from './plans/runbook-plan';
import {
  allHealthy,
  observeReplicas,
  progressOf,
  refuseNewTrouble,
  refuseNoReplica,
  refuseTrouble,
  type ReplicaCounts,
  type Replicas,
} from './ecs/replicas';
import { deleteService, deleteTargetGroup, planRemoval } from './plans/removal';
import { describeRoll, holdRoll, rollService, type RollPlan } from './ecs/rolls';
import { confirmRoute, recordName, setRoute, type RouteChange } from './elb/rule-set';
import { describeService, setDesiredCount, setService, type CountBound } from './ecs/services';
import { confirmTargetGroups, type GreenTargetGroup } from './elb/drift';
import { createTargetGroup, describeTargets, setTargetGroup, setTargetGroupAttributes } from './elb/target-groups';
import { registerTaskDefinition } from './ecs/task-definitions';
import { describeTasks } from './ecs/tasks';
import { planUndo } from './plans/undo';
import { planRetirement } from './plans/retirement';

export interface AwsDependencies extends PlanDependencies {
  /** Between two looks at what is waited for; default 1 s. */
  readonly pollMs?: number;
}

export type AwsActivities = ReturnType<typeof awsActivities>;
export type AwsWaits = ReturnType<typeof awsWaits>;

/** Reads, and writes of one AWS call each (a set of rules: call by call). All of them heartbeat. */
export function awsActivities(dependencies: AwsDependencies) {
  const at = (site: Site) => dependencies.clientsOf(site);
  const known: KnownTaskDefinitions = new Map();
  const writing = (site: Site) => {
    refuseOtherRuns(site);
    return at(site);
  };
  return eachHeartbeating({
    /** Whether replicas in the workflow's zone mount a configuration, so that a worker with its folders is needed. */
    async mountsConfigurations(given?: PlatformApplication): Promise<boolean> {
      const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
      return (await findApplication(dependencies, workflowId, given)).zone.configuration !== undefined;
    },

    planBlueGreen: (request: DeploymentRequest, published: PublishedConfiguration | null): Promise<DeploymentPlan> =>
      planBlueGreenDeployment(dependencies, request, published),

    planRollingUpdate: (
      request: DeploymentRequest,
      published: PublishedConfiguration | null,
    ): Promise<RollingUpdatePlan> => planRollingDeployment(dependencies, request, published),

    planUpdateConfiguration: (request: RunbookRequest, published: PublishedConfiguration | null) =>
      planUpdateConfiguration(dependencies, request, published),

    planUndo: (request: RunbookRequest): Promise<PlannedDeployment> => planUndo(dependencies, request),

    planRetirement: (request: RetirementRequest): Promise<RetirementPlan> => planRetirement(dependencies, request),

    planRemoval: (request: RunbookRequest): Promise<RemovalPlan> => planRemoval(dependencies, request),

    markAdopted: (site: Site, adoption: Adoption): Promise<void> => markRules(writing(site).elb, adoption),

    unmarkAdopted: (site: Site, adoption: Adoption): Promise<void> => unmarkRules(writing(site).elb, adoption),

    settleAdoption: (site: Site, route: RoutePlan, adoption: Adoption): Promise<{ readonly deleted: number }> =>
      settleAdoption(writing(site).elb, route.listenerArn, route.application, adoption),

    deleteService: (site: Site, service: string): Promise<void> => deleteService(writing(site).ecs, site, service),

    deleteTargetGroup: (site: Site, arn: string): Promise<void> => deleteTargetGroup(writing(site).elb, arn),

    /** A release that an undo brought back as it was. Effect: one TagResource. */
    recordReturn: (site: Site, warm: WarmRelease): Promise<void> => recordReturn(writing(site).ecs, warm),

    /** Of an application's copies of configurations, those that a task definition still refers to. */
    describeConfigurationReferences: (
      site: Site,
      application: ApplicationIdentity,
      copies: readonly string[],
    ): Promise<string[]> => describeReferences({ ecs: at(site).ecs, known }, site, application, copies),

    recordOutcome: (site: Site, taskDefinitionArn: string, outcome: 'completed' | 'rolledBack'): Promise<void> =>
      recordOutcome(writing(site).ecs, taskDefinitionArn, outcome),

    registerTaskDefinition: (site: Site, definition: TaskDefinition): Promise<string> =>
      registerTaskDefinition(writing(site).ecs, definition),

    createTargetGroup: (site: Site, plan: TargetGroupPlan): Promise<string> =>
      createTargetGroup(writing(site).elb, plan),

    setTargetGroup: (site: Site, arn: string, plan: TargetGroupPlan): Promise<void> =>
      setTargetGroup(writing(site).elb, arn, plan),

    setTargetGroupAttributes: (site: Site, arn: string, attributes: Readonly<Record<string, string>>): Promise<void> =>
      setTargetGroupAttributes(writing(site).elb, arn, attributes),

    confirmTargetGroups: (site: Site, green: GreenTargetGroup | null, blue: ReliedTargetGroup | null): Promise<void> =>
      confirmTargetGroups(at(site).elb, green, blue),

    setRoute: (site: Site, route: RoutePlan, traffic: RouteTraffic, groups: RouteTargetGroups): Promise<RouteChange> =>
      setRoute(writing(site).elb, route, traffic, groups),

    confirmRoute: (
      site: Site,
      route: RoutePlan,
      traffic: RouteTraffic,
      groups: RouteTargetGroups,
      retired: string | null,
    ): Promise<void> => confirmRoute(at(site).elb, route, traffic, groups, retired),

    /** Tags of an application's live rules say its present name. Effect: at most one AddTags. */
    recordName: (site: Site, route: RoutePlan): Promise<void> => recordName(writing(site).elb, route),

    setService: (site: Site, plan: ServicePlan, taskDefinitionArn: string, targetGroupArn: string): Promise<void> =>
      setService(writing(site).ecs, site, plan, taskDefinitionArn, targetGroupArn),

    setDesiredCount: (
      site: Site,
      service: string,
      desiredCount: number,
      expected?: string,
      bound?: CountBound,
    ): Promise<void> => setDesiredCount(writing(site).ecs, site.cluster, service, desiredCount, expected, bound),

    describeEvidence: (site: Site, service: string, targetGroupArn: string | null): Promise<Evidence> =>
      describeEvidence(at(site), site, service, targetGroupArn),

    rollService: (site: Site, plan: RollPlan): Promise<void> => rollService(writing(site), site.cluster, plan),

    holdRoll: (site: Site, service: string): Promise<void> => holdRoll(writing(site), site.cluster, service),

    /** How many replicas a service wants and has, and which of its tasks had stopped already; none without a service. */
    async describeReplicas(site: Site, service: string): Promise<ReplicaCounts> {
      const found = await describeService(at(site).ecs, site.cluster, service);
      if (!found) return { desiredCount: 0, runningCount: 0, stoppedTasks: [] };
      const stopped = await describeTasks(at(site), site.cluster, service, 'STOPPED');
      const { desiredCount = 0, runningCount = 0 } = found;
      return { desiredCount, runningCount, stoppedTasks: stopped.map(({ taskArn = '' }) => taskArn) };
    },
  });
}

/** Waits for observed facts; they change nothing, and a cancellation ends them. */
export function awsWaits({ clientsOf, pollMs = 1_000 }: AwsDependencies) {
  return {
    /**
     * Returns when every replica is healthy.
     * Errors: `GreenUnhealthy` at the first task that stops or target that fails, or after the time limit; `NoCapacity`;
     * `ServiceChangedByOthers` when it wants no replica any more, for then none comes however long one waits.
     */
    async waitForReplicas(site: Site, replicas: Replicas): Promise<void> {
      const clients = clientsOf(site);
      await poll(
        async (tell) => {
          const observed = await observeReplicas(clients, site.cluster, replicas);
          if (allHealthy(observed, replicas)) return true;
          await refuseTrouble(clients, observed, replicas);
          refuseNoReplica(replicas.service, observed.service);
          if (waitedMs() > replicas.timeoutMs) throw notInTime(replicas, progressOf(observed));
          tell(progressOf(observed));
          return undefined;
        },
        { everyMs: pollMs },
      );
    },

    /**
     * Returns how far a roll is once that differs from what was seen, and when it is complete.
     * Errors: as `waitForReplicas`; `NoProgress` when the service's bounds leave no way; `ServiceChangedByOthers` when it wants
     * no replica any more; `TargetGroupChangedByOthers`. The time limit is for each change.
     * @param relied the target group as it must stay; `null` where the way back goes on in spite of a change
     */
    async waitForRollProgress(
      site: Site,
      replicas: Replicas,
      seen: RollProgress | null,
      relied: ReliedTargetGroup | null = null,
    ): Promise<RollProgress> {
      const clients = clientsOf(site);
      let looks = 0;
      return await poll(
        async (tell) => {
          if (looks++ % looksForEachConfirmation === 0) await confirmTargetGroups(clients.elb, null, relied);
          const now = await describeRoll(clients, site.cluster, replicas);
          tell(rollText(now));
          if (now.complete || JSON.stringify(now) !== JSON.stringify(seen)) return now;
          if (waitedMs() > replicas.timeoutMs) throw notInTime(replicas, rollText(now));
          return undefined;
        },
        { everyMs: pollMs },
      );
    },

    /**
     * Never returns by itself: fails when a replica gets into trouble, ends when it is cancelled.
     * @param sharing the service that has the rest of live traffic, if any; it fails as well when that one is to run nothing
     */
    async watchReplicas(site: Site, replicas: Replicas, sharing: string | null = null): Promise<void> {
      const clients = clientsOf(site);
      await poll(
        async (tell) => {
          const observed = await observeReplicas(clients, site.cluster, replicas);
          await refuseNewTrouble(clients, observed, replicas);
          if (sharing !== null) refuseNoReplica(sharing, await describeService(clients.ecs, site.cluster, sharing));
          tell(progressOf(observed));
          return undefined;
        },
        { everyMs: pollMs },
      );
    },

    /** Returns when no task of the service runs and no target of it is registered any more. */
    async waitForDrained(site: Site, serviceName: string, targetGroupArn: string | null): Promise<void> {
      const clients = clientsOf(site);
      await poll(
        async (tell) => {
          const service = await describeService(clients.ecs, site.cluster, serviceName);
          const running = service ? (service.runningCount ?? 0) + (service.pendingCount ?? 0) : 0;
          const targets = targetGroupArn === null ? [] : await describeTargets(clients.elb, targetGroupArn);
          const left = targets.filter(({ TargetHealth }) => TargetHealth?.State !== 'unused');
          tell(`${running} tasks and ${left.length} targets are left`);
          return running === 0 && left.length === 0 ? true : undefined;
        },
        { everyMs: pollMs },
      );
    },
  };
}

/** Its calls are two more than a look at the replicas takes. */
const looksForEachConfirmation = 5;

const rollText = ({ new: fresh, starting, old, draining }: RollProgress) =>
  `${fresh} new, ${starting} starting, ${old} old, ${draining} draining`;

const notInTime = ({ service, timeoutMs }: Replicas, progress: string) =>
  ApplicationFailure.nonRetryable(
    `${service} was not healthy within ${formatDuration(timeoutMs)}: ${progress}.`,
    'GreenUnhealthy',
  );
