/** Serves one request: finds its rule and runs the rule's action. */
import type { IncomingMessage } from 'node:http';
import { type ForwardAction, drawGroup } from '../routing/actions';
import type { Balancer, LoadBalancerSettings } from '../balancer';
import { nextTarget } from '../routing/picking';
import { type Rule, matchingRule } from '../routing/rule-tables';
import { stickinessCookies, stickyGroup, stickyTarget } from '../routing/stickiness';
import type { Target } from '../targets/target';
import type { TargetGroup } from '../targets/target-group';
import { type OwnStatus, answer as answerItself, answerError, answerLogin, answerRedirect } from './answers';
import type { ClientAnswer, ClientRequest } from './client-exchange';
import { forward } from './forward';
import { requestHeaders } from './forwarded-headers';
import { refusal } from './request-limits';
import { type RequestFacts, requestFacts } from './request-facts';

/** The listener and the node that received a request. */
export interface Entrance {
  readonly balancer: Balancer;
  readonly listenerArn: string;
  /** The node's address. */
  readonly node: string;
  /** The availability zone that the node is in. */
  readonly zone: string;
  readonly settings: LoadBalancerSettings;
}

/** @param body the request's body; undefined when it has none */
export function serve(request: ClientRequest, answer: ClientAnswer, entrance: Entrance, body?: IncomingMessage): void {
  const { settings } = entrance;
  const refuse = (status: OwnStatus) => {
    settings.tally().refused(status);
    answerError(answer, status);
  };
  const refused = refusal(request);
  if (refused !== undefined) return refuse(refused);
  const facts = requestFacts(request);
  const rule = findRule(facts, entrance);
  if (rule === undefined) return refuse(503);
  const demand = rule.login?.(request, entrance.balancer.loginKey);
  if (demand !== undefined) {
    settings.tally().refused(demand.status);
    return answerLogin(answer, demand);
  }
  const { action } = rule;
  if (action.kind !== 'forward') settings.tally().refused(action.status);
  if (action.kind === 'answer') return answerItself(answer, action.status, action.contentType, action.body);
  if (action.kind === 'redirect') {
    return answerRedirect(answer, action.status, action.location(facts, request.socket.localPort ?? 80));
  }
  const destination = findDestination(action, request, entrance);
  if (destination === undefined) return refuse(503);
  const outgoing = rewritten(rule, request, facts);
  if (outgoing === undefined) return refuse(500);
  const { group, target } = destination;
  const headers = requestHeaders(request, settings.headers, outgoing.host);
  const stickiness = stickinessCookies(action, group, target, entrance.balancer.timeScale);
  const tally = settings.tally(group.configuration.arn);
  tally.chosen();
  forward({ method: request.method ?? 'GET', url: outgoing.url, headers, body, answer, target, stickiness, tally });
}

/** The rule that a request matches on its node; undefined when the listener is gone. */
export function findRule(facts: RequestFacts, { balancer, node, listenerArn }: Entrance): Rule | undefined {
  return matchingRule(balancer.rules(node, listenerArn), facts);
}

interface Destination {
  readonly group: TargetGroup;
  readonly target: Target;
}

/** Undefined when the chosen group has no target that may serve; no other group is used instead. */
export function findDestination(
  action: ForwardAction,
  request: ClientRequest,
  { balancer, zone }: Entrance,
): Destination | undefined {
  const { cookie } = request.headers;
  const arn = stickyGroup(action, cookie) ?? drawGroup(action, Math.random());
  const group = arn === undefined ? undefined : balancer.targetGroup(arn);
  if (group === undefined) return undefined;
  const target = stickyTarget(group, cookie, zone) ?? nextTarget(group, balancer.timeScale, zone);
  return target === undefined ? undefined : { group, target };
}

/** The URL and host for the target; undefined when a transform failed. There is no `host` when it is the client's own. */
export function rewritten(
  { rewrite }: Rule,
  request: ClientRequest,
  { path, query }: RequestFacts,
): { readonly url: string; readonly host?: string } | undefined {
  const url = query === '' && request.url?.endsWith('?') !== true ? path : `${path}?${query}`;
  return rewrite === undefined ? { url } : rewrite({ url, host: request.headers.host ?? '' });
}
