/**
 * The actions of rules, checked and brought into one form, in which a forward action always has its `ForwardConfig`.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
import type { Action, ForwardActionConfig, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import { fail } from '../../protocol/errors';
import {
  forwardedTo,
  invalid,
  listenersOfLoadBalancer,
  loadBalancersOfTargetGroup,
  rulesOfListener,
  targetGroupOf,
  type Elbv2,
} from '../elbv2';
import { quotas } from '../quotas';
import type { Listener } from '../state';

const routing = ['forward', 'redirect', 'fixed-response'];
const others = ['authenticate-cognito', 'authenticate-oidc', 'jwt-validation'];

/**
 * Exactly one action routes, and it is the last.
 * @param protocol of the listener that they are for
 * @param before the actions that these replace, whose client secret a login may go on using
 * @throws {AwsError} with code `ValidationError`, `TargetGroupNotFound`, `TooManyActions` or `InvalidLoadBalancerAction`
 */
export function parseActions(
  elbv2: Elbv2,
  { protocol }: Pick<Listener, 'protocol'>,
  actions: readonly Action[],
  before: readonly Action[] = [],
): Action[] {
  const ordered = actions.toSorted((one, other) => (one.Order ?? 0) - (other.Order ?? 0));
  for (const { Type: type } of ordered) {
    if (![...routing, ...others].includes(type ?? ''))
      invalid(`Action type '${type}' must be one of '${[...routing, ...others].join(', ')}'`);
  }
  const routers = ordered.filter(({ Type: type }) => routing.includes(type ?? ''));
  if (routers.length > 1) fail('TooManyActionsException', "You've reached the limit on the number of actions per rule");
  if (routers.length === 0 || ordered.at(-1) !== routers[0]) {
    fail(
      'InvalidLoadBalancerActionException',
      'An action of type forward, redirect or fixed-response must be the last action',
    );
  }
  checkLogins(protocol, ordered);
  const hasSecret = before.some(({ Type: type }) => type === 'authenticate-oidc');
  return ordered.map((action) => parseAction(elbv2, action, hasSecret));
}

/** @throws {AwsError} with code `InvalidLoadBalancerAction` for logins where nobody could keep a session secret */
export function checkLogins(protocol: Listener['protocol'], actions: readonly Action[]): void {
  const login = actions.find(({ Type: type }) => others.includes(type ?? ''));
  if (protocol === 'HTTPS' || login === undefined) return;
  fail('InvalidLoadBalancerActionException', `Actions of type '${login.Type}' are supported only on HTTPS listeners`);
}

