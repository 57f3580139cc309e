/** What every operation of CloudWatch uses. */
import type { Scope } from '../scope';
import type { CloudWatchState } from './state';

export interface CloudWatch {
  readonly state: CloudWatchState;
  readonly scope: Scope;
  readonly now: () => number;
  /** Resolves when the state has what was counted so far, if the load balancer can be reached. */
  readonly counted: () => Promise<void>;
  /** What an alarm's action does, by its ARN. */
  readonly act: (actionArn: string) => void;
}
