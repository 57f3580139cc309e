/** Plans one route: each of its rules as it is now, as it will be, and where a rollback leads. */
import { stateOf } from './listener-rules';
import { freePriorities } from './priorities';
import { refuseLostLogins } from './logins';
import { draftRules, type RouteRequest } from './rule-drafts';
import { routeRules, ruleIndex, type PlannedRule, type RoutePlan } from './rule-set';
import { shapeAfter, shapeInCommon, shapeWhileSharing, stateBefore } from './rule-shapes';
import { Refusal } from '../refusal';

/** @throws {Refusal} when the zone's priority range has no room, a new rule would need a secret that can't be read, or a login would be lost */
export function planRoute(request: RouteRequest): RoutePlan {
  const { kind, listenerArn, application, priorities, sticky, tags } = request;
  const existing = routeRules(request.listenerRules, application, kind);
  const drafts = draftRules(request, existing);
  refuseLostLogins(drafts, request);
  const free = freePriorities(request.listenerRules, priorities, kind);
  const indexes = new Set(existing.map(ruleIndex));
  const adopted = new Set(request.adopted);
  const rules = drafts.map((draft): PlannedRule => {
    const { rule, module, login } = draft;
    const index = rule && !adopted.has(rule) ? ruleIndex(rule) : nextIndex(indexes);
    const priority = rule ? Number(rule.priority) : takePriority(free, request);
    const after = shapeAfter(draft, existing, request);
    const before = stateBefore(rule, request);
    return {
      index,
      arn: rule?.arn ?? null,
      priority,
      found: rule ? stateOf(rule) : null,
      before,
      sharing: shapeWhileSharing(before, after, request),
      commonShape: after && shapeInCommon(draft, existing, request),
      after,
      module,
      ...(!rule && login.from && { loginFrom: { arn: login.from.arn, priority: login.from.priority } }),
    };
  });
  return { kind, listenerArn, application, priorities, sticky, ...(tags && { tags }), rules };
}

function nextIndex(taken: Set<number>): number {
  let index = 0;
  while (taken.has(index)) index++;
  taken.add(index);
  return index;
}

function takePriority(free: number[], { priorities: { from, to }, listenerArn }: RouteRequest): number {
  const priority = free.shift();
  if (priority !== undefined) return priority;
  throw new Refusal(
    `Every priority from ${from} to ${to} of listener ${listenerArn} is taken: widen the zone's "priorities" in the settings or remove rules that nobody needs.`,
  );
}
