/**
 * Scheduled actions: at their time they give a scalable target other bounds, and its service comes within them. Those of `at(…)`
 * act, by the present time in UTC, once; `rate(…)` and `cron(…)` are kept and shown, and do nothing here.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
 */
import type {
  DeleteScheduledActionRequest,
  DescribeScheduledActionsRequest,
  DescribeScheduledActionsResponse,
  PutScheduledActionRequest,
} from '@aws-sdk/client-application-auto-scaling';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf, hexId } from '../scope';
import { checkDimension, pageOf, type Autoscaling } from './autoscaling';
import { registerScalableTarget } from './scalable-targets';
import type { ScheduledAction } from './state';

/** @throws {AwsError} with code `ObjectNotFoundException` when the resource isn't registered, `ValidationException` for a schedule */
export function putScheduledAction(autoscaling: Autoscaling, input: Given<PutScheduledActionRequest>): object {
  checkDimension(input);
  const { state, scope } = autoscaling;
  const target =
    state.targets[input.ResourceId ?? ''] ??
    fail('ObjectNotFoundException', `No scalable target registered for resource ID: ${input.ResourceId}`);
  const known = findAction(autoscaling, input);
  const schedule = input.Schedule ?? known?.settings.Schedule;
  if (!/^(at|rate|cron)\(.+\)$/.test(schedule ?? '')) fail('ValidationException', `Invalid schedule: ${schedule}`);
  const path = `resource/ecs/${target.resourceId}:scheduledActionName/${input.ScheduledActionName}`;
  const arn = known?.arn ?? arnOf(scope, 'autoscaling', `scheduledAction:${hexId(32)}:${path}`);
  autoscaling.state.scheduled[arn] = {
    arn,
    settings: { ...known?.settings, ...input },
    createdAt: known?.createdAt ?? autoscaling.now(),
  };
  return {};
}

export function describeScheduledActions(
  { state }: Autoscaling,
  input: Given<DescribeScheduledActionsRequest>,
): DescribeScheduledActionsResponse {
  const listed = Object.values(state.scheduled)
    .filter(({ settings }) => settings.ServiceNamespace === input.ServiceNamespace)
    .filter(({ settings }) => input.ResourceId === undefined || settings.ResourceId === input.ResourceId)
    .filter(({ settings: { ScheduledActionName: name = '' } }) => input.ScheduledActionNames?.includes(name) ?? true);
  const { items, ...next } = pageOf(listed, input);
  const ScheduledActions = items.map(({ arn, settings, createdAt }) => ({
    ...settings,
    Schedule: settings.Schedule,
    ScheduledActionARN: arn,
    CreationTime: new Date(createdAt),
  }));
  return { ScheduledActions, ...next };
}

export function deleteScheduledAction(autoscaling: Autoscaling, input: Given<DeleteScheduledActionRequest>): object {
  checkDimension(input);
  const { arn } =
    findAction(autoscaling, input) ??
    fail('ObjectNotFoundException', `No scheduled action found for resource ID: ${input.ResourceId}`);
  delete autoscaling.state.scheduled[arn];
  return {};
}

/** Lets every action act whose time has come; while its target's are suspended it is over without an effect. */
export function actOnSchedule(autoscaling: Omit<Autoscaling, 'alarms'>): void {
  const { state, now } = autoscaling;
  for (const { arn, settings } of Object.values(state.scheduled)) {
    const [, at] = /^at\((.+)\)$/.exec(settings.Schedule ?? '') ?? [];
    const target = state.targets[settings.ResourceId ?? ''];
    if (at === undefined || !target || Date.parse(`${at}Z`) > now()) continue;
    delete state.scheduled[arn];
    if (target.suspended.ScheduledScalingSuspended === true) continue;
    registerScalableTarget(autoscaling, {
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: target.resourceId,
      ...settings.ScalableTargetAction,
    });
  }
}

const findAction = (
  { state }: Autoscaling,
  wanted: { readonly ResourceId?: string | undefined; readonly ScheduledActionName?: string | undefined },
): ScheduledAction | undefined =>
  Object.values(state.scheduled).find(
    ({ settings }) =>
      settings.ResourceId === wanted.ResourceId && settings.ScheduledActionName === wanted.ScheduledActionName,
  );
