/** The operations of Application Auto Scaling that the local AWS has. Of the policies those of target tracking and of steps act. */
import type {
  DeleteScalingPolicyRequest,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
  ListTagsForResourceRequest,
  PutScalingPolicyRequest,
  PutScalingPolicyResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-application-auto-scaling';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf, hexId } from '../scope';
import { alarmsOf, checkDimension, forgetAction, pageOf, type Autoscaling } from './autoscaling';
import { deregisterScalableTarget, describeScalableTargets, registerScalableTarget } from './scalable-targets';
import { deleteScheduledAction, describeScheduledActions, putScheduledAction } from './scheduled-actions';
import type { ScalingPolicy } from './state';

export function autoscalingOperations(autoscaling: Autoscaling): Operations {
  const on =
    <Input, Output>(operation: (autoscaling: Autoscaling, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(autoscaling, input);
  return {
    RegisterScalableTarget: on(registerScalableTarget),
    DescribeScalableTargets: on(describeScalableTargets),
    DeregisterScalableTarget: on(deregisterScalableTarget),
    PutScalingPolicy: on(putScalingPolicy),
    DescribeScalingPolicies: on(describeScalingPolicies),
    DeleteScalingPolicy: on(deleteScalingPolicy),
    DescribeScalingActivities: () => ({ ScalingActivities: [] }),
    PutScheduledAction: on(putScheduledAction),
    DescribeScheduledActions: on(describeScheduledActions),
    DeleteScheduledAction: on(deleteScheduledAction),
    TagResource: on(tagResource),
    UntagResource: on(untagResource),
    ListTagsForResource: on(listTagsForResource),
  };
}

/** @throws {AwsError} with code `ObjectNotFoundException` when the resource isn't registered */
function putScalingPolicy(autoscaling: Autoscaling, input: Given<PutScalingPolicyRequest>): PutScalingPolicyResponse {
  checkDimension(input);
  const { state, scope } = autoscaling;
  if (state.targets[input.ResourceId] === undefined) {
    fail('ObjectNotFoundException', `No scalable target registered for resource ID: ${input.ResourceId}`);
  }
  const known = findPolicy(autoscaling, input);
  const path = `resource/ecs/${input.ResourceId}:policyName/${input.PolicyName}`;
  const arn = known?.arn ?? arnOf(scope, 'autoscaling', `scalingPolicy:${hexId(32)}:${path}`);
  state.policies[arn] = { arn, settings: input, createdAt: known?.createdAt ?? autoscaling.now() };
  return { PolicyARN: arn, Alarms: [] };
}

function describeScalingPolicies(
  { state, alarms }: Autoscaling,
  input: Given<DescribeScalingPoliciesRequest>,
): DescribeScalingPoliciesResponse {
  const listed = Object.values(state.policies)
    .filter(({ settings }) => settings.ServiceNamespace === input.ServiceNamespace)
    .filter(({ settings }) => input.ResourceId === undefined || settings.ResourceId === input.ResourceId)
    .filter(({ settings }) => input.PolicyNames === undefined || input.PolicyNames.includes(settings.PolicyName ?? ''));
  const { items, ...next } = pageOf(listed, input, 10);
  const ScalingPolicies = items.map(({ arn, settings, createdAt }) => ({
    PolicyType: 'StepScaling' as const,
    ...settings,
    PolicyARN: arn,
    Alarms: alarmsOf(alarms, arn).map((alarm) => ({ AlarmName: alarm.name, AlarmARN: alarm.arn })),
    CreationTime: new Date(createdAt),
  }));
  return { ScalingPolicies, ...next };
}

function deleteScalingPolicy(autoscaling: Autoscaling, input: Given<DeleteScalingPolicyRequest>): object {
  checkDimension(input);
  const { arn } =
    findPolicy(autoscaling, input) ??
    fail('ObjectNotFoundException', `No scaling policy found for resource ID: ${input.ResourceId}`);
  delete autoscaling.state.policies[arn];
  forgetAction(autoscaling.alarms, arn);
  return {};
}

function findPolicy(
  { state }: Autoscaling,
  { ResourceId, PolicyName }: { readonly ResourceId: string; readonly PolicyName: string },
): ScalingPolicy | undefined {
  return Object.values(state.policies).find(
    ({ settings }) => settings.ResourceId === ResourceId && settings.PolicyName === PolicyName,
  );
}

function tagResource({ state }: Autoscaling, { ResourceARN: arn, Tags: tags }: Given<TagResourceRequest>): object {
  checkTarget(state, arn);
  state.tags[arn] = { ...state.tags[arn], ...tags };
  return {};
}

function untagResource(
  { state }: Autoscaling,
  { ResourceARN: arn, TagKeys: keys }: Given<UntagResourceRequest>,
): object {
  checkTarget(state, arn);
  const left = Object.entries(state.tags[arn] ?? {}).filter(([key]) => !keys.includes(key));
  state.tags[arn] = Object.fromEntries(left);
  return {};
}

function listTagsForResource({ state }: Autoscaling, { ResourceARN: arn }: Given<ListTagsForResourceRequest>): object {
  checkTarget(state, arn);
  return { Tags: state.tags[arn] ?? {} };
}

function checkTarget({ targets }: Autoscaling['state'], arn: string): void {
  if (Object.values(targets).some((target) => target.arn === arn)) return;
  fail('ResourceNotFoundException', `No scalable target found for ARN: ${arn}`);
}
