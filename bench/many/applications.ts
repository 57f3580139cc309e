/** Many applications of one module each on a local stack of a measurement's own. */
import { Client } from '@temporalio/client';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDeployments, type Deployments } from '../../client/deployments';
import { buildImage } from '../../local/images/build';
import { installApplication } from '../../local/platform-server/applications';
import { writeBundle } from '../../local/sample/bundle';
import { stackFolders } from '../../local/stack/folders';
import type { StackOptions } from '../../local/stack/plan';
import { changeSettings, registration } from '../../local/stack/settings';
import { startStack, type Stack } from '../../local/stack/stack';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';

/** So many starts are on their way at once: as quick as one client gets. */
export const startsAtOnce = 50;

export interface ManyApplications {
  readonly stack: Stack;
  readonly deployments: Deployments;
  readonly client: Client;
  /** The image of each application's next version. */
  readonly imageOf: (application: string) => string;
}

/** All of them are on the Platform Server; the version that was before is 1.0, and the next 2.0. */
export async function withApplications<T>(
  names: readonly string[],
  options: Pick<StackOptions, 'timeScale' | 'rates'>,
  measure: (ground: ManyApplications) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-many-'));
  const stack = await startStack({ folder, ports: 'auto', ...options });
  try {
    for (const name of names) await build(folder, name);
    await installAll(folder, names);
    const configuration = await temporalConfiguration(loadSettings(stack.report().settings).temporal);
    const deployments = await connectDeployments(configuration);
    const { connection, close } = await connectToTemporal(configuration.connectionOptions);
    const client = new Client({ connection, namespace: configuration.namespace });
    try {
      return await measure({ stack, deployments, client, imageOf });
    } finally {
      await deployments.close();
      await close();
    }
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const imageOf = (application: string) => `${application.toLowerCase()}:2.0`;
const moduleOf = (application: string) => application.replaceAll('-', '');

async function build(folder: string, application: string): Promise<void> {
  const bundle = join(folder, 'release.zip');
  await writeBundle({ application, version: '2.0', modules: [moduleOf(application)], startSeconds: 0 }, bundle);
  await buildImage(stackFolders(folder).images, bundle, imageOf(application));
}

/** The settings are written once, for all of them. */
async function installAll(folder: string, names: readonly string[]): Promise<void> {
  const { platformServer, settings } = stackFolders(folder);
  const changes = [];
  for (const application of names)
    changes.push(
      ...registration(
        await installApplication(platformServer, { application, modules: [moduleOf(application)], version: '1.0' }),
      ),
    );
  await changeSettings(settings, changes);
}

/** As Linux tells it; NaN elsewhere. */
export function residentMiB(pid: number | undefined): number {
  try {
    const [, kib = 'NaN'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return NaN;
  }
}