/** @param arn the rule whose actions these replace; undefined for a new rule */
export function checkForwards(
  elbv2: Elbv2,
  loadBalancerArn: string,
  rule: { actions: readonly Action[]; arn?: string },
): void {
  const wanted = forwardedTo(rule);
  for (const arn of wanted) {
    const elsewhere = loadBalancersOfTargetGroup(elbv2, arn).some((other) => other !== loadBalancerArn);
    if (elsewhere) {
      fail(
        'TargetGroupAssociationLimitException',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
    }
  }
  const others = listenersOfLoadBalancer(elbv2, loadBalancerArn)
    .flatMap((listener) => rulesOfListener(elbv2, listener.arn))
    .filter(({ arn }) => arn !== rule.arn)
    .flatMap(forwardedTo);
  if (new Set([...others, ...wanted]).size > quotas.targetGroupsPerLoadBalancer) {
    fail(
      'TooManyUniqueTargetGroupsPerLoadBalancerException',
      "You've reached the limit on the number of unique target groups per load balancer across all listeners",
    );
  }
}

function parseAction(elbv2: Elbv2, action: Action, hasSecret: boolean): Action {
  if (action.Type === 'authenticate-oidc') return parseLogin(action, hasSecret);
  if (action.Type === 'forward') return parseForward(elbv2, action);
  if (action.Type === 'redirect') return parseRedirect(action);
  if (action.Type === 'fixed-response') {
    const { StatusCode: status } =
      action.FixedResponseConfig ?? invalid('A fixed-response action must have a fixed response configuration');
    if (!/^[245]\d\d$/.test(status ?? ''))
      invalid(`The fixed-response status code '${status}' must be 2XX, 4XX or 5XX`);
  }
  return action;
}

/** What isn't given stays as the client asked for it, and is described so. */
function parseRedirect(action: Action): Action {
  const config = action.RedirectConfig ?? invalid('A redirect action must have a redirect configuration');
  if (!['HTTP_301', 'HTTP_302'].includes(config.StatusCode ?? ''))
    invalid(`Redirect status code '${config.StatusCode}' must be HTTP_301 or HTTP_302`);
  const same = { Protocol: '#{protocol}', Host: '#{host}', Port: '#{port}', Path: '/#{path}', Query: '#{query}' };
  return { ...action, RedirectConfig: { ...same, ...config } };
}

/**
 * A client secret is accepted, but never shown.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
 */
function parseLogin({ AuthenticateOidcConfig: login, ...action }: Action, hasSecret: boolean): Action {
  const { ClientSecret, UseExistingClientSecret, ...shown } =
    login ?? invalid('An authenticate-oidc action must have an OIDC configuration');
  if (ClientSecret === undefined && !(UseExistingClientSecret === true && hasSecret))
    invalid('A client secret must be specified in an authenticate-oidc action');
  return { ...action, AuthenticateOidcConfig: shown };
}

/** `TargetGroupArn` and a `ForwardConfig` with one group mean the same, and AWS describes both. */
function parseForward(elbv2: Elbv2, action: Action): Action {
  const given = action.ForwardConfig?.TargetGroups ?? [];
  const groups = given.length > 0 ? given : [{ TargetGroupArn: action.TargetGroupArn }];
  const [first] = groups;
  if (first?.TargetGroupArn === undefined) invalid('A target group ARN must be specified');
  if (
    given.length > 0 &&
    action.TargetGroupArn !== undefined &&
    (given.length > 1 || first?.TargetGroupArn !== action.TargetGroupArn)
  ) {
    fail(
      'InvalidLoadBalancerActionException',
      'You cannot specify both a target group ARN and a forward configuration with other target groups',
    );
  }
  if (groups.length > quotas.targetGroupsPerAction) {
    fail(
      'TooManyTargetGroupsException',
      `A forward action can have at most '${quotas.targetGroupsPerAction}' target groups`,
    );
  }
  if (new Set(groups.map((group) => group.TargetGroupArn)).size < groups.length)
    invalid('Target groups must be unique in a forward action');
  const tuples = groups.map((group) => parseGroup(elbv2, group, groups.length === 1));
  const config = {
    TargetGroups: tuples,
    TargetGroupStickinessConfig: parseStickiness(elbv2, action.ForwardConfig, tuples),
  };
  const { TargetGroupArn: _, ...rest } = action;
  return tuples.length === 1
    ? { ...rest, TargetGroupArn: first?.TargetGroupArn, ForwardConfig: config }
    : { ...rest, ForwardConfig: config };
}

function parseGroup(elbv2: Elbv2, group: TargetGroupTuple, isAlone: boolean): TargetGroupTuple {
  const { arn } = targetGroupOf(elbv2, group.TargetGroupArn ?? '');
  const weight = group.Weight ?? 1;
  if (!Number.isInteger(weight) || weight < 0 || weight > 999)
    invalid(`Target group weight '${weight}' must be between 0 and 999`);
  return isAlone && group.Weight === undefined
    ? { TargetGroupArn: arn, Weight: 1 }
    : { TargetGroupArn: arn, Weight: weight };
}

/** If one of several groups keeps clients on a target, the rule must keep them on the group. */
function parseStickiness(
  elbv2: Elbv2,
  config: ForwardActionConfig | undefined,
  groups: readonly TargetGroupTuple[],
): NonNullable<ForwardActionConfig['TargetGroupStickinessConfig']> {
  const { Enabled: enabled = false, DurationSeconds: seconds } = config?.TargetGroupStickinessConfig ?? {};
  if (seconds !== undefined && (seconds < 1 || seconds > 604_800))
    invalid(`Target group stickiness duration '${seconds}' must be between 1 and 604800`);
  if (enabled && seconds === undefined)
    invalid('Target group stickiness duration must be specified when stickiness is enabled');
  const isSticky = groups.some(
    (group) => targetGroupOf(elbv2, group.TargetGroupArn ?? '').attributes['stickiness.enabled'] === 'true',
  );
  if (groups.length > 1 && isSticky && !enabled) {
    fail(
      'InvalidConfigurationRequestException',
      'Target group stickiness must be enabled on the rule when a target group of it has sticky sessions',
    );
  }
  return seconds === undefined ? { Enabled: enabled } : { Enabled: enabled, DurationSeconds: seconds };
}
