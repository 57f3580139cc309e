/**
 * What a deployment would do, as a list that people read before it starts: everything that it would create, change and
 * delete, in its order, and how much of the load balancer's quotas it needs at its widest.
 */
import type { TaskDefinition as AwsTaskDefinition } from '@aws-sdk/client-ecs';
import type { Adoption } from '../adoption/adoption';
import type { DeploymentPlan } from '../plans/deployment';
import { differences } from './differences';
import { type RuleState, type WeightedTargetGroup, sameRule } from '../routing/listener-rules';
import type { Serving } from '../observed/blue';
import { formatDuration } from '../../settings/durations';
import { targetGroupName } from '../names';
import type { Observed } from '../observed/observed';
import { ruleAt } from '../routing/rule-states';
import type { PlannedRule, RoutePlan } from '../routing/rule-set';

export interface Change {
  readonly action: 'create' | 'change' | 'delete';
  /** AWS's noun for it, e.g. `listener rule`. */
  readonly what: string;
  readonly name: string;
  /** One fact a line; a line that begins with `+` or `-` is new or goes. */
  readonly details: readonly string[];
}

/** A quota, before and at the widest moment of the deployment. */
export interface Budget {
  readonly what: string;
  readonly used: number;
  readonly atMost: number;
  readonly limit: number;
}

export interface DeploymentPreview {
  readonly zone: string;
  readonly application: string;
  /** `null` where what serves bears none: a removal from the Platform Server. */
  readonly image: string | null;
  readonly modules: readonly string[];
  readonly live: Serving;
  /** Whether what it would put in place is live already, so that it would change nothing that anybody notices. */
  readonly upToDate: boolean;
  /** What people should know before the list; `null` when nothing. */
  readonly note: string | null;
  readonly changes: readonly Change[];
  /** What another tool's rules caught beside the modules, and no longer will, a pattern a line. */
  readonly stopsCatching: readonly string[];
  readonly budgets: readonly Budget[];
}

/** What a preview needs to know beside the plan. */
export interface PreviewFacts {
  readonly observed: Observed;
  /** Blue's, as registered. */
  readonly blueTaskDefinition: AwsTaskDefinition | undefined;
  readonly loadBalancer: LoadBalancerUse;
}

/** The zone's load balancer, over all of its listeners. */
export interface LoadBalancerUse {
  /** Default rules not counted, as in the quota. */
  readonly rules: number;
  readonly ruleLimit: number;
  /** Unique target groups in its rules. */
  readonly targetGroups: number;
  readonly targetGroupLimit: number;
}

export function previewDeployment(plan: DeploymentPlan, facts: PreviewFacts): DeploymentPreview {
  const changed = taskDefinitionChanges(plan, facts);
  const rolls = plan.options.strategy === 'rollingUpdate';
  const changes = [
    ...taskDefinition(plan, changed),
    ...targetGroup(plan, facts),
    ...routeChanges(plan, plan.testRoute),
    ...service(plan, facts),
    ...(rolls ? roll(plan) : [...routeChanges(plan, plan.liveRoute), ...blue(plan), ...leftovers(plan)]),
    ...testRouteRemoval(plan),
  ];
  return {
    zone: plan.application.zone,
    application: plan.application.name,
    image: plan.release.image,
    modules: plan.release.modules,
    live: plan.live,
    upToDate: plan.blue.kind === 'slot' && changed.length === 0 && liveRulesStay(plan),
    note: plan.unkept ?? null,
    changes,
    stopsCatching: plan.adoption?.stopsCatching ?? [],
    budgets: budgetsOf(plan, facts.loadBalancer),
  };
}

/** What a deployment writes down about itself differs each time: its run, by whom, what was before. */
const recordLabel = /\.dockerLabels\.io\.cutover\.(?!image$|modules$)/;

function taskDefinitionChanges({ taskDefinition: planned }: DeploymentPlan, { blueTaskDefinition }: PreviewFacts) {
  if (!blueTaskDefinition) return ['the first one of this application'];
  const { tags: _, ...compared } = planned;
  return differences(compared, blueTaskDefinition, (path) => recordLabel.test(path));
}

