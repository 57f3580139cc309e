/** What every operation of Application Auto Scaling uses. */
import type { Alarm } from '../cloudwatch/state';
import type { Ecs } from '../ecs/ecs';
import { fail } from '../protocol/errors';
import type { Scope } from '../scope';
import type { AutoscalingState } from './state';

export interface Autoscaling {
  readonly state: AutoscalingState;
  readonly scope: Scope;
  readonly ecs: Ecs;
  /** CloudWatch's, by their names. */
  readonly alarms: Readonly<Record<string, Alarm>>;
  readonly now: () => number;
}

/**
 * Only the desired count of ECS services can be scaled here.
 * @throws {AwsError} with code `ValidationException` for anything else
 */
export function checkDimension(input: { readonly ServiceNamespace: string; readonly ScalableDimension: string }): void {
  if (input.ServiceNamespace === 'ecs' && input.ScalableDimension === 'ecs:service:DesiredCount') return;
  fail(
    'ValidationException',
    `Unsupported service namespace, resource type or scalable dimension: ${input.ServiceNamespace}, ${input.ScalableDimension}`,
  );
}

/** The alarms that call a policy. */
export const alarmsOf = (alarms: Autoscaling['alarms'], policyArn: string): Alarm[] =>
  Object.values(alarms).filter(({ settings }) => settings.AlarmActions?.includes(policyArn));

/** A policy that goes takes itself out of the alarms that call it; they stay. */
export function forgetAction(alarms: Autoscaling['alarms'], policyArn: string): void {
  for (const alarm of alarmsOf(alarms, policyArn)) {
    const AlarmActions = alarm.settings.AlarmActions?.filter((action) => action !== policyArn);
    alarm.settings = { ...alarm.settings, AlarmActions };
  }
}

/** A page of a list, and the token of the next page. @param most as many as AWS gives at once */
export function pageOf<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
  most = 50,
): { items: Item[]; NextToken?: string } {
  const start = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(start)) fail('InvalidNextTokenException', 'The next token is invalid.');
  const end = start + Math.min(MaxResults ?? most, most);
  const page = items.slice(start, end);
  return end < items.length ? { items: page, NextToken: `${end}` } : { items: page };
}
