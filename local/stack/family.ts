/** The children of one stack, together: written down whenever one of them changes, ended in order, the tasks with them. */
import { stopTasks } from '../../packages/local-aws/src/tasks';
import {
  superviseChild,
  type Child,
  type ProcessName,
  type Program,
} from '../../packages/local-aws/src/processes/child';
import type { StackFolders } from './folders';
import { forgetProcesses, recordProcesses } from '../../packages/local-aws/src/processes/leftovers';
import type { ProcessIdentity } from '../../packages/local-aws/src/processes/process-identity';

export interface Family {
  add(program: Program): Child;
  /** Throws when there is none of that name. */
  get(name: ProcessName): Child;
  identities(): Partial<Record<ProcessName, ProcessIdentity>>;
  onChange(listener: () => void): void;
  end(): Promise<void>;
}

/** Who needs another goes before it: so nobody sees the others vanish. */
const endOrder: readonly ProcessName[] = ['hooks', 'worker', 'aws', 'loadBalancer', 'platformServer', 'temporal'];

export function createFamily(folders: StackFolders): Family {
  const children = new Map<ProcessName, Child>();
  const listeners = [() => recordProcesses(folders.root, identities())];
  const identities = (): Partial<Record<ProcessName, ProcessIdentity>> =>
    Object.fromEntries(
      [...children].flatMap(([name, child]) => {
        const identity = child.identity();
        return identity === undefined ? [] : [[name, identity]];
      }),
    );
  const get = (name: ProcessName): Child => {
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
        if (name === 'aws') await stopTasks(folders.aws);
      }
      forgetProcesses(folders.root);
    },
  };
}
