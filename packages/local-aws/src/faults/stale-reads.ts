/**
 * Eventual consistency: the states that were stored are remembered for a while, and a read may be answered from an older one.
 * Writes always see the present state, as on AWS: a priority that is in use is refused before any read shows its rule.
 */
import type { AwsState } from '../state';
import type { Store } from '../store';
import { matchesOperation, strikes, type Faults } from './faults';
import { seededRandom } from './random';

interface Moment {
  readonly at: number;
  /** The state as JSON. */
  readonly text: string;
  parsed?: AwsState;
}

/** Gives the older state from which a read is answered; undefined for the present one. */
export type StaleState = (operation: string) => AwsState | undefined;

export interface StaleReads {
  readonly faults: Faults;
  readonly store: Store;
  readonly now: () => number;
  /** How late reads are without a fault; undefined when they never are. Times are scaled already. */
  readonly usual: { readonly seed: number; readonly shortestMs: number; readonly longestMs: number } | undefined;
}

/** The reads that are late on AWS, as its users report: terraform-provider-aws#3387, #20442, #24565, ecs_deploy#60. */
const lateReads =
  /^(ecs:(DescribeServices|ListServices|ListTasks)|elasticloadbalancing:Describe(Rules|TargetGroups|TargetGroupAttributes|Tags))$/;
/** Of these, the share that sees an older state. */
const lateShare = 0.5;

export function createStaleReads({ faults, store, now, usual }: StaleReads): StaleState {
  const random = seededRandom(usual?.seed ?? 0);
  const longestMs = (): number =>
    Math.max(usual?.longestMs ?? 0, ...faults.of('staleReads').map(({ fault }) => fault.staleMs));
  let moments: Moment[] = [];
  const begin = (): void => {
    if (longestMs() === 0) moments = [];
    else if (moments.length === 0) moments = [{ at: now(), text: JSON.stringify(store.state) }];
  };
  begin();
  faults.onChange(begin);
  store.onWrite((text) => {
    if (longestMs() > 0) moments = withMoment(moments, { at: now(), text }, longestMs());
  });
  const usualStaleMs = (operation: string): number | undefined => {
    if (usual === undefined || !lateReads.test(operation)) return undefined;
    const [isLate, staleMs] = [
      random() < lateShare,
      usual.shortestMs + random() * (usual.longestMs - usual.shortestMs),
    ];
    return isLate ? staleMs : undefined;
  };
  return (operation) => {
    const active = faults.of('staleReads').find(({ fault }) => matchesOperation(fault.operation, operation));
    const fault = active !== undefined && strikes(active) ? active.fault : undefined;
    const staleMs = fault?.staleMs ?? usualStaleMs(operation);
    if (staleMs === undefined) return undefined;
    const moment = moments.findLast(({ at }) => at <= now() - staleMs) ?? moments[0];
    if (moment === undefined || moment === moments.at(-1)) return undefined;
    const state = (moment.parsed ??= JSON.parse(moment.text) as AwsState);
    return fault ? state : withPresentSurroundings(state, store.state);
  };
}

/** Nobody reports clusters, task definitions, load balancers or new listeners that aren't seen at once. */
function withPresentSurroundings(old: AwsState, { ecs, elbv2 }: AwsState): AwsState {
  const { clusters, taskDefinitions } = ecs;
  const { loadBalancers, listeners } = elbv2;
  const defaults = Object.entries(elbv2.rules).filter(
    ([arn, rule]) => rule.priority === 'default' && !old.elbv2.rules[arn],
  );
  const rules = { ...Object.fromEntries(defaults), ...old.elbv2.rules };
  return {
    ...old,
    ecs: { ...old.ecs, clusters, taskDefinitions },
    elbv2: { ...old.elbv2, loadBalancers, listeners, rules },
  };
}

/** The moments with a new one, without those that no read asks for. Of moments that are close together one is enough. */
function withMoment(moments: readonly Moment[], latest: Moment, longestMs: number): Moment[] {
  const [beforeLast, last] = [moments.at(-2), moments.at(-1)];
  const isClose = beforeLast !== undefined && last !== undefined && last.at - beforeLast.at < longestMs / 40;
  const kept = isClose ? moments.slice(0, -1) : moments;
  const oldest = kept.findLastIndex(({ at }) => at <= latest.at - longestMs);
  return [...kept.slice(Math.max(0, oldest)), latest];
}
