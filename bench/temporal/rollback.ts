/**
 * How soon a rollback's first write begins on a worker that is full of what waits: 500 bakes, 300 calls of the platform that wait for
 * their turn, 50 people who watch. `node lib/bench/temporal/rollback.js`; prints JSON, and fails when it takes a second or more.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deploymentIdOf, taskQueues, workflowTaskTimeout } from '../../contract/ids';
import { eachOf, openRig, spread, untilFound, type Rig } from './rig';
import { reported } from '../figures';

const limitMs = 1_000;
const writes = new Set(['setRoute', 'setTargetGroupAttributes', 'setDesiredCount']);
const taskQueue = taskQueues.workflows;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bakes: { type: 'string', default: '500' },
      calls: { type: 'string', default: '300' },
      watches: { type: 'string', default: '50' },
      rollbacks: { type: 'string', default: '20' },
    },
  });
  const [bakes, calls, watches, rollbacks] = [values.bakes, values.calls, values.watches, values.rollbacks].map(Number);
  const rig = await openRig(512);
  try {
    const took = await fill(rig, { bakes: bakes ?? 0, calls: calls ?? 0, watches: watches ?? 0 });
    const firstWrites: number[] = [];
    while (firstWrites.length < (rollbacks ?? 0)) firstWrites.push(await rollback(rig, firstWrites.length));
    const { rss } = await rig.usage();
    const { median, most } = spread(firstWrites);
    const figures = { bakes, calls, watches, ...took, rollbacks, firstWriteMs: { median, most, limit: limitMs } };
    process.stdout.write(`${JSON.stringify({ ...figures, memoryMiB: Math.round(rss / 1024 ** 2) })}\n`);
    if (most >= limitMs) process.exitCode = 1;
  } finally {
    await rig.close();
  }
}

const applicationOf = (at: number) => deploymentIdOf({ zone: 'production', application: `Baking ${at}` });

async function fill(
  rig: Rig,
  { bakes, calls, watches }: { readonly bakes: number; readonly calls: number; readonly watches: number },
): Promise<object> {
  const { workflow } = rig.client;
  await eachOf(bakes, 20, async (at) => {
    const args = [{ image: 'orders:2.0.0', approval: 'none', bake: '24h' }];
    await workflow.start('blueGreen', { workflowId: applicationOf(at), taskQueue, workflowTaskTimeout, args });
  });
  await eachOf(calls, 20, async (at) => {
    const named = { applicationName: `Waiting ${at}`, applicationKey: randomUUID(), operationId: randomUUID() };
    const workflowId = `hook/ContainerRun/${named.applicationKey}_${named.operationId}`;
    const args = [{ zone: 'production', ...named }];
    await workflow.start('containerRun', { workflowId, taskQueue, workflowTaskTimeout, args });
  });
  await eachOf(watches, 20, async (at) => {
    const args = [{ kind: 'watch', zone: 'production', application: `Baking ${at}` }];
    await workflow.start('describe', { workflowId: `describe/${at}`, taskQueue, workflowTaskTimeout, args });
  });
  const running = (type: string) => `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
  const untilBakingS = await untilFound(rig, `CutoverPhase = 'bake' AND ExecutionStatus = 'Running'`, bakes);
  await untilFound(rig, running('containerRun'), calls);
  await untilFound(rig, running('describe'), watches);
  // Every watch and every place in the queue is taken.
  await sleep(10_000);
  return { untilBakingS: Math.round(untilBakingS) };
}

/** Milliseconds from the command to the first write. */
async function rollback(rig: Rig, at: number): Promise<number> {
  const workflowId = applicationOf(at);
  rig.began();
  const asked = Date.now();
  await rig.client.workflow.getHandle(workflowId).executeUpdate('rollback', { args: [{ by: 'bench' }] });
  for (;;) {
    const first = rig.began().find((one) => one.workflowId === workflowId && writes.has(one.began));
    if (first) return first.at - asked;
    await sleep(5);
  }
}

reported(main);
