/**
 * Scalable targets of Application Auto Scaling, made so and taken away. AWS takes no role for those of ECS services: it has a
 * service-linked one, which is there where anything is scaled already.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
 */
import {
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import {
  allSuspended,
  movedTo,
  type ScaledService,
  type Scaling,
  type Suspensions,
} from '../../../planning/scaling/scaling';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { writing, type AwsDependencies } from '../dependencies';
import { scalableTarget } from './scaling';

/** How a scalable target is to be. What is absent stays. */
export interface WantedScaling {
  readonly service: string;
  readonly minimum?: number;
  /** Given with the minimum, the target is written without a look: one that was just made may not be seen yet. */
  readonly maximum?: number;
  readonly suspended?: Suspensions;
  /** The minimums that are cutover's to change: any other is somebody else's, or a scheduled action's, and stays. */
  readonly insteadOf?: readonly number[];
}

export const scalingActivities = (aws: AwsDependencies) => ({
  /**
   * A scalable target for a service, with policies and scheduled actions, all of it suspended: nothing acts yet. ALB policies
   * need the target group in a rule of the load balancer.
   * Effect: RegisterScalableTarget, then a PutScalingPolicy a policy and a PutScheduledAction an action. Idempotent: absolute, by
   * their names.
   * @param scaling as `from` has it
   */
  async makeScaling(site: Site, scaling: Scaling, to: ScaledService, from: ScaledService): Promise<void> {
    const client = writing(aws, site).scaling;
    const target = scalableTarget(site.cluster, to.service);
    const { minimum: MinCapacity, maximum: MaxCapacity, policies, scheduled } = scaling;
    const wanted = { ...target, MinCapacity, MaxCapacity, SuspendedState: allSuspended };
    const made = client.send(
      new RegisterScalableTargetCommand({ ...wanted, ...(scaling.tags && { Tags: { ...scaling.tags } }) }),
    );
    if (scaling.tags) await unlessThere(made, () => client.send(new RegisterScalableTargetCommand(wanted)));
    else await made;
    for (const { name: PolicyName, tracking, step } of policies)
      await client.send(
        new PutScalingPolicyCommand({
          ...target,
          PolicyName,
          ...(step
            ? { PolicyType: 'StepScaling', StepScalingPolicyConfiguration: step }
            : {
                PolicyType: 'TargetTrackingScaling',
                TargetTrackingScalingPolicyConfiguration: movedTo(tracking, from, to),
              }),
        }),
      );
    for (const { name: ScheduledActionName, schedule: Schedule, timezone, start, end, action } of scheduled)
      await client.send(
        new PutScheduledActionCommand({
          ...target,
          ScheduledActionName,
          Schedule,
          ScalableTargetAction: action,
          ...(timezone !== undefined && { Timezone: timezone }),
          ...(start !== undefined && { StartTime: new Date(start) }),
          ...(end !== undefined && { EndTime: new Date(end) }),
        }),
      );
  },

  /**
   * A scalable target's minimum, and what of it is suspended.
   * Effect: at most one RegisterScalableTarget. Idempotent: absolute; one that is gone is left so.
   */
  async setScaling(site: Site, wanted: WantedScaling): Promise<void> {
    const { service, minimum, maximum, suspended, insteadOf } = wanted;
    const client = writing(aws, site).scaling;
    const target = scalableTarget(site.cluster, service);
    if (maximum === undefined) {
      const found = await describeTarget(client, target);
      if (!found || (insteadOf && !insteadOf.includes(found.MinCapacity ?? -1))) return;
    }
    await client.send(
      new RegisterScalableTargetCommand({
        ...target,
        ...(maximum !== undefined && { MaxCapacity: maximum }),
        ...(minimum !== undefined && { MinCapacity: minimum }),
        ...(suspended && { SuspendedState: suspended }),
      }),
    );
  },

  /**
   * Takes a service's scalable target away, with its policies, their alarms and its scheduled actions.
   * Effect: one DeregisterScalableTarget. Idempotent: one that is gone is done.
   */
  async removeScaling(site: Site, service: string): Promise<void> {
    const command = new DeregisterScalableTargetCommand(scalableTarget(site.cluster, service));
    await unless('ObjectNotFound', undefined, writing(aws, site).scaling.send(command));
  },
});

async function describeTarget(
  client: AwsClients['scaling'],
  { ResourceId, ...dimension }: ReturnType<typeof scalableTarget>,
): Promise<ScalableTarget | undefined> {
  const command = new DescribeScalableTargetsCommand({ ...dimension, ResourceIds: [ResourceId] });
  return (await client.send(command)).ScalableTargets?.[0];
}

/** AWS takes tags of a target that is made alone: what an attempt before has made has them, and is only told how it is to be. */
async function unlessThere(made: Promise<unknown>, set: () => Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (failure) {
    const isThere = isAwsError(failure, 'ValidationException') && /already exists/.test(String(failure));
    if (!isThere) throw failure;
    await set();
  }
}
