/**
 * The application's listener rules: what they are now, what they will be, and every state between the two.
 *
 * A rule keeps its place (index, ARN, priority) through a deployment, so that the cut is one ModifyRule a rule, conditions and
 * action together, and the way back is the same call. Live rules take priorities from the top of the zone's range and test
 * rules from the bottom: with both on one listener, a request that bears the test header reaches the test rule first.
 */
import {
  type ListenerRule,
  type RuleCondition,
  type RuleState,
  type WeightedTargetGroup,
  catches,
  sameConditions,
  sameRule,
  stateOf,
} from './listener-rules';
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { belongsTo, tagKeys, type ApplicationIdentity } from '../names';
import { packModules, pathCondition, type PathLimits } from './module-packing';
import { Refusal } from '../refusal';
import { packIntoAdoptedRules } from './adopted-rules';

export type RouteKind = 'live' | 'test';
/** What the tag `cutover:route` of a rule says: `adopted` while another tool's rule is being adopted. */
export type RuleMark = RouteKind | 'adopted';

/** A rule's state without its forward: that follows from the weights of the moment. */
export type RuleShape = Omit<RuleState, 'forward'>;

export interface PlannedRule {
  readonly index: number;
  /** `null` when the deployment creates it. */
  readonly arn: string | null;
  readonly priority: number;
  /** As it was read; anything that is neither this nor planned is somebody else's change. */
  readonly found: RuleState | null;
  /** Where a rollback leads; `null` when there is no rule then. */
  readonly before: RuleState | null;
  /** What it catches while traffic is shared between blue and green; `null` when there is no such rule then. */
  readonly sharing: RuleShape | null;
  /** What it catches while old and new replicas serve from one target group: what both have; `null` when that is nothing. */
  readonly commonShape: RuleShape | null;
  /** What it becomes; `null` when it goes. */
  readonly after: RuleShape | null;
  /** The only module it is for, when that module is published under a path of its own; else `null`. */
  readonly module: string | null;
}

export interface RoutePlan {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  readonly application: ApplicationIdentity;
  readonly priorities: PriorityRange;
  /** Target groups with sticky sessions may only share a rule that is sticky itself. */
  readonly sticky: boolean;
  readonly rules: readonly PlannedRule[];
}

export interface PriorityRange {
  readonly from: number;
  readonly to: number;
}

/** The target groups that weights speak of; blue has none when the default rule doesn't forward. */
export interface RouteTargetGroups {
  readonly blue: string | null;
  readonly green: string;
  /** Others that stay in the rule at a share of 0 wherever blue does. Default: none. */
  readonly attachedGroups?: readonly string[];
}

/** `before`: where a rollback leads. `gone`: no rule. `common`: only what both releases have. Else shares, 0 to 100. */
export type RouteTraffic = 'before' | 'gone' | 'common' | TrafficShares;

export interface TrafficShares {
  readonly blue: number;
  readonly green: number;
  /** Keeps blue in the rule at a share of 0: a target group in no rule is `unused`, and nothing waits for its requests. */
  readonly keepBlue?: boolean;
}

export interface RouteRequest {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  /** Every rule of the listener, the default one included. */
  readonly listenerRules: readonly ListenerRule[];
  readonly application: ApplicationIdentity;
  readonly modules: readonly string[];
  /** Where modules are published that aren't under their own name, e.g. `{Orders: '/shop'}`. */
  readonly paths: Readonly<Record<string, string>>;
  readonly sticky: boolean;
  /** Host and header conditions, beside the path. */
  readonly conditions: readonly RuleCondition[];
  readonly limits: Omit<PathLimits, 'valuesTaken'>;
  readonly priorities: PriorityRange;
  /** Where a rollback of an existing rule leads; `null` when blue is what the default rule serves. */
  readonly blueTargetGroupArn: string | null;
  /** Rules of another tool that the cut changes in place. */
  readonly adopted?: readonly ListenerRule[];
  /** Whether green has a share of traffic before it has all. */
  readonly shared?: boolean;
}

/** The rules of this application on a listener, by their place. */
export function routeRules(
  rules: readonly ListenerRule[],
  application: ApplicationIdentity,
  kind: RuleMark,
): ListenerRule[] {
  return rules
    .filter(({ tags }) => belongsTo(tags, application) && tags[tagKeys.route] === kind)
    .toSorted((one, other) => ruleIndex(one) - ruleIndex(other));
}

/** A rule to be: the one that stands there now, if any, and the modules that it is to catch. */
interface RuleDraft {
  readonly rule: ListenerRule | undefined;
  readonly modules: readonly string[];
  readonly module: string | null;
}

