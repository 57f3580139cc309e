/** The faults that are set at the moment. They are gone when the process ends: a fresh start is a healthy one. */
import type { Fault } from './fault';
import { seededRandom, type Random } from './random';

export type FaultKind = Fault['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

export interface ActiveFault<Asked extends Fault = Fault> {
  readonly id: string;
  readonly fault: Asked;
  /** When it was set. */
  readonly since: number;
  /** How often it struck. */
  strikes: number;
  readonly random: Random;
}

export interface Faults {
  set(fault: Fault): ActiveFault;
  /** Of one id, or all; false where there is none. */
  remove(id?: string): boolean;
  list(): readonly ActiveFault[];
  of<Kind extends FaultKind>(kind: Kind): readonly ActiveFault<FaultOf<Kind>>[];
  /** Calls back after faults were set or removed, with the removed ones. */
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
      const set = { id: `${++ids}`, fault, since: now(), strikes: 0, random: seededRandom(seed) };
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

/** Whether a fault strikes this time. To be asked once for each time that it could. */
export function strikes(active: ActiveFault): boolean {
  const { fault } = active;
  const { probability, times } = 'probability' in fault ? fault : { probability: 1, times: undefined };
  // Drawn every time, so that the outcome depends on the seed and the count alone.
  const isDrawn = active.random() < probability;
  if (!isDrawn || (times !== undefined && active.strikes >= times)) return false;
  active.strikes++;
  return true;
}

/** `pattern` is a fault's `operation`; `operation` is like `ecs:UpdateService`. */
export function matchesOperation(pattern: string, operation: string): boolean {
  const expression = pattern.replaceAll('*', '.*');
  return new RegExp(`^${expression}$`).test(operation);
}
