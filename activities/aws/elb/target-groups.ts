/** A slot's target group: made so, call by call. */
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupSettings } from '../../../planning/observed/observed';
import type { TargetGroupPlan } from '../../../planning/plans/target-group';
import { elbTags } from '../../../planning/names';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';

type Elb = AwsClients['elb'];

/** `undefined` when there is none of this name. */
export async function describeTargetGroup(elb: Elb, name: string): Promise<TargetGroup | undefined> {
  const found = await unless(
    'TargetGroupNotFound',
    undefined,
    elb.send(new DescribeTargetGroupsCommand({ Names: [name] })),
  );
  return found?.TargetGroups?.[0];
}

export async function describeAttributes(elb: Elb, arn: string): Promise<Readonly<Record<string, string>>> {
  const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }));
  return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** By ARN. All of them must be there. */
export async function describeHealthChecks(
  elb: Elb,
  arns: readonly string[],
): Promise<Map<string, TargetGroupSettings>> {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [...arns] }));
  return new Map(TargetGroups.map((group) => [group.TargetGroupArn ?? '', healthCheckOf(group)]));
}

/** What a plan sets of a target group's health check, in AWS's words. */
export const healthCheckOf = (group: TargetGroup): TargetGroupSettings => ({
  HealthCheckProtocol: group.HealthCheckProtocol ?? '',
  HealthCheckPath: group.HealthCheckPath ?? '',
  HealthCheckIntervalSeconds: String(group.HealthCheckIntervalSeconds ?? ''),
  HealthCheckTimeoutSeconds: String(group.HealthCheckTimeoutSeconds ?? ''),
  HealthyThresholdCount: String(group.HealthyThresholdCount ?? ''),
  UnhealthyThresholdCount: String(group.UnhealthyThresholdCount ?? ''),
  Matcher: group.Matcher?.HttpCode ?? '',
});

/** Empty when the target group is gone. */
export async function describeTargets(elb: Elb, arn: string): Promise<TargetHealthDescription[]> {
  const call = elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  return (await unless('TargetGroupNotFound', undefined, call))?.TargetHealthDescriptions ?? [];
}

/**
 * The target group of this name, made when there is none.
 * Effect: at most one CreateTargetGroup. Idempotent: by name.
 */
export async function createTargetGroup(elb: Elb, plan: TargetGroupPlan): Promise<string> {
  const found = await describeTargetGroup(elb, plan.name);
  if (found?.TargetGroupArn) return found.TargetGroupArn;
  const { TargetGroups = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: plan.name,
      Protocol: plan.protocol,
      Port: plan.port,
      TargetType: plan.targetType,
      ...(plan.vpcId !== undefined && { VpcId: plan.vpcId }),
      ...healthCheck(plan),
      Tags: elbTags(plan.tags),
    }),
  );
  return TargetGroups[0]?.TargetGroupArn ?? '';
}

/**
 * The health check as planned: a slot that is used again may have had another.
 * Effect: at most one ModifyTargetGroup.
 */
export async function setTargetGroup(elb: Elb, arn: string, plan: TargetGroupPlan): Promise<void> {
  const found = await describeTargetGroup(elb, plan.name);
  const wanted = healthCheck(plan);
  const now: Record<string, unknown> = { ...found };
  const same = Object.entries(wanted).every(([key, value]) => JSON.stringify(now[key]) === JSON.stringify(value));
  if (!same) await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: arn, ...wanted }));
}

/** Effect: at most one ModifyTargetGroupAttributes, with the attributes that differ. */
export async function setTargetGroupAttributes(
  elb: Elb,
  arn: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const now = await describeAttributes(elb, arn);
  const Attributes = Object.entries(attributes)
    .filter(([key, value]) => now[key] !== value)
    .map(([Key, Value]) => ({ Key, Value }));
  if (Attributes.length > 0)
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
}

const healthCheck = ({ protocol, healthCheck: check }: TargetGroupPlan) => ({
  HealthCheckProtocol: protocol,
  HealthCheckPath: check.path,
  HealthCheckIntervalSeconds: check.intervalSeconds,
  HealthCheckTimeoutSeconds: check.timeoutSeconds,
  HealthyThresholdCount: check.healthyThreshold,
  UnhealthyThresholdCount: check.unhealthyThreshold,
  Matcher: { HttpCode: check.matcher },
});
