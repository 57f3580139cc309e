/** What each activity that writes would touch, by its input: all that a run's zone and application must be compared with. */
import { fromEcsTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import type { ServiceSettings } from '../../../planning/observed/observed';
import type { TargetGroupPlan } from '../../../planning/plans/target-group';
import type { PriorityRange, RoutePlan } from '../../../planning/routing/rule-set';
import type { RouteTargetGroups } from '../../../planning/routing/rule-states';
import type { TaskDefinition } from '../../../planning/release/task-definitions';
import type { Adoption } from '../../../planning/adoption/adoption';
import type { Tags } from '../../../planning/tags';

export interface Touched {
  /** Names or ARNs of services, target groups and task definitions. */
  readonly names?: readonly (string | null | undefined)[];
  /** Task definitions that something is to run: the application's own, or what its newest release says was before it. */
  readonly runs?: readonly string[];
  /** ARNs of listeners and of rules. */
  readonly listeners?: readonly (string | null)[];
  /** The same, where they may be of any listener of the load balancer. */
  readonly besides?: readonly (string | null)[];
  readonly applications?: readonly ApplicationIdentity[];
  /** What is to be written as tags. */
  readonly tags?: readonly Tags[];
  readonly priorities?: readonly PriorityRange[];
  readonly definition?: TaskDefinition;
  readonly service?: ServiceSettings;
  readonly targetGroup?: TargetGroupPlan;
}

/** As a table: what isn't in it only reads, and is compared by its site alone. */
export const touchedBy: Readonly<Record<string, (...given: never[]) => Touched>> = {
  registerTaskDefinition: (_: unknown, definition: TaskDefinition) => ({
    names: [definition.family],
    tags: [fromEcsTags(definition.tags)],
    definition,
  }),
  recordOutcome: (_: unknown, arn: string) => ({ names: [arn] }),
  recordReturn: (_: unknown, { taskDefinitionArn }: { readonly taskDefinitionArn: string }) => ({
    names: [taskDefinitionArn],
  }),
  recordApprovals: (_: unknown, arn: string) => ({ names: [arn] }),
  setService: (
    _: unknown,
    plan: { readonly name: string; readonly settings: ServiceSettings; readonly tags: Tags },
    taskDefinition: string,
    groups: string | readonly string[],
  ) => ({
    names: [plan.name, ...[groups].flat()],
    runs: [taskDefinition],
    tags: [plan.tags],
    service: plan.settings,
  }),
  setDesiredCount: (_: unknown, { service }: { readonly service: string }) => ({ names: [service] }),
  setFailureDetection: (_: unknown, { service }: { readonly service: string }) => ({ names: [service] }),
  deleteService: (_: unknown, service: string) => ({ names: [service] }),
  rollService: (
    _: unknown,
    plan: { readonly service: string; readonly taskDefinitionArn: string; readonly tags?: Tags },
  ) => ({ names: [plan.service], runs: [plan.taskDefinitionArn], tags: [plan.tags ?? {}] }),
  holdRoll: (_: unknown, service: string) => ({ names: [service] }),
  markAdopted: (_: unknown, adoption: Adoption) => ofAdoption(adoption),
  unmarkAdopted: (_: unknown, adoption: Adoption) => ofAdoption(adoption),
  settleAdoption: (_: unknown, route: RoutePlan, adoption: Adoption) => {
    const [one, other] = [ofRoute(route), ofAdoption(adoption)];
    const rules = route.port === undefined ? { listeners: [...one.listeners, ...other.besides] } : {};
    return { ...one, ...rules, names: other.names, tags: other.tags, besides: [...one.besides, ...other.besides] };
  },
  setRoute: (_: unknown, route: RoutePlan, __: unknown, groups: RouteTargetGroups) => ofMove(route, groups),
  setRoutes: (_: unknown, moves: readonly { readonly route: RoutePlan; readonly groups: RouteTargetGroups }[]) => {
    const each = moves.map(({ route, groups }) => ofMove(route, groups));
    return {
      names: each.flatMap(({ names }) => names),
      listeners: each.flatMap(({ listeners }) => listeners),
      besides: each.flatMap(({ besides }) => besides),
      applications: each.flatMap(({ applications }) => applications),
      priorities: each.flatMap(({ priorities }) => priorities),
    };
  },
  recordName: (_: unknown, route: RoutePlan) => ({ ...ofRoute({ ...route, rules: [] }), priorities: [] }),
  createTargetGroup: (_: unknown, plan: TargetGroupPlan) => ofGroup(plan),
  setTargetGroup: (_: unknown, arn: string, plan: TargetGroupPlan) => ({
    ...ofGroup(plan),
    names: [arn, plan.name, plan.replaces],
  }),
  setTargetGroupAttributes: (_: unknown, arn: string) => ({ names: [arn] }),
  deleteTargetGroup: (_: unknown, arn: string) => ({ names: [arn] }),
  moveAlarms: (_: unknown, from: string, to: string) => ({ names: [from, to] }),
  makeScaling: (_: unknown, __: unknown, to: Scaled, from: Scaled) => ({
    names: [to, from].flatMap(({ service, targetGroupArns }) => [service, ...targetGroupArns]),
  }),
  setScaling: (_: unknown, { service }: { readonly service: string }) => ({ names: [service] }),
  removeScaling: (_: unknown, service: string) => ({ names: [service] }),
  setTags: (_: unknown, arns: readonly string[], wanted: Tags) => ({
    names: arns.filter((arn) => !isRule(arn)),
    besides: arns.filter(isRule),
    tags: [wanted],
  }),
};

interface Scaled {
  readonly service: string;
  readonly targetGroupArns: readonly (string | null)[];
}

const isRule = (arn: string) => arn.includes(':listener-rule/');

/** Another port's rules may come behind all others, on any listener of the load balancer. */
function ofRoute({ listenerArn, application, priorities, rules, port }: RoutePlan) {
  const arns = [listenerArn, ...rules.map(({ arn }) => arn)];
  return {
    listeners: port === undefined ? arns : [],
    besides: port === undefined ? [] : arns,
    applications: [application],
    priorities: port === undefined ? [priorities] : [],
  };
}

const ofMove = (route: RoutePlan, { blue, green, attachedGroups = [] }: RouteTargetGroups) => ({
  ...ofRoute(route),
  names: [
    blue,
    green,
    ...attachedGroups,
    ...route.rules.flatMap(({ before }) => (before?.forward ?? []).map(({ targetGroupArn }) => targetGroupArn)),
  ],
});

const ofAdoption = ({ service, targetGroupArn, rules, marks }: Adoption) => ({
  names: [service, targetGroupArn],
  besides: rules.map(({ arn }) => arn),
  tags: [marks],
});

const ofGroup = (plan: TargetGroupPlan): Touched => ({
  names: [plan.name, plan.replaces],
  tags: [plan.tags],
  targetGroup: plan,
});

/** The application whose key tags bear, without its name; none where they bear none. */
export const taggedAs = (tags: Tags): ApplicationIdentity[] => {
  const { [tagKeys.zone]: zone, [tagKeys.key]: key } = tags;
  return zone === undefined && key === undefined ? [] : [{ zone: zone ?? '', name: '', key: key ?? '' }];
};
