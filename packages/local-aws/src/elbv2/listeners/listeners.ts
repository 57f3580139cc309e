/** The operations on listeners. A listener's default actions are those of its default rule. */
import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener as ListenerDescription,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { arnOf, hexId } from '../../scope';
import {
  checkCertificates,
  invalid,
  listenerOf,
  listenersOfLoadBalancer,
  loadBalancerOf,
  pageOf,
  putRule,
  removeRule,
  replaceActions,
  rulesOfListener,
  type Elbv2,
} from '../elbv2';
import { checkPort } from '../names';
import { quotas } from '../quotas';
import type { Listener, Rule } from '../state';
import { setTags } from '../tags';
import { checkForwards, checkLogins, parseActions } from './actions';

/**
 * Creates a listener, or returns the one with the same settings.
 * @throws {AwsError} with code `DuplicateListener` or `TooManyListeners`, or as `parseActions` does
 */
export function createListener(elbv2: Elbv2, input: Given<CreateListenerInput>): CreateListenerOutput {
  const loadBalancer = loadBalancerOf(elbv2, input.LoadBalancerArn);
  const siblings = listenersOfLoadBalancer(elbv2, loadBalancer.arn);
  const settings = parseSettings(elbv2, input);
  const actions = parseActions(elbv2, settings, input.DefaultActions);
  const known = siblings.find((listener) => listener.port === settings.port);
  if (known !== undefined) {
    const same = isSame(known, settings) && isSame(defaultRule(elbv2, known), { actions });
    if (same) return { Listeners: [describe(elbv2, known)] };
    fail(
      'DuplicateListenerException',
      `A listener already exists on this port for this load balancer '${loadBalancer.arn}'`,
    );
  }
  if (siblings.length >= quotas.listenersPerLoadBalancer) {
    fail('TooManyListenersException', "You've reached the limit on the number of listeners per load balancer");
  }
  checkForwards(elbv2, loadBalancer.arn, { actions });
  const [, path = ''] = loadBalancer.arn.split(':loadbalancer/');
  const id = `${path}/${hexId(16)}`;
  const arn = arnOf(elbv2.scope, 'elasticloadbalancing', `listener/${id}`);
  const listener: Listener = { arn, loadBalancerArn: loadBalancer.arn, ...settings };
  const ruleArn = arnOf(elbv2.scope, 'elasticloadbalancing', `listener-rule/${id}/${hexId(16)}`);
  setTags(elbv2, arn, input.Tags);
  elbv2.state.listeners[arn] = listener;
  putRule(elbv2, {
    arn: ruleArn,
    listenerArn: arn,
    priority: 'default',
    conditions: [],
    actions,
    transforms: [],
  });
  elbv2.changed();
  return { Listeners: [describe(elbv2, listener)] };
}

/** Changes the settings that are given. Certificates and default actions are replaced as a whole. */
export function modifyListener(elbv2: Elbv2, input: Given<ModifyListenerInput>): ModifyListenerOutput {
  const listener = listenerOf(elbv2, input.ListenerArn);
  const settings = parseSettings(elbv2, {
    Port: input.Port ?? listener.port,
    Protocol: input.Protocol ?? listener.protocol,
    Certificates: input.Certificates ?? listener.certificates,
    SslPolicy: input.SslPolicy ?? listener.sslPolicy,
    MutualAuthentication: input.MutualAuthentication ?? listener.mutualAuthentication,
  });
  const rival = listenersOfLoadBalancer(elbv2, listener.loadBalancerArn).find(({ port }) => port === settings.port);
  if (rival !== undefined && rival !== listener) {
    fail(
      'DuplicateListenerException',
      `A listener already exists on this port for this load balancer '${listener.loadBalancerArn}'`,
    );
  }
  for (const { actions, priority } of rulesOfListener(elbv2, listener.arn))
    if (priority !== 'default' || input.DefaultActions === undefined) checkLogins(settings.protocol, actions);
  const rule = defaultRule(elbv2, listener);
  if (input.DefaultActions !== undefined) {
    const actions = parseActions(elbv2, settings, input.DefaultActions, rule.actions);
    checkForwards(elbv2, listener.loadBalancerArn, { actions, arn: rule.arn });
    replaceActions(elbv2, rule, actions);
  }
  Object.assign(listener, settings);
  elbv2.changed();
  return { Listeners: [describe(elbv2, listener)] };
}

