/** Drift of target groups: somebody else's change in mid-deployment is told before the next write, and never overwritten. */
import { ApplicationFailure } from '@temporalio/common';
import { drift, type ReliedTargetGroup } from '../../../planning/observed/drift';
import type { TargetGroupSettings } from '../../../planning/observed/observed';
import { settingsOfPlan } from '../../../planning/plans/target-group';
import type { TargetGroupPlan } from '../../../planning/plans/target-group';
import { targetGroupName } from '../../../planning/names';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { describeAttributes, describeHealthChecks } from './target-groups';
import { confirmUnchanged } from '../ecs/unchanged';

type Elb = AwsClients['elb'];

/** Green's target group as this deployment set it. */
export interface GreenTargetGroup {
  readonly arn: string;
  readonly plan: TargetGroupPlan;
}

/**
 * Returns when green's target group is as it was set, and blue's as the plan found it.
 * Calls: one DescribeTargetGroups, and one DescribeTargetGroupAttributes each; again while something differs, for a read may
 * be late.
 * Errors: `TargetGroupChangedByOthers`.
 * @param green `null` where nothing is to take over
 * @param blue `null` where no slot serves
 */
export async function confirmTargetGroups(
  elb: Elb,
  green: GreenTargetGroup | null,
  blue: ReliedTargetGroup | null,
): Promise<void> {
  const relied = [
    ...(green ? [{ arn: green.arn, settings: settingsOfPlan(green.plan) }] : []),
    ...(blue ? [blue] : []),
  ];
  if (relied.length === 0) return;
  await confirmUnchanged(async () => {
    const changes = await describeDrift(elb, relied);
    return changes.length === 0 ? undefined : changedByOthers(changes);
  });
}

/** A text for each target group that differs. */
async function describeDrift(elb: Elb, relied: readonly ReliedTargetGroup[]): Promise<string[]> {
  const now = await describeSettings(
    elb,
    relied.map(({ arn }) => arn),
  );
  return relied.flatMap(({ arn, settings }) => {
    const there = now.get(arn);
    const differing = there === undefined ? ['it is gone'] : drift(settings, there);
    return differing.length === 0 ? [] : [`Target group ${targetGroupName(arn)} (${differing.join(', ')})`];
  });
}

/** By ARN; what is gone is left out. */
async function describeSettings(elb: Elb, arns: readonly string[]): Promise<Map<string, TargetGroupSettings>> {
  const asked = arns.map(
    async (arn) => [arn, await unless('TargetGroupNotFound', undefined, describeAttributes(elb, arn))] as const,
  );
  const attributes = await Promise.all(asked);
  const there = attributes.flatMap(([arn, found]) => (found ? [arn] : []));
  const checks = there.length > 0 ? await describeHealthChecks(elb, there) : new Map<string, TargetGroupSettings>();
  return new Map(there.map((arn) => [arn, { ...checks.get(arn), ...attributes.find(([one]) => one === arn)?.[1] }]));
}

const changedByOthers = (changes: readonly string[]) =>
  ApplicationFailure.nonRetryable(
    `${changes.join(' and ')} ${changes.length === 1 ? 'was' : 'were'} changed by somebody else. Retry looks again and goes on once it is as it was; a rollback brings back what served before and leaves the change alone.`,
    'TargetGroupChangedByOthers',
  );
