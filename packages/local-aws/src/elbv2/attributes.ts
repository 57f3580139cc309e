/**
 * The attributes of load balancers, listeners and target groups: their defaults, and the values that they may have.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
import type {
  DescribeListenerAttributesInput,
  DescribeLoadBalancerAttributesInput,
  DescribeTargetGroupAttributesInput,
  ModifyListenerAttributesInput,
  ModifyLoadBalancerAttributesInput,
  ModifyTargetGroupAttributesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../operations';
import { invalid, listenerOf, loadBalancerOf, targetGroupOf, type Elbv2 } from './elbv2';

type Attributes = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

export const loadBalancerAttributeDefaults: Readonly<Record<string, string>> = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};

export const targetGroupAttributeDefaults: Readonly<Record<string, string>> = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'slow_start.duration_seconds': '0',
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.app_cookie.cookie_name': '',
  'stickiness.app_cookie.duration_seconds': '86400',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
};

/** On AWS these set or rename headers; the local load balancer does neither. */
const listenerAttributeDefaults: Readonly<Record<string, string>> = {
  'routing.http.response.server.enabled': 'true',
  'routing.http.response.strict_transport_security.header_value': '',
  'routing.http.response.access_control_allow_origin.header_value': '',
  'routing.http.response.access_control_allow_methods.header_value': '',
  'routing.http.response.access_control_allow_headers.header_value': '',
  'routing.http.response.access_control_allow_credentials.header_value': '',
  'routing.http.response.access_control_expose_headers.header_value': '',
  'routing.http.response.access_control_max_age.header_value': '',
  'routing.http.response.content_security_policy.header_value': '',
  'routing.http.response.x_content_type_options.header_value': '',
  'routing.http.response.x_frame_options.header_value': '',
  'routing.http.request.x_amzn_tls_version.header_name': 'X-Amzn-Tls-Version',
  'routing.http.request.x_amzn_tls_cipher_suite.header_name': 'X-Amzn-Tls-Cipher-Suite',
  'routing.http.request.x_amzn_mtls_clientcert.header_name': 'X-Amzn-Mtls-Clientcert',
  'routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name': 'X-Amzn-Mtls-Clientcert-Serial-Number',
  'routing.http.request.x_amzn_mtls_clientcert_issuer.header_name': 'X-Amzn-Mtls-Clientcert-Issuer',
  'routing.http.request.x_amzn_mtls_clientcert_subject.header_name': 'X-Amzn-Mtls-Clientcert-Subject',
  'routing.http.request.x_amzn_mtls_clientcert_validity.header_name': 'X-Amzn-Mtls-Clientcert-Validity',
  'routing.http.request.x_amzn_mtls_clientcert_leaf.header_name': 'X-Amzn-Mtls-Clientcert-Leaf',
};

/** The first and the last whole number that each may be. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  'client_keep_alive.seconds': [60, 604_800],
  'idle_timeout.timeout_seconds': [1, 4000],
  'deregistration_delay.timeout_seconds': [0, 3600],
  'stickiness.app_cookie.duration_seconds': [1, 604_800],
  'stickiness.lb_cookie.duration_seconds': [1, 604_800],
};

/** A threshold that can be switched off, with its greatest value. */
const thresholds: Readonly<Record<string, number>> = {
  'target_group_health.dns_failover.minimum_healthy_targets.count': 1000,
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 100,
};

const choices: Readonly<Record<string, readonly string[]>> = {
  'load_balancing.algorithm.type': ['round_robin', 'least_outstanding_requests', 'weighted_random'],
  'routing.http.desync_mitigation_mode': ['monitor', 'defensive', 'strictest'],
  'routing.http.xff_header_processing.mode': ['append', 'preserve', 'remove'],
  'stickiness.type': ['lb_cookie', 'app_cookie'],
};

export function describeLoadBalancerAttributes(
  elbv2: Elbv2,
  input: Given<DescribeLoadBalancerAttributesInput>,
): object {
  return { Attributes: list(loadBalancerOf(elbv2, input.LoadBalancerArn).attributes) };
}

export function modifyLoadBalancerAttributes(elbv2: Elbv2, input: Given<ModifyLoadBalancerAttributesInput>): object {
  const { attributes } = loadBalancerOf(elbv2, input.LoadBalancerArn);
  setAttributes('Load balancer', attributes, input.Attributes);
  elbv2.changed();
  return { Attributes: list(attributes) };
}

export function describeTargetGroupAttributes(elbv2: Elbv2, input: Given<DescribeTargetGroupAttributesInput>): object {
  return { Attributes: list(targetGroupOf(elbv2, input.TargetGroupArn).attributes) };
}

export function modifyTargetGroupAttributes(elbv2: Elbv2, input: Given<ModifyTargetGroupAttributesInput>): object {
  const { attributes } = targetGroupOf(elbv2, input.TargetGroupArn);
  setAttributes('Target group', attributes, input.Attributes);
  elbv2.changed();
  return { Attributes: list(attributes) };
}

export function describeListenerAttributes(elbv2: Elbv2, input: Given<DescribeListenerAttributesInput>): object {
  const { attributes } = listenerOf(elbv2, input.ListenerArn);
  return { Attributes: list({ ...listenerAttributeDefaults, ...attributes }) };
}

export function modifyListenerAttributes(elbv2: Elbv2, input: Given<ModifyListenerAttributesInput>): object {
  const listener = listenerOf(elbv2, input.ListenerArn);
  const attributes = { ...listenerAttributeDefaults, ...listener.attributes };
  setAttributes('Listener', attributes, input.Attributes);
  listener.attributes = attributes;
  elbv2.changed();
  return { Attributes: list(attributes) };
}

/** Sets all of the attributes, or none if one is invalid. */
function setAttributes(kind: string, attributes: Record<string, string>, wanted: Attributes): void {
  for (const { Key: key = '', Value: value = '' } of wanted) {
    const known = attributes[key];
    if (known === undefined) invalid(`${kind} attribute key '${key}' is not recognized`);
    else checkValue(kind, key, value, known);
  }
  for (const { Key: key = '', Value: value = '' } of wanted) attributes[key] = value;
}

function checkValue(kind: string, key: string, value: string, known: string): void {
  const [from, to] = ranges[key] ?? [-Infinity, Infinity];
  const isNumber = key in ranges || key === 'slow_start.duration_seconds';
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  const good =
    (!isNumber || (number >= from && number <= to)) &&
    (key !== 'slow_start.duration_seconds' || number === 0 || (number >= 30 && number <= 900)) &&
    (!(key in thresholds) ||
      value === 'off' ||
      (/^\d+$/.test(value) && +value >= 1 && +value <= (thresholds[key] ?? 0))) &&
    (choices[key]?.includes(value) ?? true) &&
    (!['true', 'false'].includes(known) || ['true', 'false'].includes(value));
  if (!good) invalid(`${kind} attribute value '${value}' for the key '${key}' is not valid`);
}

function list(attributes: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
}