/** @throws {Refusal} when the zone's priority range has no room. */
export function planRoute(request: RouteRequest): RoutePlan {
  const { kind, listenerArn, application, priorities, sticky } = request;
  const existing = routeRules(request.listenerRules, application, kind);
  const places = draftRules(request, existing);
  const free = freePriorities(request.listenerRules, priorities, kind);
  const indexes = new Set(existing.map(ruleIndex));
  const adopted = new Set(request.adopted);
  const rules = places.map((place): PlannedRule => {
    const index = place.rule && !adopted.has(place.rule) ? ruleIndex(place.rule) : nextIndex(indexes);
    const priority = place.rule ? Number(place.rule.priority) : takePriority(free, request);
    const after = place.modules.length > 0 ? shapeOf(place, existing, request) : null;
    const before = beforeOf(place.rule, request);
    const found = place.rule ? stateOf(place.rule) : null;
    const { rule, module } = place;
    return {
      index,
      arn: rule?.arn ?? null,
      priority,
      found,
      before,
      sharing: sharingOf(before, after, request),
      commonShape: after && commonShapeOf(place, existing, request),
      after,
      module,
    };
  });
  return { kind, listenerArn, application, priorities, sticky, rules };
}

function draftRules(request: RouteRequest, existing: readonly ListenerRule[]): RuleDraft[] {
  const moduleOf = ({ tags }: ListenerRule) => tags[tagKeys.module];
  const packedRules = existing.filter((rule) => moduleOf(rule) === undefined);
  const published = request.modules.filter((module) => request.paths[module] !== undefined);
  const plain = request.modules.filter((module) => !published.includes(module));
  const held = packedRules.map((rule) => plain.filter((module) => catches(rule, module)));
  const own = existing.filter((rule) => moduleOf(rule) !== undefined);
  const intoAdopted = packIntoAdoptedRules(plain, request.adopted ?? [], limitsOf(request), request.shared ?? false);
  return [
    ...packModules(intoAdopted.left, held, limitsOf(request)).map((modules, at) => ({
      rule: packedRules[at],
      modules,
      module: null,
    })),
    ...intoAdopted.packed.map((packed) => ({ ...packed, module: null })),
    ...published.map((module) => ({ rule: own.find((rule) => moduleOf(rule) === module), modules: [module], module })),
    ...own
      .filter((rule) => !published.includes(moduleOf(rule) ?? ''))
      .map((rule) => ({ rule, modules: [], module: moduleOf(rule) ?? null })),
  ];
}

const ruleIndex = ({ tags }: ListenerRule) => Number(tags[tagKeys.rule] ?? 0);

function nextIndex(taken: Set<number>): number {
  let index = 0;
  while (taken.has(index)) index++;
  taken.add(index);
  return index;
}

const limitsOf = ({ limits, conditions }: RouteRequest): PathLimits => ({
  ...limits,
  valuesTaken: conditions.flatMap(valuesOf).length,
});

/**
 * What a rule catches while both serve: every module that both have. A module that green brings joins with the last step;
 * what comes from the Platform Server, which serves every module, joins at once.
 */
const sharingOf = (before: RuleState | null, after: RuleShape | null, { kind, blueTargetGroupArn }: RouteRequest) =>
  kind === 'test' || blueTargetGroupArn === null ? after : before;

/** A module that the release drops goes before the roll, for half of the replicas would answer 404; a new one comes after. */
function commonShapeOf(place: RuleDraft, existing: readonly ListenerRule[], request: RouteRequest): RuleShape | null {
  const { rule, modules, module } = place;
  if (!rule) return null;
  const kept = module === null ? modules.filter((name) => catches(rule, name)) : modules;
  return kept.length > 0 ? shapeOf({ ...place, modules: kept }, existing, request) : null;
}

const valuesOf = ({ values, regularExpressions }: RuleCondition) => [...values, ...regularExpressions];

function shapeOf(
  { rule, modules, module }: RuleDraft,
  existing: readonly ListenerRule[],
  request: RouteRequest,
): RuleShape {
  const path = module === null ? undefined : request.paths[module];
  // A new rule of an application behind a login must not be the way around it; probes need a test route without one.
  const otherActions = request.kind === 'test' ? [] : ((rule ?? existing[0])?.otherActions ?? []);
  if (!rule) refuseUnknownSecret(otherActions, modules);
  if (module === null || path === undefined) {
    const caught = pathCondition(modules, limitsOf(request));
    return { conditions: [...request.conditions, caught], otherActions, transforms: rule?.transforms ?? [] };
  }
  const caught = pathCondition([path.slice(1)], limitsOf(request));
  return {
    conditions: [...request.conditions, caught],
    otherActions,
    transforms: [rewrite(path, module, request.limits)],
  };
}

