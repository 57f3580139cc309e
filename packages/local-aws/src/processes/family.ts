/** All children of one supervisor: recorded whenever one of them changes, and ended in order. */
import { superviseChild, type Child, type Program } from './child';
import { forgetProcesses, recordProcesses } from './leftovers';
import type { ProcessIdentity } from './process-identity';

export interface Family<Name extends string> {
  add(program: Program<Name>): Child<Name>;
  /** @throws {Error} when there is none of that name */
  get(name: Name): Child<Name>;
  identities(): Partial<Record<Name, ProcessIdentity>>;
  onChange(listener: () => void): void;
  end(): Promise<void>;
}

export interface FamilyOptions<Name extends string> {
  /** The folder where the processes are recorded; claimed with `claimFolder`. */
  readonly folder: string;
  /** A process comes before those that it needs, so that none loses another that it still uses. */
  readonly endOrder: readonly Name[];
  /** Called after one has ended; the next is ended when it resolves. */
  readonly ended: (name: Name) => Promise<unknown>;
}

export function createFamily<Name extends string>({ folder, endOrder, ended }: FamilyOptions<Name>): Family<Name> {
  const children = new Map<Name, Child<Name>>();
  const listeners = [() => recordProcesses(folder, identities() as Record<Name, ProcessIdentity>)];
  const identities = (): Partial<Record<Name, ProcessIdentity>> => {
    const known: Partial<Record<Name, ProcessIdentity>> = {};
    for (const [name, child] of children) {
      const identity = child.identity();
      if (identity !== undefined) known[name] = identity;
    }
    return known;
  };
  const get = (name: Name): Child<Name> => {
    const child = children.get(name);
    if (child === undefined) throw new Error(`This stack has no process "${name}".`);
    return child;
  };
  return {
    add: (program) => {
      const child = superviseChild(program, () => listeners.forEach((listener) => listener()));
      children.set(program.name, child);
      listeners[0]?.();
      return child;
    },
    get,
    identities,
    onChange: (listener) => void listeners.push(listener),
    end: async () => {
      for (const name of endOrder) {
        await children.get(name)?.end();
        await ended(name);
      }
      forgetProcesses(folder);
    },
  };
}
