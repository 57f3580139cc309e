/** What every operation of Application Auto Scaling uses. */
import type { Ecs } from '../ecs/ecs';
import { fail } from '../protocol/errors';
import type { Scope } from '../scope';
import type { AutoscalingState } from './state';

export interface Autoscaling {
  readonly state: AutoscalingState;
  readonly scope: Scope;
  readonly ecs: Ecs;
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
