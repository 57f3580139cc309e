/**
 * What the Temporal UI shows beside an activity's name in its timeline: what this call is about, with its numbers. Texts, not
 * Markdown, and short: the row is.
 */
import type { AwsActivities, AwsWaits } from '../../activities/aws/index';
import type { FileActivities } from '../../activities/files/index';
import type { ProbeActivities } from '../../activities/probes/index';
import type { RouteKind } from '../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../planning/routing/rule-states';

type Summaries<Activities> = {
  readonly [Name in keyof Activities]?: Activities[Name] extends (...args: infer Args) => unknown
    ? (...args: Args) => string
    : never;
};

/** The limit that Temporal documents is 200 bytes. */
const longest = 180;

interface Summarized {
  executeWithOptions(options: { readonly summary: string }, args: readonly unknown[]): Promise<unknown>;
}

/** The same activities, each call with its summary. */
export function summarized<Activities extends object>(
  activities: Activities,
  summaries: Summaries<Activities>,
): Activities {
  return new Proxy(activities, {
    get(target, name) {
      const activity = Reflect.get(target, name) as Summarized & ((...args: unknown[]) => unknown);
      const summarize = (summaries as Readonly<Record<string | symbol, (...args: unknown[]) => string>>)[name];
      if (!summarize) return activity;
      return (...args: unknown[]) =>
        activity.executeWithOptions({ summary: summarize(...args).slice(0, longest) }, args);
    },
  });
}

export const awsSummaries: Summaries<AwsActivities> = {
  mountsConfigurations: () => 'Whether its replicas mount an App.config',
  registerTaskDefinition: (_, { family }) => `A task definition of ${family}`,
  createTargetGroup: (_, { name }) => `${name}`,
  setTargetGroup: (_, _arn, { name, healthCheck }) => `${name} checks ${healthCheck.path}`,
  setTargetGroupAttributes: (_, _arn, attributes) => `${Object.keys(attributes).length} attributes`,
  confirmTargetGroups: (_, green, blue) =>
    `${[...(green ? [green.plan.name] : []), ...(blue ? [nameOf(blue.arn)] : [])].join(' and ') || 'No target group'} must be unchanged`,
  setRoute: (_, { kind }, traffic, groups) => route(kind, traffic, groups),
  confirmRoute: (_, _route, _traffic, _groups, retired) =>
    `The live rules must be unchanged${retired === null ? '' : `, and none lead to ${nameOf(retired)}`}`,
  setService: (_, { name, desiredCount }) => `${name} to ${tasks(desiredCount)}`,
  setDesiredCount: (_, service, desiredCount, _expected, bound) =>
    `${service} to ${bound === 'atLeast' ? 'at least ' : ''}${tasks(desiredCount)}`,
  describeReplicas: (_, service) => `${service}`,
  rollService: (_, { service }) => `Replace the replicas of ${service}`,
  holdRoll: (_, service) => `Stop where ${service} is`,
};

const plans = () => 'Reads everything, and decides once';

export const planningSummaries: Summaries<AwsActivities> = {
  planBlueGreen: plans,
  planRollingUpdate: plans,
  planUndo: plans,
  planUpdateConfiguration: plans,
  planRemoval: plans,
  planRetirement: plans,
};

export const fileSummaries: Summaries<FileActivities> = {
  publishConfiguration: () => 'A copy of its App.config that never changes',
};

export const waitSummaries: Summaries<AwsWaits> = {
  waitForReplicas: (_, { service, count }) => `Until ${service} has ${count} healthy`,
  watchReplicas: (_, { service }, sharing) =>
    `${service} must stay healthy${typeof sharing === 'string' ? `, and ${sharing} keep a replica` : ''}`,
  waitForDrained: (_, service) => `Until ${service} has no task and no target`,
  waitForRollProgress: (_, { service }, seen) =>
    seen === null ? `${service} begins to roll` : `${service}: ${seen.new} new, ${seen.old} old`,
};

export const probeSummaries: Summaries<ProbeActivities> = {
  verifyModules: (_, paths) => `${modules(paths.length)} must answer three times`,
  watchModules: (_, paths) => `${modules(paths.length)} must go on answering`,
  describeReleases: (_, paths) => `Who answers for ${modules(paths.length)}`,
  proveReleases: (_, { green }) => `Who answers for ${modules(Object.keys(green).length)} now, on every node`,
};

function route(kind: RouteKind, traffic: RouteTraffic, { blue, green }: RouteTargetGroups): string {
  if (kind === 'test') return traffic === 'gone' ? 'Remove the test route' : `Test route to ${nameOf(green)}`;
  if (traffic === 'before') return 'Live traffic as before';
  if (traffic === 'gone') return 'Remove the live rules';
  if (typeof traffic === 'string') return 'Only the modules that both releases have';
  return blue === green ? 'Every module of the new release' : `Green to ${traffic.green}%`;
}

/** Of a target group, from its ARN. */
const nameOf = (arn: string) => arn.split('/')[1] ?? arn;

const counted = (noun: string) => (count: number) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const tasks = counted('task');
const modules = counted('module');
