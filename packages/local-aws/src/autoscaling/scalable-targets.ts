/**
 * The scalable targets of Application Auto Scaling: desired counts of ECS services. Registering one brings a service back
 * within its bounds, even from zero, unless that direction is suspended. Policies of target tracking act.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
 */
import type {
  DeregisterScalableTargetRequest,
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  RegisterScalableTargetRequest,
  RegisterScalableTargetResponse,
  ScalableTarget as ScalableTargetDescription,
} from '@aws-sdk/client-application-auto-scaling';
import type { Ecs } from '../ecs/ecs';
import { updateService } from '../ecs/services/services';
import type { Service } from '../ecs/state';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { accountId, arnOf, hexId } from '../scope';
import { checkDimension, forgetAction, pageOf, type Autoscaling } from './autoscaling';
import type { ScalableTarget } from './state';

const serviceRole =
  'role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService';

/**
 * Registers a target, or changes what is given of one.
 * @throws {AwsError} with code `ValidationException`
 */
export function registerScalableTarget(
  autoscaling: Omit<Autoscaling, 'alarms'>,
  input: Given<RegisterScalableTargetRequest>,
): RegisterScalableTargetResponse {
  checkDimension(input);
  const { state, scope } = autoscaling;
  const service = serviceOf(autoscaling.ecs, input.ResourceId);
  const known = state.targets[input.ResourceId];
  const minimum = input.MinCapacity ?? known?.minimum;
  const maximum = input.MaxCapacity ?? known?.maximum;
  if (minimum === undefined || maximum === undefined) {
    return fail('ValidationException', 'Both MinCapacity and MaxCapacity must be specified for a new scalable target.');
  }
  if (minimum < 0 || maximum < minimum) {
    fail('ValidationException', 'MinCapacity must be at least 0, and MaxCapacity not less than it.');
  }
  if (known && Object.keys(input.Tags ?? {}).length > 0)
    fail(
      'ValidationException',
      'The scalable target that you tried to tag already exists. To update tags on an existing scalable target, use the TagResource API.',
    );
  const target: ScalableTarget = {
    arn: known?.arn ?? arnOf(scope, 'application-autoscaling', `scalable-target/0ec5${hexId(32)}`),
    resourceId: input.ResourceId,
    minimum,
    maximum,
    suspended: { ...notSuspended, ...known?.suspended, ...input.SuspendedState },
    createdAt: known?.createdAt ?? autoscaling.now(),
  };
  state.targets[input.ResourceId] = target;
  state.tags[target.arn] = { ...state.tags[target.arn], ...input.Tags };
  bringWithin(autoscaling.ecs, service, target);
  return { ScalableTargetARN: target.arn };
}

export function describeScalableTargets(
  { state }: Autoscaling,
  input: Given<DescribeScalableTargetsRequest>,
): DescribeScalableTargetsResponse {
  const listed = Object.values(state.targets)
    .filter(() => input.ServiceNamespace === 'ecs')
    .filter(({ resourceId }) => input.ResourceIds === undefined || input.ResourceIds.includes(resourceId))
    .filter(() => input.ScalableDimension === undefined || input.ScalableDimension === 'ecs:service:DesiredCount');
  const { items, ...next } = pageOf(listed, input);
  return { ScalableTargets: items.map(describe), ...next };
}

/**
 * Removes a target with its policies and scheduled actions.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
 * @throws {AwsError} with code `ObjectNotFoundException`
 */
export function deregisterScalableTarget(
  { state, alarms }: Autoscaling,
  input: Given<DeregisterScalableTargetRequest>,
): object {
  checkDimension(input);
  const target =
    state.targets[input.ResourceId] ??
    fail('ObjectNotFoundException', `No scalable target registered for resource ID: ${input.ResourceId}`);
  for (const { arn, settings } of Object.values(state.policies)) {
    if (settings.ResourceId !== input.ResourceId) continue;
    delete state.policies[arn];
    forgetAction(alarms, arn);
  }
  for (const { arn, settings } of Object.values(state.scheduled)) {
    if (settings.ResourceId === input.ResourceId) delete state.scheduled[arn];
  }
  delete state.targets[input.ResourceId];
  delete state.tags[target.arn];
  return {};
}

const notSuspended = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};

/** The service that a resource id names, if there is one. */
export function findService({ state }: Ecs, resourceId: string): Service | undefined {
  const [, cluster, name] = /^service\/([^/]+)\/([^/]+)$/.exec(resourceId) ?? [];
  return Object.values(state.services).find(
    (service) => service.name === name && service.clusterArn.endsWith(`:cluster/${cluster}`),
  );
}

function serviceOf(ecs: Ecs, resourceId: string): Service {
  const found = findService(ecs, resourceId);
  return found?.status === 'ACTIVE' ? found : fail('ValidationException', `ECS service doesn't exist: ${resourceId}`);
}

/** The wished count as far as the bounds allow, and what isn't suspended. */
export function withinBounds({ minimum, maximum, suspended }: ScalableTarget, present: number, wished: number): number {
  const wanted = Math.min(Math.max(wished, minimum), maximum);
  const isHeld = wanted > present ? suspended.DynamicScalingOutSuspended : suspended.DynamicScalingInSuspended;
  return isHeld === true ? present : wanted;
}

function bringWithin(ecs: Ecs, service: Service, { minimum, maximum, suspended }: ScalableTarget): void {
  const wanted = Math.min(Math.max(service.desiredCount, minimum), maximum);
  const isHeld =
    wanted > service.desiredCount ? suspended.DynamicScalingOutSuspended : suspended.DynamicScalingInSuspended;
  if (wanted === service.desiredCount || isHeld === true) return;
  updateService(ecs, { cluster: service.clusterArn, service: service.arn, desiredCount: wanted });
}

function describe(target: ScalableTarget): ScalableTargetDescription {
  return {
    ServiceNamespace: 'ecs',
    ResourceId: target.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    MinCapacity: target.minimum,
    MaxCapacity: target.maximum,
    RoleARN: `arn:aws:iam::${accountId}:${serviceRole}`,
    CreationTime: new Date(target.createdAt),
    SuspendedState: target.suspended,
    ScalableTargetARN: target.arn,
  };
}
