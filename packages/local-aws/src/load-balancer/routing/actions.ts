/**
 * What a rule does with a request that matches it: forward by weight, redirect, or answer.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
import type { Action, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RequestFacts } from '../listening/request-facts';

export interface GroupShare {
  readonly targetGroupArn: string;
  readonly weight: number;
}

export interface ForwardAction {
  readonly kind: 'forward';
  readonly shares: readonly GroupShare[];
  readonly totalWeight: number;
  /** Set when clients should stay on their first group. */
  readonly stickySeconds?: number;
}

export interface AnswerAction {
  readonly kind: 'answer';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface RedirectAction {
  readonly kind: 'redirect';
  readonly status: number;
  location(request: RequestFacts, port: number): string;
}

export type RuleAction = ForwardAction | AnswerAction | RedirectAction;

/** The routing action of a rule, which is its last. */
export function ruleAction(actions: readonly Action[]): RuleAction {
  const routing = actions.find(({ Type }) => Type === 'forward' || Type === 'redirect' || Type === 'fixed-response');
  if (routing?.Type === 'redirect') return redirectAction(routing.RedirectConfig);
  if (routing?.Type === 'fixed-response') {
    const { StatusCode, ContentType = 'text/plain', MessageBody = '' } = routing.FixedResponseConfig ?? {};
    return { kind: 'answer', status: Number(StatusCode ?? 503), contentType: ContentType, body: MessageBody };
  }
  return forwardAction(routing);
}

function forwardAction(action: Action | undefined): ForwardAction {
  const { TargetGroups: groups, TargetGroupStickinessConfig: stickiness } = action?.ForwardConfig ?? {};
  const tuples = groups ?? [{ TargetGroupArn: action?.TargetGroupArn }];
  const shares = tuples.flatMap(({ TargetGroupArn, Weight = 1 }) =>
    TargetGroupArn === undefined ? [] : [{ targetGroupArn: TargetGroupArn, weight: Weight }],
  );
  // The weight of a single group means nothing.
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) shares[0] = { ...only, weight: 1 };
  const totalWeight = shares.reduce((total, { weight }) => total + weight, 0);
  const sticky = stickiness?.Enabled === true ? { stickySeconds: stickiness.DurationSeconds ?? 86_400 } : {};
  return { kind: 'forward', shares, totalWeight, ...sticky };
}

/**
 * Chooses a group by weight; undefined when no group has any.
 * @param draw a random number, at least 0 and less than 1
 */
export function drawGroup({ shares, totalWeight }: ForwardAction, draw: number): string | undefined {
  let rest = draw * totalWeight;
  for (const { targetGroupArn, weight } of shares) {
    if (rest < weight) return targetGroupArn;
    rest -= weight;
  }
  return undefined;
}

function redirectAction(config: RedirectActionConfig | undefined): RedirectAction {
  const { Protocol, Host, Port, Path, Query } = config ?? {};
  return {
    kind: 'redirect',
    status: config?.StatusCode === 'HTTP_301' ? 301 : 302,
    location(request, port) {
      const words: Readonly<Record<string, string>> = {
        protocol: request.scheme,
        host: request.host,
        port: String(port),
        path: request.path.slice(1),
        query: request.query,
      };
      const fill = (template: string) => template.replace(/#\{(\w+)\}/g, (_, word: string) => words[word] ?? '');
      const query = fill(Query ?? '#{query}');
      const address = `${fill(Protocol ?? '#{protocol}').toLowerCase()}://${fill(Host ?? '#{host}')}`;
      return `${address}:${fill(Port ?? '#{port}')}${fill(Path ?? '/#{path}')}${query === '' ? '' : `?${query}`}`;
    },
  };
}
