/** What a call needs: an action on a resource for each resource that it names, and those that AWS asks for beside. */
import type { Ecs } from '../../ecs/ecs';
import type { AwsState } from '../../state';
import type { Authorization } from '../policies';
import { ecsAuthorizations } from './ecs';
import { elbv2Authorizations } from './elbv2';
import { otherAuthorizations } from './others';

/**
 * @param service as signatures name it, e.g. `monitoring`
 * @param input checked against its schema
 */
export function authorizationsOf(
  state: Pick<AwsState, 'ecs' | 'elbv2'>,
  scope: Ecs['scope'],
  { service, operation, input }: { readonly service: string; readonly operation: string; readonly input: unknown },
): Authorization[] {
  if (service === 'ecs') return ecsAuthorizations({ state: state.ecs, scope }, operation, input);
  if (service === 'elasticloadbalancing') return elbv2Authorizations({ state: state.elbv2, scope }, operation, input);
  const other = otherAuthorizations[service];
  // A service that nobody described needs an action that no policy names by chance.
  return other?.(scope, operation, input ?? {}) ?? [{ action: `${service}:${operation}`, resource: '*', context: {} }];
}
