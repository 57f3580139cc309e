/** Everything that the local AWS remembers: plain JSON, times in milliseconds since the epoch. */
import { emptyEcs, type EcsState } from './ecs/state';
import { emptyElbv2, type Elbv2State } from './elbv2/state';
import type { LogsState } from './logs/state';

export interface AwsState {
  readonly format: 1;
  readonly ecs: EcsState;
  readonly elbv2: Elbv2State;
  readonly logs: LogsState;
}

export function emptyState(): AwsState {
  return { format: 1, ecs: emptyEcs(), elbv2: emptyElbv2(), logs: {} };
}
