/** What becomes of listener rules, a change a rule. */
import { formatDuration } from '../../settings/durations';
import type { Change } from './preview';
import type { PlaceOf } from './settings';
import type { DeploymentPlan } from '../plans/deployment';
import { targetGroupName } from '../names';
import { type RuleState, type WeightedTargetGroup, sameRule } from '../routing/listener-rules';
import { readableExpression } from '../routing/module-packing';
import { formatRuleName, loginActions } from '../routing/logins';
import type { PlannedRule, RoutePlan } from '../routing/rule-set';
import { ruleAt } from '../routing/rule-states';

const names = { blue: '(blue)', green: '(green)' };

/** What a route's rules become once green has all traffic. @param placeOf names the lines that want other conditions */
export function routeChanges(plan: DeploymentPlan, route: RoutePlan, placeOf?: PlaceOf): Change[] {
  const blue = plan.blue.targetGroupArn ?? names.blue;
  // The Platform Server's target group is in no test rule.
  const inRoute = route.kind === 'test' && plan.blue.kind === 'platformServer' ? null : blue;
  const groups = { blue: inRoute, green: names.green };
  const traffic = route.kind === 'test' ? { blue: 0, green: 100, keepBlue: true } : { blue: 0, green: 100 };
  const changes = route.rules.flatMap((rule) => ruleChange(plan, route, rule, ruleAt(rule, traffic, groups)));
  if (route.kind === 'test') return changes;
  return changes.map(({ details, ...change }) => ({ ...change, details: details.map(placed(placeOf)) }));
}

/** A condition that is new in a live rule, with its line in the settings. */
const placed =
  (placeOf: PlaceOf = () => undefined) =>
  (line: string): string => {
    const [, field = ''] = /^\+ (host-header|http-header|source-ip) /.exec(line) ?? [];
    const place = field === '' ? undefined : placeOf([field === 'host-header' ? 'hosts' : 'conditions']);
    return place === undefined ? line : `${line} (${place})`;
  };

function ruleChange(plan: DeploymentPlan, { kind }: RoutePlan, rule: PlannedRule, wanted: RuleState | null): Change[] {
  const what = kind === 'live' ? 'listener rule' : 'test listener rule';
  const name = `priority ${rule.priority}`;
  const linesOf = (state: RuleState, sign: string) => [
    ...formatConditions(state).map((pattern) => `${sign} ${pattern}`),
    ...(kind === 'live' && sign === '+' ? shares(plan) : []),
    ...(sign === '+' ? inherited(rule, state) : []),
    `${sign} forwards to ${forwarding(plan, state.forward)}`,
  ];
  if (wanted === null) return rule.found ? [{ action: 'delete', what, name, details: linesOf(rule.found, '-') }] : [];
  if (rule.found === null) return [{ action: 'create', what, name, details: linesOf(wanted, '+') }];
  if (sameRule(rule.found, wanted)) return [];
  const [before, after] = [linesOf(rule.found, '-'), linesOf(wanted, '+')];
  const unchanged = new Set(before.map((line) => line.slice(1)).filter((line) => after.includes(`+${line}`)));
  const details = [...before, ...after].filter((line) => !unchanged.has(line.slice(1)));
  return [{ action: 'change', what, name, details }];
}

/** Which login a new rule takes over, and from where. */
const inherited = ({ loginFrom }: PlannedRule, state: RuleState) =>
  loginFrom === undefined
    ? []
    : [
        `+ asks for the login (${loginActions(state)
          .map(({ Type }) => Type)
          .join(', ')}) of ${formatRuleName(loginFrom)}`,
      ];

/** What green gets before it gets all, in its order. */
const shares = ({ options: { shift } }: DeploymentPlan) =>
  shift
    .filter(({ percent }) => percent < 100)
    .map(
      ({ percent, bake }) => `${percent} % to green first${bake === undefined ? '' : `, for ${formatDuration(bake)}`}`,
    );

/** A rule's conditions, a line each; never the secret of a test route. */
export const formatConditions = ({ conditions }: Pick<RuleState, 'conditions'>): string[] =>
  conditions.map(({ field, header, values, regularExpressions }) => {
    // A test route's header bears a secret value.
    const shown =
      header === undefined ? [...values, ...regularExpressions.map(readableExpression)].join(' or ') : `${header}: …`;
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