/** What was kept warm runs with its own. */
function taskDefinition(
  { warm, release, taskDefinition: planned }: DeploymentPlan,
  changed: readonly string[],
): Change[] {
  if (warm) return [];
  const details = [
    `image ${release.reference}`,
    ...changed.filter((line) => !line.includes(release.image) && !line.includes(release.reference)),
  ];
  return [{ action: 'create', what: 'task definition', name: planned.family, details }];
}

function targetGroup({ green }: DeploymentPlan, { observed }: PreviewFacts): Change[] {
  const { name, attributes } = green.targetGroup;
  const found = observed.slots.find(({ slot }) => slot === green.slot);
  if (found?.targetGroupArn == null) {
    const { protocol, port, healthCheck } = green.targetGroup;
    const details = [
      `${protocol} to port ${port}, health check ${healthCheck.path} every ${healthCheck.intervalSeconds} s`,
    ];
    return [{ action: 'create', what: 'target group', name, details }];
  }
  const details = differences(attributes, found.attributes);
  return details.length === 0 ? [] : [{ action: 'change', what: 'target group', name, details }];
}

function service({ green, release, warm }: DeploymentPlan, { observed }: PreviewFacts): Change[] {
  const { name, desiredCount } = green.service;
  const found = observed.slots.find(({ slot }) => slot === green.slot)?.service;
  if (warm && found?.desiredCount === desiredCount) return [];
  const details = [`${found?.desiredCount ?? 0} → ${desiredCount} tasks of ${release.image} (slot ${green.slot})`];
  return [{ action: found ? 'change' : 'create', what: 'service', name, details }];
}

const names = { blue: '(blue)', green: '(green)' };

function routeChanges(plan: DeploymentPlan, route: RoutePlan): Change[] {
  const groups = { blue: plan.blue.targetGroupArn ?? names.blue, green: names.green };
  const traffic = route.kind === 'test' ? { blue: 0, green: 100, keepBlue: true } : { blue: 0, green: 100 };
  return route.rules.flatMap((rule) => ruleChange(plan, route, rule, ruleAt(rule, traffic, groups)));
}

function ruleChange(plan: DeploymentPlan, { kind }: RoutePlan, rule: PlannedRule, wanted: RuleState | null): Change[] {
  const what = kind === 'live' ? 'listener rule' : 'test listener rule';
  const name = `priority ${rule.priority}`;
  const tell = (state: RuleState, sign: string) => [
    ...catching(state).map((pattern) => `${sign} ${pattern}`),
    ...(kind === 'live' && sign === '+' ? shares(plan) : []),
    `${sign} forwards to ${forwarding(plan, state.forward)}`,
  ];
  if (wanted === null) return rule.found ? [{ action: 'delete', what, name, details: tell(rule.found, '-') }] : [];
  if (rule.found === null) return [{ action: 'create', what, name, details: tell(wanted, '+') }];
  if (sameRule(rule.found, wanted)) return [];
  const [before, after] = [tell(rule.found, '-'), tell(wanted, '+')];
  const kept = new Set(before.map((line) => line.slice(1)).filter((line) => after.includes(`+${line}`)));
  const details = [...before, ...after].filter((line) => !kept.has(line.slice(1)));
  return [{ action: 'change', what, name, details }];
}

/** What green gets before it gets all, in its order. */
const shares = ({ options: { shift } }: DeploymentPlan) =>
  shift
    .filter(({ percent }) => percent < 100)
    .map(
      ({ percent, bake }) => `${percent} % to green first${bake === undefined ? '' : `, for ${formatDuration(bake)}`}`,
    );

/** What a rule's conditions say, a line each; never the secret of a test route. */
export const catching = ({ conditions }: RuleState) =>
  conditions.map(({ field, header, values, regularExpressions }) => {
    // A test route's header bears a secret value.
    const shown = header === undefined ? [...values, ...regularExpressions].join(' or ') : `${header}: …`;
    return `${field} ${shown}`;
  });

function forwarding(
  { blue: { targetGroupArn }, green }: DeploymentPlan,
  forward: readonly WeightedTargetGroup[],
): string {
  const shown = forward.filter(({ weight }) => weight > 0);
  const name = (arn: string) => {
    if (arn === names.green) return `${green.targetGroup.name} (green)`;
    const named = targetGroupName(arn);
    return arn === targetGroupArn ? `${named} (blue)` : named;
  };
  return shown.map((group) => name(group.targetGroupArn)).join(' and ') || 'nothing';
}

