/** What a rule to be catches, and how it answers, at each stage of a deployment. */
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  byPriority,
  catches,
  ownStickySeconds,
  stateOf,
  targetGroupsOf,
  type ListenerRule,
  type RuleState,
} from './listener-rules';
import { classesOf, pathCondition } from './module-packing';
import { limitsOf, type RouteRequest, type RuleDraft } from './rule-drafts';
import { refuseUnknownSecret } from './logins';
import type { RuleShape } from './rule-set';

/**
 * The rule with all of its modules; `null` where it has none left.
 * @param existing the application's own rules of this route
 * @throws {Refusal} when it would need a secret that can't be read
 */
export function shapeAfter(
  draft: RuleDraft,
  existing: readonly ListenerRule[],
  request: RouteRequest,
): RuleShape | null {
  return draft.modules.length > 0 ? shapeOf(draft, existing, request) : null;
}

/**
 * What a rule catches while both serve: every module that both have. A module that green brings joins with the last step;
 * what comes from the Platform Server, which serves every module, joins at once.
 */
export const shapeWhileSharing = (
  before: RuleState | null,
  after: RuleShape | null,
  { kind, blueTargetGroupArn }: RouteRequest,
): RuleShape | null => (kind === 'test' || blueTargetGroupArn === null ? after : before);

/** A module that the release drops goes before the roll, for half of the replicas would answer 404; a new one comes after. */
export function shapeInCommon(
  draft: RuleDraft,
  existing: readonly ListenerRule[],
  request: RouteRequest,
): RuleShape | null {
  const { rule, modules, module } = draft;
  if (!rule && module !== null) return null;
  // A module may move from one of the rules to a new one.
  const isHeld = (name: string) => (rule ? [rule, ...existing] : existing).some((one) => catches(one, name));
  const common = module === null ? modules.filter(isHeld) : modules;
  return shapeAfter({ ...draft, modules: common }, existing, request);
}

/** Where a rollback leads; `null` where that is no rule. */
export function stateBefore(
  rule: ListenerRule | undefined,
  { kind, blueTargetGroupArn, listenerRules }: RouteRequest,
): RuleState | null {
  if (!rule || kind === 'test') return null;
  // Somebody has led users there: what else they left in the rule stays attached to the load balancer.
  if (blueTargetGroupArn === null) return leadsAsDefault(rule, listenerRules) ? stateOf(rule) : null;
  const [only, ...others] = rule.forward;
  // Exactly as it is, where that is where a rollback leads: an adopted rule has another tool's weights.
  if (only?.targetGroupArn === blueTargetGroupArn && others.length === 0) return stateOf(rule);
  const { stickySeconds: _, ...state } = stateOf(rule);
  const stickySeconds = ownStickySeconds(rule);
  return {
    ...state,
    forward: [{ targetGroupArn: blueTargetGroupArn, weight: 100 }],
    ...(stickySeconds !== undefined && { stickySeconds }),
  };
}

/** Whether all that a rule catches goes where the default rule leads. */
function leadsAsDefault(rule: ListenerRule, listenerRules: readonly ListenerRule[]): boolean {
  const byDefault = byPriority(listenerRules)
    .at(-1)
    ?.forward.map(({ targetGroupArn }) => targetGroupArn);
  const groups = targetGroupsOf(rule);
  return groups.length > 0 && groups.every((group) => byDefault?.includes(group));
}

function shapeOf(
  { rule, modules, module, login }: RuleDraft,
  existing: readonly ListenerRule[],
  request: RouteRequest,
): RuleShape {
  const path = module === null ? undefined : request.paths[module];
  // A new rule must not be the way around a login; probes need a test route without one.
  const otherActions = request.kind === 'test' ? [] : (rule?.otherActions ?? login.actions);
  if (!rule)
    refuseUnknownSecret(
      login,
      modules,
      existing.some(({ arn }) => arn === login.from?.arn),
    );
  const paths = module === null || path === undefined ? modules : [path.slice(1)];
  const stickySeconds = stickinessOf(rule, existing, request);
  return {
    conditions: [...request.conditions, pathCondition(paths, limitsOf(request))],
    otherActions,
    transforms:
      module === null || path === undefined ? (rule?.transforms ?? []) : [rewrite(path, module, request.limits)],
    ...(stickySeconds !== undefined && { stickySeconds }),
  };
}

/** How long clients stay with a target group: as the rule says, or where it is new the rule that has won its requests until now. */
function stickinessOf(
  rule: ListenerRule | undefined,
  existing: readonly ListenerRule[],
  { kind, adopted = [], listenerRules }: RouteRequest,
): number | undefined {
  if (kind === 'test') return undefined;
  const now = rule ?? existing[0] ?? adopted[0] ?? byPriority(listenerRules).at(-1);
  return now && ownStickySeconds(now);
}

/**
 * Rewrites path and query of everything that the rule catches.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 */
const rewrite = (
  path: string,
  module: string,
  { caseInsensitive }: Pick<RouteRequest['limits'], 'caseInsensitive'>,
): RuleTransform => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: {
    Rewrites: [
      {
        Regex: `${caseInsensitive === true ? '(?i)' : ''}^${caseInsensitive === 'classes' ? classesOf(path) : path.replace(/\./g, String.raw`\.`)}([/?].*)?$`,
        Replace: `/${module}$1`,
      },
    ],
  },
});
