/** The configuration of the load balancer's process, made of the state alone. */
import type {
  DataPlaneConfiguration,
  ListenerConfiguration,
  LoadBalancerConfiguration,
  ServerCertificate,
  TargetGroupConfiguration,
} from '../load-balancer/configuration';
import { loginKey } from './logins';
import { type Elbv2, isInUse, rulesOfListener } from './elbv2';
import { dnsNameOf, nodesOf } from './nodes';
import type { Listener, LoadBalancer, TargetGroup } from './state';
import { isOutsideZones } from './target-groups/targets';

/**
 * How rule changes reach the load balancer's nodes. AWS publishes no number; the maintainers of the AWS Load Balancer
 * Controller report batches of up to 10 s. https://github.com/kubernetes-sigs/aws-load-balancer-controller/pull/4039
 */
export const defaultPropagation = { batchSeconds: 10, jitterSeconds: 2 };

export type Propagation = DataPlaneConfiguration['propagation'];

/** The configuration of all load balancers as the state has them. */
export function dataPlaneConfiguration(elbv2: Elbv2, propagation: Propagation): DataPlaneConfiguration {
  const { state, timeScale } = elbv2;
  return {
    version: state.version,
    timeScale,
    ...(elbv2.profile && { profile: elbv2.profile }),
    loginKey: loginKey(state),
    propagation,
    loadBalancers: Object.values(state.loadBalancers).map((loadBalancer) => describeBalancer(elbv2, loadBalancer)),
    listeners: Object.values(state.listeners).map((listener) => describeListener(elbv2, listener)),
    targetGroups: Object.values(state.targetGroups).map((group) => describeGroup(elbv2, group)),
  };
}

function describeBalancer(elbv2: Elbv2, loadBalancer: LoadBalancer): LoadBalancerConfiguration {
  const { arn, name, attributes } = loadBalancer;
  return { arn, name, dnsName: dnsNameOf(elbv2, loadBalancer), nodes: nodesOf(elbv2, loadBalancer), attributes };
}

function describeListener(elbv2: Elbv2, listener: Listener): ListenerConfiguration {
  const { arn, loadBalancerArn, protocol, port, sslPolicy } = listener;
  const rules = rulesOfListener(elbv2, arn).map(({ listenerArn: _listener, ...rule }) => rule);
  if (protocol === 'HTTP') return { arn, loadBalancerArn, protocol, port, rules };
  const tls = { certificates: certificatesOf(elbv2, listener), ...(sslPolicy !== undefined && { sslPolicy }) };
  return { arn, loadBalancerArn, protocol, port, rules, ...tls };
}

function certificatesOf({ acm }: Elbv2, { certificates, moreCertificates = [] }: Listener): ServerCertificate[] {
  const arns = [...certificates.map(({ CertificateArn = '' }) => CertificateArn), ...moreCertificates];
  const key = acm.authority?.serverKey ?? '';
  return arns.flatMap((arn) => {
    const found = acm.certificates[arn];
    return found === undefined ? [] : [{ ...found, key }];
  });
}

function describeGroup(
  elbv2: Elbv2,
  { arn, name, protocol, healthCheck, attributes, targets }: TargetGroup,
): TargetGroupConfiguration {
  const { protocol: checkProtocol, ...check } = healthCheck;
  return {
    arn,
    name,
    inUse: isInUse(elbv2, arn),
    secure: protocol === 'HTTPS',
    healthCheck: { ...check, secure: checkProtocol === 'HTTPS' },
    attributes,
    // Whatever a target's id is (an instance, an address in a VPC), it listens on this machine, unless an engine gave it its address.
    targets: targets
      .filter((target) => !isOutsideZones(elbv2, { arn }, target))
      .map(({ availabilityZone, ...target }) => ({
        ...target,
        address: addressOf(elbv2, target.id),
        // Only tasks have a zone.
        ...(availabilityZone !== undefined && { isTask: true, zone: availabilityZone }),
      })),
  };
}

function addressOf({ isTaskAddress }: Elbv2, id: string): string {
  return /^127\.\d+\.\d+\.\d+$/.test(id) || isTaskAddress(id) ? id : '127.0.0.1';
}
