/**
 * How the time until every deployment has its plan grows with how many are started at once, on one worker beside the local AWS: each
 * application is planned for real, and then waits for an approval. `node lib/bench/many/overload.js [--deployments 1,10,100,1000]`;
 * prints a JSON line for each, and fails where one of them costs more than twice as long as in the batch before.
 *
 * The local AWS answers as often as asked: what is measured is the worker and Temporal. A stack of its own with nothing else to do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { searchAttributes } from '../../contract/ids';
import { inTenths, reported } from '../figures';
import { eachOf } from '../temporal/rig';
import { residentMiB, startsAtOnce, withApplications, type ManyApplications } from './applications';

const timesSlower = 2;

interface Batch {
  readonly deployments: number;
  readonly startedS: number;
  readonly allPlannedS: number;
  readonly msEach: number;
  readonly workerMiB: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { deployments: { type: 'string', default: '1,10,100,1000' } } });
  const sizes = values.deployments.split(',').map(Number);
  const names = sizes.flatMap((size) => Array.from({ length: size }, (_, at) => nameOf(size, at)));
  await withApplications(names, { timeScale: 10, rates: 1_000 }, async (ground) => {
    let before: Batch | undefined;
    for (const size of sizes) {
      const batch = await startAll(ground, size);
      process.stdout.write(`${JSON.stringify(batch)}\n`);
      // The first ones pay for what is loaded once.
      if (before !== undefined && before.deployments >= 100 && batch.msEach > timesSlower * before.msEach)
        process.exitCode = 1;
      before = batch;
    }
  });
}

const nameOf = (size: number, at: number) => `Of${size}-${at}`;

/** Starts a batch at once, and waits until each has its plan and waits for the approval. */
async function startAll({ stack, deployments, client, imageOf }: ManyApplications, size: number): Promise<Batch> {
  const began = performance.now();
  const tookMs = () => performance.now() - began;
  const { zone } = stack.report();
  await eachOf(size, startsAtOnce, async (at) => {
    const application = nameOf(size, at);
    const image = imageOf(application);
    await deployments.start({ zone, application }, 'blueGreen', { image, approval: 'beforeStart', bake: '1h' });
  });
  const startedS = inTenths(tookMs());
  const waits = `WorkflowId STARTS_WITH '${zone}/${nameOf(size, 0).slice(0, -1)}' AND ${searchAttributes.waitsFor.name} = 'approval'`;
  while ((await client.workflow.count(waits).catch(() => ({ count: 0 }))).count < size) await sleep(200);
  return {
    deployments: size,
    startedS,
    allPlannedS: inTenths(tookMs()),
    msEach: Math.round(tookMs() / size),
    workerMiB: residentMiB(stack.report().processes.worker?.pid),
  };
}

reported(main);
