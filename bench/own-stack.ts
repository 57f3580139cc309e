/** A local stack of a measurement's own, with what asks it, and the releases that are deployed there. */
import { Client } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDeployments, type Deployments } from '../client/deployments';
import { buildImage } from '../local/images/build';
import { writeBundle } from '../local/sample/bundle';
import { stackFolders } from '../local/stack/folders';
import type { StackOptions } from '../local/stack/plan';
import { startStack, type Stack } from '../local/stack/stack';
import { loadSettings } from '../settings/load';
import { temporalConfiguration } from '../temporal/configuration';
import { connectToTemporal } from '../temporal/connection';

export interface OwnStack {
  readonly stack: Stack;
  readonly deployments: Deployments;
  readonly client: Client;
}

/** Both ends of it are the measurement's. @param prepare what is done in its folder before anybody asks */
export async function withOwnStack<T>(
  options: Omit<StackOptions, 'folder' | 'ports'>,
  prepare: (folder: string) => Promise<unknown>,
  measure: (own: OwnStack, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const stack = await startStack({ folder, ports: 'auto', ...options });
  try {
    await prepare(folder);
    const configuration = await temporalConfiguration(loadSettings(stack.report().settings).temporal);
    const deployments = await connectDeployments(configuration);
    const { connection, close } = await connectToTemporal(configuration.connectionOptions);
    const client = new Client({ connection, namespace: configuration.namespace });
    try {
      return await measure({ stack, deployments, client }, folder);
    } finally {
      await deployments.close();
      await close();
    }
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Release {
  readonly application: string;
  readonly version: string;
  readonly modules: readonly string[];
  /** Until a replica is ready, in seconds of AWS. Default: 0. */
  readonly startSeconds?: number;
}

export const imageOf = ({ application, version }: Pick<Release, 'application' | 'version'>): string =>
  `${application.toLowerCase()}:${version}`;

/** @returns its image */
export async function buildRelease(folder: string, { startSeconds = 0, ...release }: Release): Promise<string> {
  const bundle = join(folder, 'release.zip');
  await writeBundle({ ...release, modules: [...release.modules], startSeconds }, bundle);
  await buildImage(stackFolders(folder).images, bundle, imageOf(release));
  return imageOf(release);
}
