/** One application on a local stack of a measurement's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployments } from '../client/deployments';
import type { DeploymentStatus } from '../contract/status';
import { installAndRegister } from '../local/platform-server/install';
import type { StackOptions } from '../local/stack/plan';
import { buildRelease, withOwnStack, type OwnStack } from './own-stack';

export const application = 'Orders';
export const modules: readonly string[] = ['Orders', 'OrdersAPI', 'OrdersCore'];
export const target = { zone: 'local', application };

export interface OneApplication extends OwnStack {
  /** Builds a version. @returns its image */
  readonly image: (version: string) => Promise<string>;
  /**
   * Waits for a status of the deployment that runs.
   * @throws {Error} when it holds instead
   */
  readonly until: (wanted: (status: DeploymentStatus) => boolean) => Promise<void>;
}

interface Conditions extends Pick<StackOptions, 'timeScale' | 'longestRequestMs'> {
  /** How long a replica takes until it is ready, in seconds of AWS. Default: 0. */
  readonly startSeconds?: number;
}

/** On a stack that answers as often as it is asked; the application is on the Platform Server at first. */
export async function withOneApplication<T>(
  { startSeconds = 0, ...conditions }: Conditions,
  measure: (ground: OneApplication) => Promise<T>,
): Promise<T> {
  return await withOwnStack(
    { rates: 'off', ...conditions },
    async (folder) => await installAndRegister(folder, { application, modules: [...modules], version: '1.0' }),
    async (own, folder) =>
      await measure({
        ...own,
        image: async (version) => await buildRelease(folder, { application, version, modules, startSeconds }),
        until: async (wanted) => await until(own.deployments, wanted),
      }),
  );
}

async function until(deployments: Deployments, wanted: (status: DeploymentStatus) => boolean): Promise<void> {
  for (;;) {
    const status = await deployments.status(target);
    if (wanted(status)) return;
    if (status.phase === 'hold') throw new Error(`It holds in ${status.heldIn}: ${status.failure}`);
    await sleep(100);
  }
}

/** The writes to AWS that began then or later, the first one first. @param since milliseconds since the epoch */
export async function writesSince({ stack }: OneApplication, since: number): Promise<{ readonly began: number }[]> {
  const answer = await fetch(`${stack.report().aws.control}/writes`);
  const all = (await answer.json()) as { readonly began: number }[];
  return all.filter(({ began }) => began >= since);
}
