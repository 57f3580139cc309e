/**
 * What the Temporal UI shows beside an activity's name in its timeline: what this call is about, with its numbers. Plain text and
 * short, for a row is. By resource, as the activities are; here, because workflows must not load what loads the AWS SDK.
 */
import type { ApprovalActivities } from '../../activities/approvals/index';
import type { CutActivities } from '../../activities/cut/index';
import type { AwsActivities, AwsWaits } from '../../activities/aws/index';
import type { FileActivities } from '../../activities/files/index';
import type { ProbeActivities } from '../../activities/probes/index';
import type { RouteKind } from '../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../planning/routing/rule-states';

export type Summaries<Activities> = {
  readonly [Name in keyof Activities]?: Activities[Name] extends (...args: infer Args) => unknown
    ? (...args: Args) => string
    : never;
};

/** ECS: services, task definitions and rolls. */
const ecs: Summaries<AwsActivities> = {
  registerTaskDefinition: (_, { family }) => `A task definition of ${family}`,
  setService: (_, { name, desiredCount }) => `${name} to ${tasks(desiredCount)}`,
  startService: (_, { name, desiredCount }) => `${name} to ${tasks(desiredCount)}`,
  setDesiredCount: (_, wanted) =>
    `${wanted.service} to ${'atLeast' in wanted ? `at least ${tasks(wanted.atLeast)}` : tasks(wanted.desiredCount)}`,
  makeScaling: (_, _scaling, { service }) => `${service} is scaled as blue is, but for now not at all`,
  setScaling: (_, { service, minimum }) =>
    `${service} is scaled${minimum === undefined ? '' : ` to at least ${tasks(minimum)}`}, as far as it isn't suspended`,
  moveAlarms: (_, from, to) => `What called the step policies of ${from} calls those of ${to}`,
  removeScaling: (_, service) => `${service} is scaled no more`,
  describeReplicas: (_, service) => `${service}`,
  confirmCount: (_, { wanted: { service, atLeast } }) =>
    `${service} to at least ${tasks(atLeast)}, on unchanged target groups`,
  rollService: (_, { service }) => `Replace the replicas of ${service}`,
  holdRoll: (_, service) => `Stop where ${service} is`,
};

/** The load balancer: target groups and rules. */
const elb: Summaries<AwsActivities> = {
  setFailureDetection: (_, { service }) => `ECS judges deployments of ${service} again`,
  setTags: (_, arns) => `${resources(arns.length)} with the tags of the settings`,
  createTargetGroup: (_, { name }) => `${name}`,
  setTargetGroup: (_, _arn, { name, healthCheck }) => `${name} checks ${healthCheck.path}`,
  setTargetGroupAttributes: (_, _arn, attributes) => `${Object.keys(attributes).length} attributes`,
  confirmTargetGroups: (_, green, blue) =>
    `${[...(green ? [green.plan.name] : []), ...(blue ? [nameOf(blue.arn)] : [])].join(' and ') || 'No target group'} must be unchanged`,
  setRoute: (_, { kind }, traffic, groups) => formatRoute(kind, traffic, groups),
  setRoutes: (_, moves, traffic) =>
    `${moves.length} load balancers: ${moves.map(({ route, groups }) => formatRoute(route.kind, traffic, groups)).join('; ')}`,
  attachTargetGroup: (_, { plan }) => `${plan.name}, and the test route to it`,
  confirmRoute: (_, { retired }) =>
    `The live rules must be unchanged${retired === null ? '' : `, and none lead to ${nameOf(retired)}`}`,
};

export const awsSummaries: Summaries<AwsActivities> = {
  mountsConfigurations: () => 'Whether its replicas mount an App.config',
  ...ecs,
  ...elb,
};

export const cutSummaries: Summaries<CutActivities> = {
  cutAtOnce: (_, [{ replicas }], _counted, { moves, traffic }) =>
    `${moves.map(({ route, groups }) => formatRoute(route.kind, traffic, groups)).join('; ')}, if ${replicas.service} is as it was verified`,
};

const plan = () => 'Reads everything, and decides once';

export const planningSummaries: Summaries<AwsActivities> = {
  planBlueGreenUnconfigured: plan,
  planRollingUpdateUnconfigured: plan,
  planBlueGreen: plan,
  planRollingUpdate: plan,
  planUndo: plan,
  planUpdateConfiguration: plan,
  planRemoval: plan,
  planRetirement: plan,
};

export const approvalSummaries: Summaries<ApprovalActivities> = {
  weighApprovals: ({ presented, asks }) =>
    presented.length > 0 ? 'What a signed approval is worth' : asks ? 'What is wanted' : 'Whether a cut may begin',
  weighCountersignature: ({ breaker }) => `Somebody other than ${breaker}`,
};

export const fileSummaries: Summaries<FileActivities> = {
  publishConfiguration: () => 'A copy of its App.config that never changes',
};

export const waitSummaries: Summaries<AwsWaits> = {
  waitForReplicas: (_, { service, count }) => `Until ${service} has ${count} healthy`,
  watchReplicas: (_, { service }, sharing) =>
    `${service} must stay healthy${typeof sharing === 'string' ? `, and ${sharing} keep a replica` : ''}`,
  confirmServing: ([{ replicas, route }]) =>
    `${replicas.service} must be healthy, the live rules unchanged${route.retired === null ? '' : `, and none lead to ${nameOf(route.retired)}`}`,
  waitForDrained: (_, service) => `Until ${service} has no task and no target`,
  waitForMovedTraffic: (_, { paths }) => `What the load balancer counts for ${paths.join(', ')}`,
  waitForRollProgress: (_, { service }, seen) =>
    seen === null ? `${service} begins to roll` : `${service}: ${seen.new} new, ${seen.old} old`,
};

export const probeSummaries: Summaries<ProbeActivities> = {
  verifyGreen: ([{ paths, replicas }]) =>
    `${modules(paths.length)} must answer three times, and ${replicas.service} be healthy`,
  confirmGreen: ([
    {
      paths,
      replicas: { service, count },
    },
  ]) => `Until ${service} has ${count} healthy and ${modules(paths.length)} answer; then who answers now`,
  watchVerified: ([{ paths, replicas }], known) =>
    `${replicas.service} ${known === null ? 'must stay healthy' : 'may get well again'}, and ${modules(paths.length)} answer, while people decide`,
  verifyModules: (_, paths) => `${modules(paths.length)} must answer three times`,
  watchModules: (_, paths) => `${modules(paths.length)} must go on answering`,
  describeReleases: (_, paths) => `Who answers for ${modules(paths.length)}`,
  describeEachReleases: (_, paths) => `Who answers for ${modules(paths.length)}, live and on the test route`,
  proveReleases: (_, { green }) => `Who answers for ${modules(Object.keys(green).length)} now, on every node`,
};

function formatRoute(kind: RouteKind, traffic: RouteTraffic, { blue, green }: RouteTargetGroups): string {
  if (kind === 'test') return traffic === 'gone' ? 'Remove the test route' : `Test route to ${nameOf(green)}`;
  if (traffic === 'before') return 'Live traffic as before';
  if (traffic === 'gone') return 'Remove the live rules';
  if (typeof traffic === 'string') return 'Only the modules that both releases have';
  return blue === green ? 'Every module of the new release' : `Green to ${traffic.green}%`;
}

/** The name of a target group, from its ARN. */
const nameOf = (arn: string) => arn.split('/')[1] ?? arn;

const counted = (noun: string) => (count: number) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const tasks = counted('task');
const resources = counted('resource');
const modules = counted('module');
