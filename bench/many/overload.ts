/**
 * How the time until every deployment has its plan grows with how many are started at once, on one worker beside the local AWS: each
 * application is planned for real, and then waits for an approval. `node lib/bench/many/overload.js [--deployments 1,10,100,1000]
 * [--at-rates 100,200]`; prints a JSON line for each, and fails where one of them costs more than twice as long as in the batch
 * before, or an activity is done again because no sign of life came in time.
 *
 * First the local AWS answers as often as asked: what is measured is the worker and Temporal. Then it has AWS's published rates, of
 * which half are used. Each has a stack of its own with nothing else to do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deploymentIdOf, searchAttributes } from '../../contract/ids';
import { inTenths, reported } from '../figures';
import { eachOf } from '../temporal/rig';
import { cpuS, residentMiB, startsAtOnce, withApplications, type ManyApplications } from './applications';

const timesSlower = 2;

interface Batch {
  /** Of AWS's published ones. */
  readonly rates: number;
  readonly deployments: number;
  readonly startedS: number;
  readonly allPlannedS: number;
  readonly msEach: number;
  /** Calls of AWS. */
  readonly callsEach: number;
  /** Activities whose attempt before gave no sign of life in time. */
  readonly again: number;
  /** Seconds of one core. */
  readonly cpuS: Cpu;
  readonly workerMiB: number;
}

type Cpu = Readonly<Record<(typeof measured)[number], number>>;
const measured = ['worker', 'temporal', 'aws'] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      deployments: { type: 'string', default: '1,10,100,1000' },
      'at-rates': { type: 'string', default: '100,200' },
    },
  });
  await measureAll(1_000, values.deployments);
  await measureAll(1, values['at-rates']);
}

async function measureAll(rates: number, list: string): Promise<void> {
  const sizes = list.split(',').filter(Boolean).map(Number);
  const names = sizes.flatMap((size) => Array.from({ length: size }, (_, at) => nameOf(size, at)));
  if (sizes.length === 0) return;
  await withApplications(names, { timeScale: 10, rates }, async (ground) => {
    let before: Batch | undefined;
    for (const size of sizes) {
      const batch = { rates, ...(await startAll(ground, size)) };
      process.stdout.write(`${JSON.stringify(batch)}\n`);
      // The first ones pay for what is loaded once.
      const isSlower = before !== undefined && before.deployments >= 100 && batch.msEach > timesSlower * before.msEach;
      if (isSlower || batch.again > 0) process.exitCode = 1;
      before = batch;
    }
  });
}

const nameOf = (size: number, at: number) => `Of${size}-${at}`;

/** Starts a batch at once, and waits until each has its plan and waits for the approval. */
async function startAll(ground: ManyApplications, size: number): Promise<Omit<Batch, 'rates'>> {
  const { stack, deployments, client, imageOf } = ground;
  const [calls, cpu] = [await callsOf(stack), cpuOf(stack)];
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
  const allMs = tookMs();
  const spent = Object.entries(cpuOf(stack)).map(([name, now]) => [
    name,
    inTenths(1_000 * (now - cpu[name as keyof Cpu])),
  ]);
  return {
    deployments: size,
    startedS,
    allPlannedS: inTenths(allMs),
    msEach: Math.round(allMs / size),
    callsEach: Math.round((10 * ((await callsOf(stack)) - calls)) / size) / 10,
    again: await countAgain(ground, size),
    cpuS: Object.fromEntries(spent) as Cpu,
    workerMiB: residentMiB(stack.report().processes.worker?.pid),
  };
}

async function callsOf({ report }: ManyApplications['stack']): Promise<number> {
  const calls = (await (await fetch(`${report().aws.control}/calls`)).json()) as Record<string, number>;
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function cpuOf({ report }: ManyApplications['stack']): Cpu {
  const { processes } = report();
  return Object.fromEntries(measured.map((name) => [name, cpuS(processes[name]?.pid)])) as Cpu;
}

/** As the histories of a batch tell it. */
async function countAgain({ stack, client }: ManyApplications, size: number): Promise<number> {
  const { zone } = stack.report();
  let again = 0;
  await eachOf(size, startsAtOnce, async (at) => {
    const workflowId = deploymentIdOf({ zone, application: nameOf(size, at) });
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const late = (events ?? []).filter(
      ({ activityTaskStartedEventAttributes: started }) => started?.lastFailure?.timeoutFailureInfo,
    );
    again += late.length;
  });
  return again;
}

reported(main);
