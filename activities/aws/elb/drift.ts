/** Drift: somebody else's change in mid-deployment is reported before the next write, and never overwritten. */
import { ApplicationFailure } from '@temporalio/common';
import { drift, type ReliedTargetGroup } from '../../../planning/observed/drift';
import type { TargetGroupSettings } from '../../../planning/observed/observed';
import { targetGroupName } from '../../../planning/names';
import { settingsOfPlan, type TargetGroupPlan } from '../../../planning/plans/target-group';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { confirmUnchanged } from '../confirmation';
import type { AwsDependencies } from '../dependencies';
import { describeAttributes, describeHealthChecks } from './target-groups';

type Elb = AwsClients['elb'];

/** Green's target group as this deployment set it. */
export interface GreenTargetGroup {
  readonly arn: string;
  readonly plan: TargetGroupPlan;
}

export const driftActivities = ({ clientsOf }: AwsDependencies) => ({
  /**
   * Returns when green's target group is as it was set, and blue's as the plan found it. Reads only: one DescribeTargetGroups, and
   * one DescribeTargetGroupAttributes for each.
   * @param green `null` where no green is to take traffic
   * @param blue `null` where no slot serves
   * @throws {ApplicationFailure} of type `TargetGroupChangedByOthers`
   */
  async confirmTargetGroups(site: Site, green: GreenTargetGroup | null, blue: ReliedTargetGroup | null): Promise<void> {
    const { elb } = clientsOf(site);
    const relied = [
      ...(green ? [{ arn: green.arn, settings: settingsOfPlan(green.plan) }] : []),
      ...(blue ? [blue] : []),
    ];
    if (relied.length === 0) return;
    await confirmUnchanged(async () => {
      const changes = await describeDrift(elb, relied);
      return changes.length === 0 ? undefined : changedByOthers(changes);
    });
  },
});

/** A text for each target group that differs from what it must be. */
export async function describeDrift(elb: Elb, relied: readonly ReliedTargetGroup[]): Promise<string[]> {
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

/** The settings of target groups, by ARN; one that is gone is left out. */
async function describeSettings(elb: Elb, arns: readonly string[]): Promise<Map<string, TargetGroupSettings>> {
  const asked = arns.map(
    async (arn) => [arn, await unless('TargetGroupNotFound', undefined, describeAttributes(elb, arn))] as const,
  );
  const attributes = await Promise.all(asked);
  const there = attributes.flatMap(([arn, found]) => (found ? [arn] : []));
  const none = new Map<string, TargetGroupSettings>();
  const checks = there.length > 0 ? await unless('TargetGroupNotFound', none, describeHealthChecks(elb, there)) : none;
  return new Map(there.map((arn) => [arn, { ...checks.get(arn), ...attributes.find(([one]) => one === arn)?.[1] }]));
}

const changedByOthers = (changes: readonly string[]) =>
  ApplicationFailure.nonRetryable(
    `${changes.join(' and ')} ${changes.length === 1 ? 'was' : 'were'} changed by somebody else. Retry looks again and goes on once it is as it was; a rollback brings back what served before and leaves the change alone.`,
    'TargetGroupChangedByOthers',
  );
