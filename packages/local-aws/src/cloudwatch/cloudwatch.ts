/** What every operation of CloudWatch uses. */
import type { Scope } from '../scope';
import type { CloudWatchState } from './state';

export interface CloudWatch {
  readonly state: CloudWatchState;
  readonly scope: Scope;
  readonly now: () => number;
  /** Resolves when the state has what was counted so far, if the load balancer can be reached. */
  readonly counted: () => Promise<void>;
  /** How late counts are, in milliseconds from when their minute began; 0 when they are there at once. */
  readonly lateMs: () => number;
  /** What an alarm's action does, by its ARN. */
  readonly act: (actionArn: string) => void;
}
