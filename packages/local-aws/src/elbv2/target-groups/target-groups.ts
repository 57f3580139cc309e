/** The operations on target groups. */
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
  TargetGroup as TargetGroupDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { arnOf, hexId } from '../../scope';
import { targetGroupAttributeDefaults } from '../attributes';
import {
  type Elbv2,
  invalid,
  isInUse,
  loadBalancerOf,
  loadBalancersOfTargetGroup,
  pageOf,
  targetGroupOf,
} from '../elbv2';
import { checkName, checkPort } from '../names';
import { quotas } from '../quotas';
import type { TargetGroup } from '../state';
import { setTags } from '../tags';
import { defaultHealthCheck, parseHealthCheck } from './health-checks';

/**
 * Creates a target group, or returns the one with the same name and settings.
 * @throws {AwsError} with code `DuplicateTargetGroupName` or `TooManyTargetGroups`
 */
export function createTargetGroup(elbv2: Elbv2, input: Given<CreateTargetGroupInput>): CreateTargetGroupOutput {
  checkName('Target group', input.Name);
  const settings = parseSettings(input);
  const known = Object.values(elbv2.state.targetGroups).find(({ name }) => name === input.Name);
  if (known !== undefined) {
    const { arn: _arn, name: _name, attributes: _attributes, targets: _targets, ...had } = known;
    if (isSame(had, settings)) return { TargetGroups: [describe(elbv2, known)] };
    fail(
      'DuplicateTargetGroupNameException',
      `A target group with the same name '${input.Name}' exists, but with different settings`,
    );
  }
  if (Object.keys(elbv2.state.targetGroups).length >= quotas.targetGroupsPerRegion) {
    fail(
      'TooManyTargetGroupsException',
      "You've reached the limit on the number of target groups for your Amazon Web Services account",
    );
  }
  const arn = arnOf(elbv2.scope, 'elasticloadbalancing', `targetgroup/${input.Name}/${hexId(16)}`);
  const group = { arn, name: input.Name, ...settings, attributes: { ...targetGroupAttributeDefaults }, targets: [] };
  setTags(elbv2, arn, input.Tags);
  elbv2.state.targetGroups[arn] = group;
  elbv2.changed();
  return { TargetGroups: [describe(elbv2, group)] };
}

/** Changes the health check, the only setting of a group that can be changed. */
export function modifyTargetGroup(elbv2: Elbv2, input: Given<ModifyTargetGroupInput>): ModifyTargetGroupOutput {
  const group = targetGroupOf(elbv2, input.TargetGroupArn);
  group.healthCheck = parseHealthCheck(input, group.healthCheck);
  elbv2.changed();
  return { TargetGroups: [describe(elbv2, group)] };
}

/**
 * Deletes a target group. It succeeds for one that doesn't exist.
 * @throws {AwsError} with code `ResourceInUse` while a rule forwards to it
 */
export function deleteTargetGroup(elbv2: Elbv2, { TargetGroupArn: arn }: Given<DeleteTargetGroupInput>): object {
  if (elbv2.state.targetGroups[arn] === undefined) return {};
  if (isInUse(elbv2, arn)) {
    fail('ResourceInUseException', `Target group '${arn}' is currently in use by a listener or a rule`);
  }
  delete elbv2.state.targetGroups[arn];
  delete elbv2.state.tags[arn];
  elbv2.changed();
  return {};
}

export function describeTargetGroups(elbv2: Elbv2, input: DescribeTargetGroupsInput): DescribeTargetGroupsOutput {
  const { items, ...next } = pageOf(wantedGroups(elbv2, input), input);
  return { TargetGroups: items.map((group) => describe(elbv2, group)), ...next };
}

function wantedGroups(elbv2: Elbv2, input: DescribeTargetGroupsInput): TargetGroup[] {
  const all = Object.values(elbv2.state.targetGroups);
  const { TargetGroupArns: arns = [], Names: names = [], LoadBalancerArn: loadBalancerArn } = input;
  const given = [arns.length > 0, names.length > 0, loadBalancerArn !== undefined].filter(Boolean);
  if (given.length > 1)
    invalid('Target group ARNs, target group names and a load balancer ARN cannot be specified at the same time');
  if (loadBalancerArn !== undefined) {
    loadBalancerOf(elbv2, loadBalancerArn);
    return all.filter(({ arn }) => loadBalancersOfTargetGroup(elbv2, arn).includes(loadBalancerArn));
  }
  const isMissing =
    arns.some((arn) => elbv2.state.targetGroups[arn] === undefined) ||
    names.some((name) => !all.some((group) => group.name === name));
  if (isMissing) fail('TargetGroupNotFoundException', 'One or more target groups not found');
  return given.length === 0 ? all : all.filter(({ arn, name }) => arns.includes(arn) || names.includes(name));
}

type Settings = Omit<TargetGroup, 'arn' | 'name' | 'attributes' | 'targets'>;

function parseSettings(input: Given<CreateTargetGroupInput>): Settings {
  const targetType = input.TargetType ?? 'instance';
  if (targetType !== 'ip' && targetType !== 'instance') {
    return invalid(`The local AWS has target groups of the types 'instance' and 'ip', not '${targetType}'`);
  }
  const protocol = input.Protocol ?? invalid('A protocol must be specified');
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    invalid(`Target group protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
  const port = input.Port ?? invalid('A port must be specified');
  checkPort(port);
  return {
    protocol,
    protocolVersion: input.ProtocolVersion ?? 'HTTP1',
    port,
    vpcId: input.VpcId ?? invalid('A VPC ID must be specified'),
    targetType,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    healthCheck: parseHealthCheck(input, defaultHealthCheck(protocol)),
  };
}

function isSame(had: object, wanted: object): boolean {
  const sorted = (value: object): string => JSON.stringify(value, [...keysOf(value)].toSorted());
  return sorted(had) === sorted(wanted);
}

function keysOf(value: object): Set<string> {
  const entries = Object.entries(value) as [string, unknown][];
  return new Set(
    entries.flatMap(([key, item]) => (typeof item === 'object' && item !== null ? [key, ...keysOf(item)] : [key])),
  );
}

function describe(elbv2: Elbv2, group: TargetGroup): TargetGroupDescription {
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol as 'HTTP',
    ProtocolVersion: group.protocolVersion,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol as 'HTTP',
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThresholdCount,
    UnhealthyThresholdCount: check.unhealthyThresholdCount,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: loadBalancersOfTargetGroup(elbv2, group.arn),
    TargetType: group.targetType,
    IpAddressType: group.ipAddressType as 'ipv4',
  };
}
