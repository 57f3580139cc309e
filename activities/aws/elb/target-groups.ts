/** Target groups: read, created, changed and deleted, call by call. */
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type TargetGroup,
  type TargetGroupIpAddressTypeEnum,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import { elbTags } from '../../../planning/names';
import { tagsAtCreation } from '../../../planning/tags';
import type {
  FixedTargetGroup,
  ObservedSlot,
  ObservedTargetGroup,
  TargetGroupSettings,
} from '../../../planning/observed/observed';
import type { TargetGroupPlan } from '../../../planning/plans/target-group';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { writing, type AwsDependencies } from '../dependencies';
import { describeTags } from './listener-rules';

type Elb = AwsClients['elb'];

export const targetGroupActivities = (aws: AwsDependencies) => ({
  /**
   * The ARN of the target group of this name, which is created when there is none, or only the one that the plan replaces.
   * Effect: at most one DeleteTargetGroup and one CreateTargetGroup. Idempotent: by name, and by the ARN that is replaced.
   */
  async createTargetGroup(site: Site, plan: TargetGroupPlan): Promise<string> {
    const { elb } = writing(aws, site);
    const found = await describeTargetGroup(elb, plan.name);
    if (found?.TargetGroupArn && found.TargetGroupArn !== plan.replaces) return found.TargetGroupArn;
    if (found) await deleteTargetGroup(elb, found.TargetGroupArn ?? '');
    const { TargetGroups = [] } = await elb.send(
      new CreateTargetGroupCommand({
        Name: plan.name,
        Protocol: plan.protocol,
        Port: plan.port,
        TargetType: plan.targetType,
        ...(plan.protocolVersion !== undefined && { ProtocolVersion: plan.protocolVersion }),
        ...(plan.vpcId !== undefined && { VpcId: plan.vpcId }),
        ...(plan.ipAddressType !== undefined && {
          IpAddressType: plan.ipAddressType as TargetGroupIpAddressTypeEnum,
        }),
        ...(plan.targetControlPort !== undefined && { TargetControlPort: plan.targetControlPort }),
        ...healthCheck(plan),
        Tags: elbTags(tagsAtCreation(plan.tags)),
      }),
    );
    return TargetGroups[0]?.TargetGroupArn ?? '';
  },

  /**
   * Gives the target group the planned health check: a slot that is used again may have had another.
   * Effect: at most one ModifyTargetGroup. Idempotent: absolute.
   */
  async setTargetGroup(site: Site, arn: string, plan: TargetGroupPlan): Promise<void> {
    const { elb } = writing(aws, site);
    const found = await describeTargetGroup(elb, plan.name);
    const wanted = healthCheck(plan);
    const now: Record<string, unknown> = { ...found };
    const same = Object.entries(wanted).every(([key, value]) => JSON.stringify(now[key]) === JSON.stringify(value));
    if (!same) await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: arn, ...wanted }));
  },

  /** Effect: at most one ModifyTargetGroupAttributes, with the attributes that differ. Idempotent: absolute. */
  async setTargetGroupAttributes(site: Site, arn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const { elb } = writing(aws, site);
    // A read may miss a group that was just created: then every attribute is written.
    const unseen: Readonly<Record<string, string>> = {};
    const now = await unless('TargetGroupNotFound', unseen, describeAttributes(elb, arn));
    const Attributes = Object.entries(attributes)
      .filter(([key, value]) => now[key] !== value)
      .map(([Key, Value]) => ({ Key, Value }));
    if (Attributes.length > 0)
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
  },

  /**
   * Effect: at most one DeleteTargetGroup. Idempotent: one that is gone is left alone.
   * @throws {ApplicationFailure} of type `NotYet`, retryable, while a rule that was just deleted still holds it
   */
  async deleteTargetGroup(site: Site, arn: string): Promise<void> {
    await deleteTargetGroup(writing(aws, site).elb, arn);
  },
});

async function deleteTargetGroup(elb: Elb, arn: string): Promise<void> {
  try {
    await unless('TargetGroupNotFound', undefined, elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })));
  } catch (failure) {
    if (!isAwsError(failure, 'ResourceInUse')) throw failure;
    throw ApplicationFailure.retryable(`Target group ${arn} is still in use.`, 'NotYet');
  }
}

