/**
 * Steps that always follow each other, as one activity: what they are made of is idempotent each, and an attempt begins with the
 * first, which finds done what an earlier one did. Each of Temporal's activities costs six events of a history.
 */
import { asPart, heartbeating } from '../polling';
import type { ReliedTargetGroup } from '../../planning/observed/drift';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import type { RoutePlan } from '../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../planning/routing/rule-states';
import type { Site } from '../../planning/site';
import type { Replicas } from './ecs/replica-health';
import type { replicaActivities, replicaWaits } from './ecs/replicas';
import type { DeploymentRequest } from '../../contract/runbook-requests';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RollingUpdatePlan } from '../../planning/plans/rolling-update';
import type { planActivities } from './plans';
import type { TaskDefinition } from '../../planning/release/task-definitions';
import type { taskDefinitionActivities } from './ecs/task-definitions';
import type { ServicePlan } from '../../planning/plans/green';
import type { serviceActivities, WantedCount } from './ecs/services';
import type { driftActivities, GreenTargetGroup } from './elb/drift';
import type { ExpectedRoute, ruleSetActivities } from './elb/rule-set';
import type { targetGroupActivities } from './elb/target-groups';

/** What they are made of. */
type Parts = Pick<ReturnType<typeof planActivities>, 'mountsConfigurations' | 'planBlueGreen' | 'planRollingUpdate'> &
  Pick<ReturnType<typeof targetGroupActivities>, 'createTargetGroup' | 'setTargetGroup' | 'setTargetGroupAttributes'> &
  Pick<ReturnType<typeof taskDefinitionActivities>, 'registerTaskDefinition'> &
  Pick<ReturnType<typeof ruleSetActivities>, 'setRoute'> &
  Pick<ReturnType<typeof driftActivities>, 'confirmTargetGroups'> &
  Pick<ReturnType<typeof replicaActivities>, 'describeReplicas'> &
  Pick<ReturnType<typeof serviceActivities>, 'setDesiredCount' | 'setService'>;

/** A target group, and the route that attaches it. */
export interface AttachedTargetGroup {
  readonly plan: TargetGroupPlan;
  readonly attributes: Readonly<Record<string, string>>;
  readonly route: RoutePlan;
  readonly traffic: RouteTraffic;
  /** Those of the route besides the group itself. */
  readonly groups: Omit<RouteTargetGroups, 'green'>;
}

/** What a service is to want at least, while what was proven of target groups still holds. */
export interface ConfirmedCount {
  readonly relied: readonly {
    readonly green: GreenTargetGroup;
    readonly blue: ReliedTargetGroup | null;
  }[];
  readonly wanted: Extract<WantedCount, { readonly atLeast: number }>;
  /** The service whose count it is to have at least; `null` for none. */
  readonly like: string | null;
  /** What target groups count for from now on, before they are confirmed. Default: as before. */
  readonly counts?: readonly {
    readonly targetGroupArn: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
}

export const stepsTogether = (aws: Parts) => ({
  /** `mountsConfigurations`, then `planBlueGreen`; `null` where replicas mount one, which is published before. */
  async planBlueGreenUnconfigured(request: DeploymentRequest): Promise<DeploymentPlan | null> {
    return (await aws.mountsConfigurations(request.application)) ? null : await aws.planBlueGreen(request, null);
  },

  /** `mountsConfigurations`, then `planRollingUpdate`; `null` where replicas mount one, which is published before. */
  async planRollingUpdateUnconfigured(request: DeploymentRequest): Promise<RollingUpdatePlan | null> {
    return (await aws.mountsConfigurations(request.application)) ? null : await aws.planRollingUpdate(request, null);
  },

  /**
   * `registerTaskDefinition` where one is given, `createTargetGroup`, `setTargetGroup`, `setTargetGroupAttributes` and `setRoute`.
   * @returns the ARNs; `null` for a task definition that wasn't given
   */
  async attachTargetGroup(
    site: Site,
    { plan, attributes, route, traffic, groups }: AttachedTargetGroup,
    definition: TaskDefinition | null,
  ): Promise<{ readonly targetGroupArn: string; readonly taskDefinitionArn: string | null }> {
    const taskDefinitionArn = definition && (await aws.registerTaskDefinition(site, definition));
    const targetGroupArn = await aws.createTargetGroup(site, plan);
    await aws.setTargetGroup(site, targetGroupArn, plan);
    await aws.setTargetGroupAttributes(site, targetGroupArn, attributes);
    await aws.setRoute(site, route, traffic, { ...groups, green: targetGroupArn });
    return { targetGroupArn, taskDefinitionArn };
  },

  /** `describeReplicas` and `setService`. @returns the ARNs of its tasks that have stopped already: these are no sign of trouble */
  async startService(
    site: Site,
    plan: ServicePlan,
    taskDefinition: string,
    groups: string | readonly string[],
  ): Promise<readonly string[]> {
    const { stoppedTasks } = await aws.describeReplicas(site, plan.name);
    await aws.setService(site, plan, taskDefinition, groups);
    return stoppedTasks;
  },

  /**
   * `setTargetGroupAttributes`, `confirmTargetGroups`, `describeReplicas` and `setDesiredCount`.
   * @returns how many replicas the service wants at least
   */
  async confirmCount(site: Site, { relied, wanted, like, counts = [] }: ConfirmedCount): Promise<number> {
    for (const { targetGroupArn, attributes } of counts)
      await aws.setTargetGroupAttributes(site, targetGroupArn, attributes);
    for (const { green, blue } of relied) await aws.confirmTargetGroups(site, green, blue);
    const others = like === null ? 0 : (await aws.describeReplicas(site, like)).desiredCount;
    const atLeast = Math.max(wanted.atLeast, others);
    await aws.setDesiredCount(site, { ...wanted, atLeast });
    return atLeast;
  },
});

/** What serves, and the rules that lead to it, behind one load balancer. */
export interface ServingThrough {
  readonly site: Site;
  readonly replicas: Replicas;
  readonly route: ExpectedRoute;
}

type Looks = Pick<ReturnType<typeof replicaWaits>, 'waitForReplicas'> &
  Pick<ReturnType<typeof ruleSetActivities>, 'confirmRoute'>;

export const looksTogether = (aws: Looks) => ({
  /** `waitForReplicas` behind each load balancer, then `confirmRoute` at each. */
  async confirmServing(each: readonly [ServingThrough, ...ServingThrough[]]): Promise<void> {
    for (const { site, replicas } of each) await asPart(async () => await aws.waitForReplicas(site, replicas));
    for (const { site, route } of each)
      await asPart(async () => await heartbeating(async () => await aws.confirmRoute(site, route)));
  },
});