export function describeListeners(elbv2: Elbv2, input: DescribeListenersInput): DescribeListenersOutput {
  const { items, ...next } = pageOf(wantedListeners(elbv2, input), input);
  return { Listeners: items.map((listener) => describe(elbv2, listener)), ...next };
}

export function deleteListener(elbv2: Elbv2, input: Given<DeleteListenerInput>): object {
  removeListener(elbv2, listenerOf(elbv2, input.ListenerArn));
  return {};
}

/** Removes a listener with its rules, as AWS does. */
export function removeListener(elbv2: Elbv2, listener: Listener): void {
  for (const { arn } of rulesOfListener(elbv2, listener.arn)) removeRule(elbv2, arn);
  delete elbv2.state.listeners[listener.arn];
  delete elbv2.state.tags[listener.arn];
  elbv2.changed();
}

function wantedListeners(elbv2: Elbv2, input: DescribeListenersInput): Listener[] {
  if (input.ListenerArns !== undefined && input.ListenerArns.length > 0) {
    const missing = input.ListenerArns.find((arn) => elbv2.state.listeners[arn] === undefined);
    if (missing !== undefined) fail('ListenerNotFoundException', 'One or more listeners not found');
    return input.ListenerArns.map((arn) => listenerOf(elbv2, arn));
  }
  const arn = input.LoadBalancerArn ?? invalid('You must specify either listener ARNs or a load balancer ARN');
  return listenersOfLoadBalancer(elbv2, loadBalancerOf(elbv2, arn).arn);
}

type Settings = Pick<Listener, 'protocol' | 'port' | 'certificates' | 'sslPolicy' | 'mutualAuthentication'>;

function parseSettings(elbv2: Elbv2, input: Partial<CreateListenerInput>): Settings {
  const port = input.Port ?? invalid('A listener port must be specified');
  const protocol = input.Protocol ?? invalid('A listener protocol must be specified');
  checkPort(port);
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    return invalid(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`);
  }
  const certificates = input.Certificates ?? [];
  if (protocol === 'HTTPS' && certificates.length !== 1) {
    fail('CertificateNotFoundException', 'A certificate must be specified for HTTPS listeners');
  }
  if (protocol === 'HTTPS')
    checkCertificates(
      elbv2,
      certificates.map(({ CertificateArn }) => CertificateArn),
    );
  const { Mode: mode = 'off' } = input.MutualAuthentication ?? {};
  if (mode !== 'off')
    invalid(`The local AWS has no trust stores: mutual authentication mode '${mode}' must be 'off' here`);
  const sslPolicy =
    protocol === 'HTTPS' ? (input.SslPolicy ?? 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09') : undefined;
  return {
    protocol,
    port,
    certificates: protocol === 'HTTPS' ? certificates : [],
    ...(sslPolicy === undefined ? {} : { sslPolicy }),
    ...(input.MutualAuthentication === undefined ? {} : { mutualAuthentication: input.MutualAuthentication }),
  };
}

function defaultRule(elbv2: Elbv2, listener: Listener): Rule {
  const rule = rulesOfListener(elbv2, listener.arn).at(-1);
  return rule ?? fail('RuleNotFoundException', `Listener '${listener.arn}' has no default rule`);
}

function isSame(known: object, wanted: object): boolean {
  const settings = new Map<string, unknown>(Object.entries(known));
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(settings.get(name)) === JSON.stringify(value));
}

function describe(elbv2: Elbv2, listener: Listener): ListenerDescription {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    Certificates: listener.certificates,
    SslPolicy: listener.sslPolicy,
    DefaultActions: [...defaultRule(elbv2, listener).actions],
    MutualAuthentication: listener.mutualAuthentication,
  };
}
