/** One application on a local stack of a measurement's own. */
import { Client } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDeployments, type Deployments } from '../client/deployments';
import type { DeploymentStatus } from '../contract/status';
import { buildImage } from '../local/images/build';
import { installAndRegister } from '../local/platform-server/install';
import { writeBundle } from '../local/sample/bundle';
import { stackFolders } from '../local/stack/folders';
import type { StackOptions } from '../local/stack/plan';
import { startStack, type Stack } from '../local/stack/stack';
import { loadSettings } from '../settings/load';
import { temporalConfiguration } from '../temporal/configuration';
import { connectToTemporal } from '../temporal/connection';

export const application = 'Orders';
export const modules: readonly string[] = ['Orders', 'OrdersAPI', 'OrdersCore'];
export const target = { zone: 'local', application };

export interface OneApplication {
  readonly stack: Stack;
  readonly deployments: Deployments;
  readonly client: Client;
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
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const stack = await startStack({ folder, ports: 'auto', rates: 'off', ...conditions });
  try {
    await installAndRegister(folder, { application, modules: [...modules], version: '1.0' });
    const configuration = await temporalConfiguration(loadSettings(stack.report().settings).temporal);
    const deployments = await connectDeployments(configuration);
    const { connection, close } = await connectToTemporal(configuration.connectionOptions);
    const client = new Client({ connection, namespace: configuration.namespace });
    try {
      return await measure({
        stack,
        deployments,
        client,
        image: async (version) => await build(folder, version, startSeconds),
        until: async (wanted) => await until(deployments, wanted),
      });
    } finally {
      await deployments.close();
      await close();
    }
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(folder: string, version: string, startSeconds: number): Promise<string> {
  const bundle = join(folder, 'bundles', `${version}.zip`);
  await writeBundle({ application, version, modules: [...modules], startSeconds }, bundle);
  const image = `orders:${version}`;
  await buildImage(stackFolders(folder).images, bundle, image);
  return image;
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
