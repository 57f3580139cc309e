/** What a workflow of a bundle costs the worker that creates it, in the SDK's own VM. */
import { msToTs } from '@temporalio/common/lib/time';
import { TypedSearchAttributes } from '@temporalio/common';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Of one workflow that has read its input. */
export interface Weight {
  /** Of the heap, in MiB, after garbage is collected, in the lightest round: what else runs in the process grows too. */
  readonly mebibytes: number;
  /** Milliseconds of CPU of the cheapest one: the others also pay for collecting the garbage of whatever ran before. */
  readonly cpuMs: number;
}

/** @param count this many workflows are created in each of three rounds, and all of them are kept until the last is there */
export async function weigh(code: string, count = 10): Promise<Weight> {
  const creator = await ReusableVMWorkflowCreator.create(
    { code, sourceMap: { version: 3, sources: [], mappings: '', names: [] } as never, filename: 'workflow-bundle.js' },
    30_000,
    new Set(),
  );
  // The first one compiles what all use.
  const workflows = [await begin(creator, 0)];
  let cheapest = Infinity;
  let lightest = Infinity;
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    const heap = process.memoryUsage().heapUsed;
    for (let number = 0; number < count; number += 1) {
      const before = cpuMs();
      workflows.push(await begin(creator, workflows.length));
      cheapest = Math.min(cheapest, cpuMs() - before);
    }
    collectGarbage();
    lightest = Math.min(lightest, (process.memoryUsage().heapUsed - heap) / 2 ** 20 / count);
  }
  for (const workflow of workflows) await workflow.dispose();
  await creator.destroy();
  return { mebibytes: lightest, cpuMs: cheapest };
}

/** Of this thread where Linux tells (`proc(5)`, schedstat): others of a busy process compile and collect what isn't meant. */
function cpuMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  }
}

async function begin(creator: ReusableVMWorkflowCreator, number: number) {
  const runId = `run-${number}`;
  const started = new Date('2026-01-01T00:00:00Z');
  const initial = { workflowId: `production/Orders${number}`, workflowType: 'blueGreen', firstExecutionRunId: runId };
  const info = {
    ...initial,
    runId,
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    taskQueue: 'cutover',
    namespace: 'default',
    originalExecutionRunId: runId,
    startTime: started,
    runStartTime: started,
    taskTimeoutMs: 10_000,
    attempt: 1,
    historyLength: 3,
    historySize: 0,
    continueAsNewSuggested: false,
    unsafe: { now: Date.now, isReplaying: false },
  };
  const workflow = await creator.createWorkflow({
    info: info as never,
    randomnessSeed: [1, 2, 3, 4],
    now: started.getTime(),
    showStackTraceSources: false,
  } as never);
  const request = { image: 'registry.example/orders:1.0.0', approval: 'afterVerify', reason: 'a release' };
  const completion = await workflow.activate({
    runId,
    timestamp: msToTs(started.getTime()),
    historyLength: 3,
    jobs: [
      {
        initializeWorkflow: {
          ...initial,
          arguments: [
            { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(request)) },
          ],
        },
      },
    ],
  } as never);
  const commands = completion.successful?.commands ?? [];
  if (!commands.some(({ scheduleActivity }) => scheduleActivity))
    throw new Error(`The workflow didn't begin: ${JSON.stringify(completion.failed)}`);
  return workflow;
}
