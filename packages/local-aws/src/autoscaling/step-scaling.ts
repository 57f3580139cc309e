/**
 * Step scaling: an alarm that calls a policy changes the desired count of its service by the policy's step. Nothing here evaluates
 * metrics, so an alarm calls when SetAlarmState puts it into ALARM, and by the step of the smallest breach.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
import type { StepScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling';
import { updateService } from '../ecs/services/services';
import type { Autoscaling } from './autoscaling';
import { findService, withinBounds } from './scalable-targets';

/** What a policy does when an alarm calls it; one that is gone does nothing. */
export function actOnAlarm({ state, ecs }: Pick<Autoscaling, 'state' | 'ecs'>, policyArn: string): void {
  const { ResourceId: id = '', StepScalingPolicyConfiguration: steps } = state.policies[policyArn]?.settings ?? {};
  const [target, service] = [state.targets[id], findService(ecs, id)];
  if (steps === undefined || target === undefined || service?.status !== 'ACTIVE') return;
  const wanted = withinBounds(target, service.desiredCount, stepped(service.desiredCount, steps));
  if (wanted === service.desiredCount) return;
  updateService(ecs, { cluster: service.clusterArn, service: service.arn, desiredCount: wanted });
  ecs.changed();
}

function stepped(
  present: number,
  { AdjustmentType: type, StepAdjustments: steps = [] }: StepScalingPolicyConfiguration,
) {
  const { ScalingAdjustment: change = 0 } =
    steps.find(({ MetricIntervalLowerBound: from = 0, MetricIntervalUpperBound: to = 0 }) => from === 0 || to === 0) ??
    {};
  if (type === 'ExactCapacity') return change;
  return type === 'PercentChangeInCapacity' ? Math.round(present * (1 + change / 100)) : present + change;
}
