/** Application Auto Scaling of an application's services, as its owner sets it up, and as AWS has it then. */
import {
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { scalableTarget, withScaling } from '../../../activities/aws/ecs/scaling';
import { describeTargetGroup } from '../../../activities/aws/elb/target-groups';
import type { ObservedService } from '../../../planning/observed/observed';
import { currentReads, stack, stackAws, type LiveApplication } from './live-application';

async function serviceOf(application: LiveApplication, slot: 'a' | 'b'): Promise<string> {
  return (await application.services()).find((name) => name.endsWith(`-${slot}`)) ?? '';
}

/** Application Auto Scaling keeps a slot's service above this; what is below is brought there at once. */
export async function scale(application: LiveApplication, MinCapacity: number, slot: 'a' | 'b' = 'a'): Promise<void> {
  const target = scalableTarget(stack().aws.cluster, await serviceOf(application, slot));
  await stackAws().scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity, MaxCapacity: 6 }));
}

/** A policy of slot a, of target tracking by the requests that its target group gets, or a step policy. */
export async function putPolicy(application: LiveApplication, PolicyName: string, kind: 'requests' | 'step') {
  const { scaling, elb } = stackAws();
  const service = await serviceOf(application, 'a');
  const group = (await describeTargetGroup(elb, service))?.TargetGroupArn ?? '';
  const [loadBalancer = ''] = (await describeTargetGroup(elb, service))?.LoadBalancerArns ?? [];
  const ResourceLabel = `${loadBalancer.split(':loadbalancer/').at(-1)}/${group.split(':').at(-1)}`;
  await scaling.send(
    new PutScalingPolicyCommand({
      ...scalableTarget(stack().aws.cluster, service),
      PolicyName,
      ...(kind === 'step'
        ? { PolicyType: 'StepScaling', StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity' } }
        : {
            PolicyType: 'TargetTrackingScaling',
            TargetTrackingScalingPolicyConfiguration: {
              TargetValue: 100_000,
              DisableScaleIn: true,
              PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel },
            },
          }),
    }),
  );
}

/** An action of slot a that acts in the mornings. */
export async function putMornings(application: LiveApplication): Promise<void> {
  await stackAws().scaling.send(
    new PutScheduledActionCommand({
      ...scalableTarget(stack().aws.cluster, await serviceOf(application, 'a')),
      ScheduledActionName: 'mornings',
      Schedule: 'cron(0 8 * * ? *)',
      ScalableTargetAction: { MinCapacity: 4 },
    }),
  );
}

/** Which of an application's slots are scaled, from how many tasks on, and all that is suspended, or counts for policies, of it. */
export async function scaledSlots(application: LiveApplication) {
  await currentReads();
  const { aws } = stack();
  const { scaling } = stackAws();
  const names = await application.services();
  const slots = names.map((name) => ({
    slot: 'a' as const,
    targetGroupArn: null,
    attributes: {},
    service: named(name),
  }));
  const seen = await withScaling({ scaling }, aws.cluster, { slots });
  return seen.slots.flatMap(({ service }) =>
    service?.scaling
      ? [
          {
            slot: service.name.at(-1),
            minimum: service.scaling.minimum,
            suspended: Object.values(service.scaling.suspended).some(Boolean),
            counts: service.scaling.policies.map(
              ({ tracking }) =>
                /targetgroup\/.*-([ab])\//.exec(tracking?.PredefinedMetricSpecification?.ResourceLabel ?? '')?.[1],
            ),
            scheduled: service.scaling.scheduled.map(({ name }) => name),
          },
        ]
      : [],
  );
}

const named = (name: string): ObservedService => ({
  name,
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
  taskDefinitionArn: '',
  targetGroupArns: [],
  settings: {},
});
