/** The children of one supervisor, together: written down whenever one of them changes, and ended in order. */
import { superviseChild, type Child, type Program } from './child';
import { forgetProcesses, recordProcesses } from './leftovers';
import type { ProcessIdentity } from './process-identity';

export interface Family<Name extends string> {
  add(program: Program<Name>): Child<Name>;
  /** Throws when there is none of that name. */
  get(name: Name): Child<Name>;
  identities(): Partial<Record<Name, ProcessIdentity>>;
  onChange(listener: () => void): void;
  end(): Promise<void>;
}

export interface FamilyOptions<Name extends string> {
  /** Where the processes are written down; claimed with `claimFolder`. */
  readonly folder: string;
  /** Who needs another goes before it: so nobody sees the others vanish. */
  readonly endOrder: readonly Name[];
  /** What is to be done between the end of one and that of the next. */
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
