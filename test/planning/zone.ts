/** A zone as planners see it in tests: nothing in it but what a test puts there. */
import type { ListenerRule, RuleElsewhere, RuleState, ObservedListener } from '../../planning/routing/listener-rules';
import { applicationTags, tagKeys, type ApplicationIdentity } from '../../planning/names';
import type { Observed, ObservedService, ObservedSlot } from '../../planning/observed/observed';
import type { Scaling } from '../../planning/scaling/scaling';
import type { Release } from '../../planning/release/release';
import { resolveRunbookOptions, type RunbookOptions } from '../../settings/runbook';
import type { PlanRequest } from '../../planning/plans/plan-request';
import { parseSettings } from '../../settings/load';

export const listenerArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef';
export const testListenerArn = listenerArn.replace(/f$/, 'e');
export const platformServerGroup =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/platform-server/0123456789abcdef';

export const orders: ApplicationIdentity = {
  zone: 'production',
  name: 'Orders',
  key: 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11',
};
export const invoices: ApplicationIdentity = {
  zone: 'production',
  name: 'Invoices',
  key: 'b3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11',
};

export const zoneSettings = (more = '') =>
  parseSettings(
    `zones:\n  production: { address: 'https://apps.example.com', region: eu-west-1, cluster: outsystems, listener: '${listenerArn}', testListener: '${testListenerArn}'${more} }`,
    'test',
  ).zones['production']!;

export const defaultRule: ListenerRule = {
  arn: 'default',
  priority: 'default',
  conditions: [],
  forward: [{ targetGroupArn: platformServerGroup, weight: 1 }],
  otherActions: [],
  transforms: [],
  tags: {},
};

export const rule = (
  arn: string,
  priority: number,
  state: Partial<RuleState>,
  tags: Record<string, string> = {},
): ListenerRule => ({
  ...defaultRule,
  ...state,
  arn,
  priority,
  tags,
});

/** A rule of the load balancer's listener on this port, which is none of the zone's. */
export const elsewhere = (port: number, one: ListenerRule): RuleElsewhere => ({
  ...one,
  listener: { arn: listenerArn.replace(/\/[^/]*$/, `/${port}`), protocol: 'HTTP', port },
});

export const path = (...expressions: string[]) => ({
  field: 'path-pattern' as const,
  values: [],
  regularExpressions: expressions,
});

export const release = (version: string, modules: readonly string[]): Release => ({
  image: `orders:${version}`,
  reference: `registry/orders@sha256:${version}`,
  digest: `sha256:${version}`,
  version,
  modules,
  configuration: null,
});

export const listener = (arn: string, ...rules: ListenerRule[]): ObservedListener => ({
  arn,
  protocol: 'HTTPS',
  port: 443,
  loadBalancerArn: listenerArn.replace(':listener/', ':loadbalancer/').replace(/\/[^/]*$/, ''),
  loadBalancerDnsName: 'main.elb.example.com',
  rules: [...rules, defaultRule],
});

export const slot = (name: 'a' | 'b', service: Partial<ObservedService> | null = null): ObservedSlot => ({
  slot: name,
  service: service && {
    name: `service-${name}`,
    desiredCount: 3,
    runningCount: 3,
    pendingCount: 0,
    taskDefinitionArn: `definition-${name}`,
    targetGroupArns: [`group-${name}`],
    settings: {},
    ...service,
  },
  targetGroupArn: service ? `group-${name}` : null,
  attributes: {},
});

export const observed = (changes: Partial<Observed> = {}): Observed => ({
  liveListener: listener(listenerArn),
  testListener: listener(testListenerArn),
  elsewhere: [],
  slots: [slot('a'), slot('b')],
  release: release('2.0.0', ['Orders', 'OrdersAPI']),
  ...changes,
});

/** What marks a live rule of Orders, at this place of its route. */
export const liveTags = (place = 0): Record<string, string> => ({
  ...applicationTags(orders),
  [tagKeys.route]: 'live',
  [tagKeys.rule]: String(place),
});

/** The one live rule of Orders. */
export const liveRule = (targetGroupArn: string, modules: readonly string[]): ListenerRule =>
  rule(
    'live-0',
    1990,
    { conditions: [path(`^/(${modules.join('|')})(/.*)?$`)], forward: [{ targetGroupArn, weight: 1 }] },
    liveTags(),
  );

/** Orders serves from slot a: release 1.0.0, with these modules. */
export const inSlotA = (modules: readonly string[] = ['Orders']): Pick<Observed, 'liveListener' | 'slots'> => ({
  liveListener: listener(listenerArn, liveRule('group-a', modules)),
  slots: [slot('a', { release: release('1.0.0', modules) }), slot('b', { desiredCount: 0 })],
});

/** Application Auto Scaling as an owner has it. */
export const scaling: Scaling = {
  minimum: 2,
  maximum: 8,
  suspended: {
    DynamicScalingInSuspended: false,
    DynamicScalingOutSuspended: false,
    ScheduledScalingSuspended: false,
  },
  policies: [{ name: 'requests', type: 'TargetTrackingScaling', tracking: { TargetValue: 50 } }],
  scheduled: [{ name: 'mornings', schedule: 'cron(0 8 * * ? *)', action: { MinCapacity: 4 } }],
};

/** The same as {@link inSlotA}, where slot a is scaled. */
export const scaledInSlotA = (modules: readonly string[] = ['Orders']): ReturnType<typeof inSlotA> => ({
  ...inSlotA(modules),
  slots: [slot('a', { release: release('1.0.0', modules), scaling }), slot('b', { desiredCount: 0 })],
});

export const request = (options: RunbookOptions = {}, more = ''): PlanRequest => ({
  runId: 'run-1',
  application: orders,
  options: resolveRunbookOptions(options),
  zone: zoneSettings(more),
  desiredCount: 2,
  record: { strategy: 'blueGreen', by: 'Ana', reason: null },
  paths: {},
});