function leftovers({ leftovers: left = [] }: DeploymentPlan): Change[] {
  const details = ['→ 0 tasks, once the bake is over: an earlier run left them'];
  return left.map(({ service: name }) => ({ action: 'change', what: 'service', name, details }));
}

function blue(plan: DeploymentPlan): Change[] {
  const { blue: now, adoption, options } = plan;
  if (now.kind === 'platformServer') return [];
  const whose = now.kind === 'adopted' ? ', which another tool made' : '';
  const warm = options.keepWarm > 0 ? ` and they were kept warm for ${formatDuration(options.keepWarm)}` : '';
  const details = [`${now.desiredCount} → 0 tasks, once the bake is over${warm}${whose}`];
  return [{ action: 'change', what: 'service', name: now.service, details }, ...(adoption ? leaving(adoption) : [])];
}

/** Rules of another tool that the cut makes needless, and what else goes with them. */
function leaving({ rules, service: name, targetGroupArn, deleted }: Adoption): Change[] {
  const needless = rules.filter(({ ruleIndex }) => ruleIndex === null);
  const details = ['once the bake is over, as --delete-adopted asks'];
  return [
    ...needless.map(({ priority, found }): Change => {
      const patterns = catching(found).map((pattern) => `- ${pattern}`);
      return { action: 'delete', what: 'listener rule', name: `priority ${priority}`, details: patterns };
    }),
    ...(deleted
      ? [
          { action: 'delete', what: 'service', name, details } as const,
          {
            action: 'delete',
            what: 'target group',
            name: targetGroupName(targetGroupArn),
            details,
          } as const,
        ]
      : []),
  ];
}

/** A rolling update leaves the live rules and the live service where they are; what it started beside them goes again. */
function roll({ blue: now, green, release, options }: DeploymentPlan): Change[] {
  if (now.kind === 'platformServer') return [];
  const bounds = `from ${options.minimumHealthyPercent} % healthy to ${options.maximumPercent} % in all`;
  const details = [`${now.release?.image ?? 'an unknown image'} → ${release.image}, replica by replica, ${bounds}`];
  return [
    { action: 'change', what: 'service', name: now.service, details },
    { action: 'change', what: 'service', name: green.service.name, details: ['the pilot → 0 tasks'] },
  ];
}

function testRouteRemoval(plan: DeploymentPlan): Change[] {
  const { testRoute } = plan;
  const going = testRoute.rules.filter(({ after }) => after !== null);
  const name = `priority ${going.map(({ priority }) => priority).join(', ')}`;
  const details = [plan.options.keepWarm > 0 ? 'with what it keeps warm' : 'at the end, as after every deployment'];
  return going.length === 0 ? [] : [{ action: 'delete', what: 'test listener rule', name, details }];
}

const liveRulesStay = ({ liveRoute }: DeploymentPlan) =>
  liveRoute.rules.every(({ found, after }) => found && after && sameRule(found, { ...after, forward: found.forward }));

function budgetsOf({ liveRoute, testRoute, blue: now }: DeploymentPlan, use: LoadBalancerUse): Budget[] {
  const isNew = ({ found, after }: PlannedRule) => found === null && after !== null;
  const rules = [...liveRoute.rules, ...testRoute.rules].filter(isNew).length;
  // The Platform Server's group is in the default rule already; a slot's own becomes one more while both are in rules.
  const groups = now.kind === 'platformServer' || testRoute.rules.some(isNew) ? 1 : 0;
  return budgets(use, { rules: use.rules + rules, targetGroups: use.targetGroups + groups });
}

/** What is used of the load balancer's quotas, and what will be at most. */
export const budgets = (
  { rules, ruleLimit, targetGroups, targetGroupLimit }: LoadBalancerUse,
  atMost: { readonly rules: number; readonly targetGroups: number },
): Budget[] => [
  { what: 'rules of the load balancer', used: rules, atMost: atMost.rules, limit: ruleLimit },
  {
    what: 'target groups of the load balancer',
    used: targetGroups,
    atMost: atMost.targetGroups,
    limit: targetGroupLimit,
  },
];