const healthCheck = ({ protocol, healthCheck: check }: TargetGroupPlan) => ({
  HealthCheckProtocol: (check.protocol ?? protocol) as TargetGroupPlan['protocol'],
  ...(check.port !== undefined && { HealthCheckPort: check.port }),
  HealthCheckPath: check.path,
  HealthCheckIntervalSeconds: check.intervalSeconds,
  HealthCheckTimeoutSeconds: check.timeoutSeconds,
  HealthyThresholdCount: check.healthyThreshold,
  UnhealthyThresholdCount: check.unhealthyThreshold,
  Matcher: { HttpCode: check.matcher },
});

/** `undefined` when there is none with this name. */
export async function describeTargetGroup(elb: Elb, name: string): Promise<TargetGroup | undefined> {
  const found = await unless(
    'TargetGroupNotFound',
    undefined,
    elb.send(new DescribeTargetGroupsCommand({ Names: [name] })),
  );
  return found?.TargetGroups?.[0];
}

/** @throws {ApplicationFailure} that {@link isAwsError} finds to be `TargetGroupNotFound`, when it is gone */
export async function describeAttributes(elb: Elb, arn: string): Promise<Readonly<Record<string, string>>> {
  const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }));
  return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** A target group's attributes and tags; it may be deleted between two reads. */
export async function describeOwn(
  elb: Elb,
  arn: string | null,
): Promise<Pick<ObservedSlot, 'attributes' | 'targetGroupTags'>> {
  if (arn === null) return { attributes: {} };
  const described = Promise.all([describeAttributes(elb, arn), describeTags(elb, [arn])]);
  const found = await unless('TargetGroupNotFound', undefined, described);
  if (!found) return { attributes: {} };
  const [attributes, tags] = found;
  return { attributes, targetGroupTags: tags.get(arn) ?? {} };
}

/**
 * The health checks of target groups, by ARN.
 * @throws {ApplicationFailure} that {@link isAwsError} finds to be `TargetGroupNotFound`, when one of them is gone
 */
export async function describeHealthChecks(
  elb: Elb,
  arns: readonly string[],
): Promise<Map<string, TargetGroupSettings>> {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [...arns] }));
  return new Map(TargetGroups.map((group) => [group.TargetGroupArn ?? '', healthCheckOf(group)]));
}

/** The settings of a target group's health check that a plan sets, with AWS's names. */
export const healthCheckOf = (group: TargetGroup): TargetGroupSettings => ({
  HealthCheckProtocol: group.HealthCheckProtocol ?? '',
  HealthCheckPort: group.HealthCheckPort ?? '',
  HealthCheckPath: group.HealthCheckPath ?? '',
  HealthCheckIntervalSeconds: String(group.HealthCheckIntervalSeconds ?? ''),
  HealthCheckTimeoutSeconds: String(group.HealthCheckTimeoutSeconds ?? ''),
  HealthyThresholdCount: String(group.HealthyThresholdCount ?? ''),
  UnhealthyThresholdCount: String(group.UnhealthyThresholdCount ?? ''),
  Matcher: group.Matcher?.HttpCode ?? '',
});

export const fixedOf = (group: TargetGroup): FixedTargetGroup => ({
  protocol: group.Protocol ?? '',
  protocolVersion: group.ProtocolVersion ?? 'HTTP1',
  port: group.Port ?? 0,
  targetType: group.TargetType ?? 'instance',
  vpcId: group.VpcId ?? '',
  ...(group.IpAddressType !== undefined && group.IpAddressType !== 'ipv4' && { ipAddressType: group.IpAddressType }),
  ...(group.TargetControlPort !== undefined && { targetControlPort: group.TargetControlPort }),
});

/** @throws {ApplicationFailure} that {@link isAwsError} finds to be `TargetGroupNotFound`, when it is gone */
export async function observeTargetGroup(elb: Elb, arn: string): Promise<ObservedTargetGroup> {
  const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  return {
    attributes: await describeAttributes(elb, arn),
    ...(group && { healthCheck: healthCheckOf(group), fixed: fixedOf(group) }),
  };
}

/** The targets with their health; empty when the target group is gone. */
export async function describeTargets(elb: Elb, arn: string): Promise<TargetHealthDescription[]> {
  const call = elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  return (await unless('TargetGroupNotFound', undefined, call))?.TargetHealthDescriptions ?? [];
}
