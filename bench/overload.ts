/**
 * How the time until every deployment has its plan grows with how many are started at once, on one worker beside the local AWS: each
 * application is planned for real, and then waits for an approval. `node lib/bench/overload.js [--deployments 10,100,1000]`; prints a
 * JSON line for each, and fails where one of them costs more than twice as long as in the batch before.
 *
 * The local AWS answers as often as asked: what is measured is the worker and Temporal. A stack of its own with nothing else to do.
 */
import type { Client } from '@temporalio/client';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectDeployments, type Deployments } from '../client/deployments';
import { searchAttributes } from '../contract/ids';
import { buildImage } from '../local/images/build';
import { installApplication } from '../local/platform-server/applications';
import { writeBundle } from '../local/sample/bundle';
import { stackFolders } from '../local/stack/folders';
import { changeSettings, registration } from '../local/stack/settings';
import { startStack, type Stack } from '../local/stack/stack';
import { loadSettings } from '../settings/load';
import { connectToTemporal } from '../temporal/connection';
import { temporalConfiguration } from '../temporal/configuration';
import { eachOf } from './temporal/rig';
import { reported } from './figures';

/** So many starts are on their way at once: as quick as one client gets. */
const startsAtOnce = 50;
const timesSlower = 2;

interface Batch {
  readonly deployments: number;
  readonly startedS: number;
  readonly allPlannedS: number;
  readonly msEach: number;
  readonly workerMiB: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { deployments: { type: 'string', default: '10,100,1000' } } });
  const sizes = values.deployments.split(',').map(Number);
  const folder = await mkdtemp(join(tmpdir(), 'bench-overload-'));
  const stack = await startStack({ folder, ports: 'auto', timeScale: 10, rates: 1_000 });
  try {
    const images = await installAll(folder, sizes);
    const deployments = await connectDeployments(
      await temporalConfiguration(loadSettings(stack.report().settings).temporal),
    );
    const { connection, close } = await connectToTemporal({ address: stack.report().temporal.address });
    const { Client: TemporalClient } = await import('@temporalio/client');
    const temporal = new TemporalClient({ connection, namespace: stack.report().temporal.namespace });
    let before: Batch | undefined;
    for (const size of sizes) {
      const batch = await startAll(stack, { deployments, temporal }, images, size);
      process.stdout.write(`${JSON.stringify(batch)}\n`);
      // The first pays for what is loaded once.
      if (before !== undefined && before.deployments >= 100 && batch.msEach > timesSlower * before.msEach)
        process.exitCode = 1;
      before = batch;
    }
    await close();
    await deployments.close();
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const nameOf = (size: number, at: number) => `Of${size}-${at}`;

/** Installs every application of every batch. @returns the image of each */
async function installAll(folder: string, sizes: readonly number[]): Promise<ReadonlyMap<string, string>> {
  const folders = stackFolders(folder);
  const names = sizes.flatMap((size) => Array.from({ length: size }, (_, at) => nameOf(size, at)));
  const changes = [];
  const images = new Map<string, string>();
  for (const application of names) {
    const modules = [application.replaceAll('-', '')];
    const installed = await installApplication(folders.platformServer, { application, modules, version: '1.0' });
    changes.push(...registration(installed));
    const bundle = join(folder, 'release.zip');
    const image = `${application.toLowerCase()}:2.0`;
    await writeBundle({ application, version: '2.0', modules, startSeconds: 0 }, bundle);
    await buildImage(folders.images, bundle, image);
    images.set(application, image);
  }
  await changeSettings(folders.settings, changes);
  return images;
}

/** Starts a batch at once, and waits until each has its plan and waits for the approval. */
async function startAll(
  stack: Stack,
  { deployments, temporal }: { readonly deployments: Deployments; readonly temporal: Client },
  images: ReadonlyMap<string, string>,
  size: number,
): Promise<Batch> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  const { zone } = stack.report();
  await eachOf(size, startsAtOnce, async (at) => {
    const application = nameOf(size, at);
    const image = images.get(application) ?? '';
    await deployments.start({ zone, application }, 'blueGreen', { image, approval: 'beforeStart', bake: '1h' });
  });
  const startedS = seconds();
  const waits = `WorkflowId STARTS_WITH '${zone}/${nameOf(size, 0).slice(0, -1)}' AND ${searchAttributes.waitsFor.name} = 'approval'`;
  while ((await temporal.workflow.count(waits).catch(() => ({ count: 0 }))).count < size) await sleep(200);
  const allPlannedS = seconds();
  const msEach = Math.round((allPlannedS * 1_000) / size);
  return {
    deployments: size,
    startedS,
    allPlannedS,
    msEach,
    workerMiB: residentMiB(stack.report().processes.worker?.pid),
  };
}

/** As Linux tells it; NaN elsewhere. */
function residentMiB(pid: number | undefined): number {
  try {
    const [, kib = 'NaN'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return NaN;
  }
}

reported(main);
