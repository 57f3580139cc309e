/**
 * What 10,000 deployments cost one worker that wait for approvals: the time until all of them wait, its memory, and its CPU while they
 * wait. `node lib/bench/temporal/waiting.js [--deployments N]`; prints JSON, and fails above 512 MiB or 2 % of a core.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deploymentIdOf, searchAttributes, taskQueues, workflowTaskTimeout } from '../../contract/ids';
import { eachOf, openRig, untilFound } from './rig';
import { reported } from '../figures';

const limits = { memoryMiB: 512, cpuPercent: 2 };
const quietMs = 60_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { deployments: { type: 'string', default: '10000' }, heap: { type: 'string', default: '256' } },
  });
  const deployments = Number(values.deployments);
  const rig = await openRig(Number(values.heap));
  const memory: number[] = [];
  const measure = setInterval(() => void rig.usage().then(({ rss }) => memory.push(rss)), 1_000);
  try {
    const started = performance.now();
    await eachOf(deployments, 50, async (at) => {
      await rig.client.workflow.start('blueGreen', {
        workflowId: deploymentIdOf({ zone: 'production', application: `Waiting ${at}` }),
        taskQueue: taskQueues.workflows,
        workflowTaskTimeout,
        args: [{ image: 'orders:2.0.0', approval: 'beforeStart', approvalTimeout: '7d' }],
      });
    });
    const startedS = (performance.now() - started) / 1000;
    await untilFound(rig, `${searchAttributes.waitsFor.name} = 'approval'`, deployments);
    const allWaitS = (performance.now() - started) / 1000;
    await sleep(5_000);
    clearInterval(measure);
    const before = await rig.usage();
    await sleep(quietMs);
    const after = await rig.usage();
    const cpuPercent = Math.round(((after.cpuMs - before.cpuMs) / quietMs) * 10_000) / 100;
    const memoryMiB = Math.round(Math.max(...memory, after.rss) / 1024 ** 2);
    const figures = { deployments, startedS: Math.round(startedS), allWaitS: Math.round(allWaitS) };
    const cost = { memoryMiB, memoryWaitingMiB: Math.round(after.rss / 1024 ** 2), cpuPercent, limits };
    process.stdout.write(`${JSON.stringify({ ...figures, ...cost })}\n`);
    if (memoryMiB > limits.memoryMiB || cpuPercent > limits.cpuPercent) process.exitCode = 1;
  } finally {
    clearInterval(measure);
    await rig.close();
  }
}

reported(main);