/** AWS tells nobody the client secret of a rule's login, and wants it for a new rule. A login by Cognito has none. */
function refuseUnknownSecret(kept: RuleShape['otherActions'], modules: readonly string[]): void {
  if (!kept.some(({ Type }) => Type === 'authenticate-oidc')) return;
  throw new Refusal(
    `A new listener rule is needed for ${modules.join(', ')}, behind the login by OpenID Connect that the application's other rules ask for; its client secret can't be read from AWS. Take the login off those rules until after the deployment, or let Amazon Cognito ask for it.`,
  );
}

/**
 * Of path and query both, for everything that the rule catches.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 */
const rewrite = (
  path: string,
  module: string,
  { caseInsensitive }: Pick<PathLimits, 'caseInsensitive'>,
): RuleTransform => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: {
    Rewrites: [
      {
        Regex: `${caseInsensitive ? '(?i)' : ''}^${path.replace(/\./g, String.raw`\.`)}([/?].*)?$`,
        Replace: `/${module}$1`,
      },
    ],
  },
});

function beforeOf(rule: ListenerRule | undefined, { kind, blueTargetGroupArn }: RouteRequest): RuleState | null {
  if (!rule || kind === 'test' || blueTargetGroupArn === null) return null;
  const [only, ...others] = rule.forward;
  // Exactly as it is, where that is where a rollback leads: an adopted rule has another tool's weights.
  if (only?.targetGroupArn === blueTargetGroupArn && others.length === 0) return stateOf(rule);
  const { stickySeconds: _, ...state } = stateOf(rule);
  return { ...state, forward: [{ targetGroupArn: blueTargetGroupArn, weight: 100 }] };
}

/** The priorities that nobody uses, in the order in which this kind of route takes them. */
export function freePriorities(rules: readonly ListenerRule[], { from, to }: PriorityRange, kind: RouteKind): number[] {
  const taken = new Set(rules.map(({ priority }) => priority));
  const free = Array.from({ length: to - from + 1 }, (_, offset) => from + offset).filter((one) => !taken.has(one));
  return kind === 'live' ? free.toReversed() : free;
}

function takePriority(free: number[], { priorities: { from, to }, listenerArn }: RouteRequest): number {
  const priority = free.shift();
  if (priority !== undefined) return priority;
  throw new Refusal(
    `Every priority from ${from} to ${to} of listener ${listenerArn} is taken: widen the zone's "priorities" in the settings or remove rules that nobody needs.`,
  );
}

/** What a planned rule should be with this traffic; `null` when it should not exist. */
export function ruleAt(rule: PlannedRule, traffic: RouteTraffic, groups: RouteTargetGroups): RuleState | null {
  if (traffic === 'before') return rule.before;
  if (traffic === 'gone') return null;
  const shape = traffic === 'common' ? rule.commonShape : traffic.green < 100 ? rule.sharing : rule.after;
  return shape && { ...shape, forward: forwardTo(traffic === 'common' ? allToGreen : traffic, groups) };
}

const allToGreen = { blue: 0, green: 100 } as const;

/** At rest a live rule forwards to one group. */
function forwardTo({ blue, green, keepBlue }: TrafficShares, groups: RouteTargetGroups): WeightedTargetGroup[] {
  const towardsBlue =
    groups.blue !== null && (blue > 0 || keepBlue === true) ? [{ targetGroupArn: groups.blue, weight: blue }] : [];
  const attachedGroups = keepBlue === true ? (groups.attachedGroups ?? []) : [];
  return [
    ...towardsBlue,
    ...attachedGroups.map((targetGroupArn) => ({ targetGroupArn, weight: 0 })),
    { targetGroupArn: groups.green, weight: green },
  ];
}

/**
 * Whether a rule is in a state that this plan knows: as found, as before, or as after with any split between its two groups.
 * Anything else is somebody's change, which must not be overwritten silently.
 */
export function isExpected(rule: PlannedRule, now: RuleState | null, groups: RouteTargetGroups): boolean {
  if (now === null) return [rule.found, rule.before, rule.sharing, rule.commonShape, rule.after].includes(null);
  if ([rule.found, rule.before].some((state) => state !== null && sameRule(state, now))) return true;
  const known = new Set([groups.blue, groups.green]);
  const shaped = [rule.after, rule.sharing, rule.commonShape].some(
    (shape) => shape !== null && sameConditions(shape, now),
  );
  return shaped && now.forward.every((group) => known.has(group.targetGroupArn));
}
