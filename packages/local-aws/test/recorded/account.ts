/** A local account with something of everything that real answers show, and what it answered meanwhile. */
import { join } from 'node:path';
import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { InitializeMiddleware, MiddlewareStack } from '@smithy/types';
import { startLocalAws, testCredentials } from '../local-aws';
import { makeImage, server } from '../sample-image';
import { emptyCluster, fillCluster } from './cluster';
import { fillLoadBalancer } from './load-balancer';

/** The answers by service and operation, e.g. `ecs:DescribeTasks`. */
export type Answered = ReadonlyMap<string, readonly object[]>;

/** Calls everything that the local AWS has of what real answers are known of. */
export async function answersOfLocalAccount(): Promise<Answered> {
  const local = await startLocalAws({ timeScale: 50 });
  try {
    const answered = new Map<string, object[]>();
    const { endpoint } = local.aws;
    const scaling = new ApplicationAutoScaling({ endpoint, region: 'us-east-1', credentials: testCredentials });
    keepAnswers(local.ecs, 'ecs', answered);
    keepAnswers(local.elbv2, 'elasticloadbalancing', answered);
    keepAnswers(scaling, 'application-autoscaling', answered);
    await makeImage(join(local.folder, 'images'), 'orders:1', server);
    await fillCluster(local, await fillLoadBalancer(local));
    await scale(scaling);
    await emptyCluster(local);
    return answered;
  } finally {
    await local.close();
  }
}

function keepAnswers(
  client: { readonly middlewareStack: unknown },
  service: string,
  answered: Map<string, object[]>,
): void {
  const keep: InitializeMiddleware<object, object> =
    (next, { commandName = '' }) =>
    async (call) => {
      const answer = await next(call);
      const { $metadata: _, ...members } = answer.output as { readonly $metadata?: unknown };
      const operation = `${service}:${commandName.replace(/Command$/, '')}`;
      answered.set(operation, [...(answered.get(operation) ?? []), members]);
      return answer;
    };
  (client.middlewareStack as MiddlewareStack<object, object>).add(keep, { step: 'initialize' });
}

async function scale(scaling: ApplicationAutoScaling): Promise<void> {
  const target = {
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: 'service/zone/spread',
  } as const;
  await scaling.registerScalableTarget({ ...target, MinCapacity: 0, MaxCapacity: 5, Tags: { team: 'sales' } });
  const { ScalableTargets = [] } = await scaling.describeScalableTargets({ ServiceNamespace: 'ecs' });
  await scaling.listTagsForResource({ ResourceARN: ScalableTargets[0]?.ScalableTargetARN });
  const PredefinedMetricSpecification = { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' } as const;
  await scaling.putScalingPolicy({
    ...target,
    PolicyName: 'cpu',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 50,
      PredefinedMetricSpecification,
      ScaleInCooldown: 60,
      ScaleOutCooldown: 60,
    },
  });
  await scaling.putScalingPolicy({
    ...target,
    PolicyName: 'steps',
    PolicyType: 'StepScaling',
    StepScalingPolicyConfiguration: {
      AdjustmentType: 'PercentChangeInCapacity',
      Cooldown: 60,
      MetricAggregationType: 'Average',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 15, ScalingAdjustment: 200 }],
    },
  });
  await scaling.describeScalingPolicies({ ServiceNamespace: 'ecs' });
  await scaling.describeScalingActivities({ ServiceNamespace: 'ecs' });
  await scaling.putScheduledAction({
    ...target,
    ScheduledActionName: 'night',
    Schedule: 'rate(1 day)',
    ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 5 },
  });
  await scaling.describeScheduledActions({ ServiceNamespace: 'ecs' });
}
