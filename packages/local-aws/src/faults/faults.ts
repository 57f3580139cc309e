/** The faults that are set at the moment. They end with the process, so a fresh start has none. */
import type { Fault } from './fault';
import { seededRandom, type Random } from './random';

export type FaultKind = Fault['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** A fault that is set. */
export interface ActiveFault<Asked extends Fault = Fault> {
  readonly id: string;
  readonly fault: Asked;
  /** When it was set. */
  readonly since: number;
  /** How often it struck. */
  strikes: number;
  /** What the calls asked for that it struck, where it strikes none of them again. */
  readonly struck: Set<string>;
  readonly random: Random;
}

export interface Faults {
  set(fault: Fault): ActiveFault;
  /** Removes the fault with an id, or all of them; false when there is none. */
  remove(id?: string): boolean;
  list(): readonly ActiveFault[];
  of<Kind extends FaultKind>(kind: Kind): readonly ActiveFault<FaultOf<Kind>>[];
  /** Calls the listener after faults were set or removed, with the removed ones. */
  onChange(listener: (removed: readonly ActiveFault[]) => void): void;
}

export function createFaults(now: () => number): Faults {
  let active: ActiveFault[] = [];
  let ids = 0;
  const listeners: ((removed: readonly ActiveFault[]) => void)[] = [];
  const changed = (removed: readonly ActiveFault[]): void => listeners.forEach((listener) => listener(removed));
  return {
    set: (fault) => {
      const seed = 'seed' in fault ? fault.seed : 1;
      const set = {
        id: `${++ids}`,
        fault,
        since: now(),
        strikes: 0,
        struck: new Set<string>(),
        random: seededRandom(seed),
      };
      active.push(set);
      changed([]);
      return set;
    },
    remove: (id) => {
      const removed = active.filter((one) => id === undefined || one.id === id);
      active = active.filter((one) => !removed.includes(one));
      changed(removed);
      return removed.length > 0 || id === undefined;
    },
    list: () => active,
    of: <Kind extends FaultKind>(kind: Kind) =>
      active.filter(({ fault }) => fault.kind === kind) as unknown as ActiveFault<FaultOf<Kind>>[],
    onChange: (listener) => listeners.push(listener),
  };
}

/** Whether a fault strikes this time. To be called once for each time that it could. */
export function strikes(active: ActiveFault): boolean {
  const { fault } = active;
  const { probability, times } = 'probability' in fault ? fault : { probability: 1, times: undefined };
  // A number is drawn every time, so that the outcome depends only on the seed and the count.
  const isDrawn = active.random() < probability;
  if (!isDrawn || (times !== undefined && active.strikes >= times)) return false;
  active.strikes++;
  return true;
}

/**
 * Whether a fault is for an operation.
 * @param pattern the fault's `operation`, e.g. `ecs:*`
 * @param operation e.g. `ecs:UpdateService`
 */
export function matchesOperation(pattern: string, operation: string): boolean {
  const expression = pattern.replaceAll('*', '.*');
  return new RegExp(`^${expression}$`).test(operation);
}
