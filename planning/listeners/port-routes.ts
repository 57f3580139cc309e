/**
 * The rules that lead to another port of an application's service: a rule keeps all but where it leads, and a default rule is never
 * touched. A rule of the zone's own keeps old and new target group attached to the load balancer meanwhile.
 */
import { targetGroupName, tagKeys, type ApplicationIdentity } from '../names';
import type { ObservedPort } from '../observed/observed';
import { isSticky } from '../plans/target-group';
import { Refusal } from '../refusal';
import {
  isNoTestRoute,
  sendsTo,
  stateOf,
  targetGroupsOf,
  type ListenerRule,
  type ObservedListener,
  type RuleCondition,
  type RuleState,
} from '../routing/listener-rules';
import { ownerOf } from '../routing/precedence';
import { freePriorities } from '../routing/priorities';
import {
  routeRules,
  ruleIndex,
  type PlannedRule,
  type PriorityRange,
  type RoutePlan,
  type RuleShape,
} from '../routing/rule-set';
import type { PortGroups } from './ports';

export interface PortRoutesRequest {
  readonly application: ApplicationIdentity;
  /** The listeners that the application's modules are reached through: their default rules are never touched. */
  readonly ownListeners: readonly string[];
  readonly priorities: PriorityRange;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PortRoutes {
  readonly listener: ObservedListener;
  readonly liveRoute: RoutePlan;
  /** Nobody asks for what it catches: it only keeps both target groups attached to the load balancer. */
  readonly testRoute: RoutePlan;
}

/**
 * The rules that lead to a port, as they move; and one that keeps its target groups attached meanwhile.
 * @throws {Refusal} when they can't be moved as they are
 */
export function planPortRoutes(request: PortRoutesRequest, port: ObservedPort, groups: PortGroups): PortRoutes {
  const { application, tags } = request;
  const listener = listenerOf(port, groups, request.ownListeners);
  const leading = leadingTo(listener, groups);
  for (const rule of leading) refuseRule(request, listener, rule, groups);
  const sticky = port.slots.some(isStickyGroup) || (port.foreign !== undefined && isStickyGroup(port.foreign));
  const common = { listenerArn: listener.arn, application, sticky, tags, port: port.id };
  const byDefault = leading.find(({ priority }) => priority === 'default');
  const own = leading.filter((rule) => rule !== byDefault);
  const madeBefore = routeRules(listener.rules, application, 'live', port.id)[0];
  return {
    listener,
    liveRoute: {
      ...common,
      kind: 'live',
      priorities: byDefault ? behindAll(listener) : request.priorities,
      rules: [
        ...own.map((rule, at) =>
          moved(rule, {
            index: rule === madeBefore ? ruleIndex(rule) : firstOfOthers + at,
            from: rule === madeBefore && leadsTo(byDefault, groups.from) ? null : groups.from,
          }),
        ),
        ...(byDefault && !madeBefore ? [beforeDefault(byDefault, listener)] : []),
      ],
    },
    testRoute: { ...common, kind: 'test', priorities: request.priorities, rules: [attaching(request, listener, port)] },
  };
}

/** Rules of others bear no index, and none of theirs may be that of the one that is cutover's own. */
const firstOfOthers = 1;

const leadsTo = (rule: ListenerRule | undefined, arn: string | null) => rule !== undefined && sendsTo(rule, arn);

const isStickyGroup = ({ attributes }: { readonly attributes: Readonly<Record<string, string>> }) =>
  isSticky(attributes);

const leadingTo = ({ rules }: ObservedListener, { from, to }: PortGroups): ListenerRule[] =>
  rules.filter((rule) => isNoTestRoute(rule) && [from, to].some((arn) => arn !== null && sendsTo(rule, arn)));

/** @throws {Refusal} when no listener leads to the port, or several do */
function listenerOf({ id, listeners }: ObservedPort, groups: PortGroups, ownListeners: readonly string[]) {
  const leading = listeners.filter((listener) => leadingTo(listener, groups).length > 0);
  const [only, ...others] = leading;
  const group = targetGroupName(groups.from ?? groups.to ?? '');
  if (!only)
    throw new Refusal(
      `The service is in target group ${group} too, for its port ${id}, and no rule of an Application Load Balancer leads to that: take the service out of it first, for a twin would start behind nothing.`,
    );
  if (others.length > 0)
    throw new Refusal(
      `Rules of ${leading.length} listeners lead to target group ${group} of port ${id} (${leading.map(({ arn }) => arn).join(', ')}), and cutover moves those of one: let the others redirect to it first.`,
    );
  const byDefault = leadingTo(only, groups).some(({ priority }) => priority === 'default');
  if (byDefault && ownListeners.includes(only.arn))
    throw new Refusal(
      `The default rule of listener ${only.arn} leads to target group ${group} of port ${id}, and the application's modules are reached through that listener: let it lead to the Platform Server, and give the port a rule of its own first.`,
    );
  return only;
}

/** @throws {Refusal} when the rule is another application's, or other target groups share it */
function refuseRule(
  { application }: PortRoutesRequest,
  { arn: listener }: ObservedListener,
  rule: ListenerRule,
  { from, to }: PortGroups,
): void {
  const name = `Listener rule ${rule.arn} (priority ${rule.priority}) of ${listener}`;
  const other = targetGroupsOf(rule).find((arn) => arn !== from && arn !== to);
  if (other !== undefined)
    throw new Refusal(
      `${name} shares its requests between target groups ${targetGroupsOf(rule).map(targetGroupName).join(' and ')}, and ${targetGroupName(other)} is none of ${application.name}'s: give one of them all the weight first.`,
    );
  if (rule.tags[tagKeys.key] !== undefined && !isOwn(rule, application))
    throw new Refusal(
      `${name}, ${ownerOf(rule, application.zone)}, leads to another port of ${application.name}'s service: change or delete that rule first.`,
    );
}

const isOwn = (rule: ListenerRule, application: ApplicationIdentity) =>
  (['live', 'adopted'] as const).some(
    (mark) => routeRules([rule], application, mark, rule.tags[tagKeys.port]).length > 0,
  );

/** A rule keeps all but where it leads. @param from where a rollback leads; `null` where it goes then */
function moved(
  rule: ListenerRule,
  { index, from }: { readonly index: number; readonly from: string | null },
): PlannedRule {
  const { described: _, forward: __, ...shape } = stateOf(rule);
  return {
    index,
    arn: rule.arn,
    priority: Number(rule.priority),
    found: stateOf(rule),
    before: from === null ? null : stateBefore(rule, from, shape),
    ...always(shape),
  };
}

/** Exactly as it is, where that is where a rollback leads. */
function stateBefore(rule: ListenerRule, from: string, shape: RuleShape): RuleState {
  const [only, ...others] = rule.forward;
  if (only?.targetGroupArn === from && others.length === 0) return stateOf(rule);
  return { ...shape, forward: [{ targetGroupArn: from, weight: 100 }] };
}

/** It catches the same whatever serves. */
const always = (shape: RuleShape): Pick<PlannedRule, 'sharing' | 'commonShape' | 'after' | 'module'> => ({
  sharing: shape,
  commonShape: shape,
  after: shape,
  module: null,
});

/** A default rule stays as it is: a rule that catches all comes before it, and after every other. */
function beforeDefault({ otherActions }: ListenerRule, listener: ObservedListener): PlannedRule {
  const shape = { conditions: [path('/*')], otherActions, transforms: [] };
  return { index: 0, arn: null, priority: behindAll(listener).from, found: null, before: null, ...always(shape) };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html */
const lastPriority = 50_000;

const behindAll = ({ rules }: ObservedListener): PriorityRange => ({
  from: Math.min(
    lastPriority,
    Math.max(0, ...rules.flatMap(({ priority }) => (priority === 'default' ? [] : [priority]))) + 1,
  ),
  to: lastPriority,
});

/** @throws {Refusal} when the zone's priority range has no room */
function attaching(
  { application, priorities }: PortRoutesRequest,
  { arn, rules }: ObservedListener,
  { id }: ObservedPort,
): PlannedRule {
  const [existing] = routeRules(rules, application, 'test', id);
  const [free] = freePriorities(rules, priorities, 'test');
  const priority = existing ? Number(existing.priority) : free;
  if (priority === undefined)
    throw new Refusal(
      `Every priority from ${priorities.from} to ${priorities.to} of listener ${arn} is taken: widen the zone's "priorities" in the settings or remove rules that nobody needs.`,
    );
  const shape = {
    conditions: [path(`/cutover-attaches/${application.key.toLowerCase()}`)],
    otherActions: [],
    transforms: [],
  };
  return {
    index: 0,
    arn: existing?.arn ?? null,
    priority,
    found: existing ? stateOf(existing) : null,
    before: null,
    ...always(shape),
  };
}

const path = (value: string): RuleCondition => ({ field: 'path-pattern', values: [value], regularExpressions: [] });
