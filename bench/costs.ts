/**
 * What a deployment costs: its calls of AWS by operation, and the events and bytes of its history.
 * Each runbook once, three modules, two replicas. `node lib/bench/costs.js [--first N]` measures the first N of them; default: all.
 * Prints a JSON line for each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Runbook } from '../contract/status';
import { inTenths, reported } from './figures';
import { target, withOneApplication, type OneApplication } from './one-application';

type Calls = Readonly<Record<string, number>>;
type Input = Parameters<OneApplication['deployments']['start']>[2];

const timeScale = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { first: { type: 'string' } } });
  await withOneApplication({ timeScale }, async (ground) => {
    const { image } = ground;
    const [approval, brief] = ['none', { bake: '10s', settle: '5s' }] as const;
    const runs: readonly (readonly [what: string, Runbook, () => Input | Promise<Input>])[] = [
      ['the move into containers', 'blueGreen', async () => ({ approval, ...brief, image: await image('2.0') })],
      ['blue-green', 'blueGreen', async () => ({ approval, ...brief, image: await image('2.1') })],
      ['undo', 'undo', () => brief],
      ['rolling update', 'rollingUpdate', async () => ({ approval, image: await image('2.2') })],
      ['the move back', 'removeApplication', () => ({ approval })],
    ];
    for (const [what, runbook, input] of runs.slice(0, Number(values.first ?? runs.length)))
      await costs(ground, what, runbook, await input());
  });
}

async function costs(ground: OneApplication, what: string, runbook: Runbook, input: Input): Promise<void> {
  const { deployments, client } = ground;
  const before = await quiet(ground);
  const began = Date.now();
  const started = await deployments.start(target, runbook, input);
  const ending = await deployments.ended(started);
  if (!('result' in ending) || ending.result.outcome !== 'completed') throw new Error(JSON.stringify(ending));
  const seconds = inTenths(Date.now() - began);
  const after = await quiet(ground);
  const calls = Object.entries(after).map(([operation, count]) => ({
    operation,
    count: count - (before[operation] ?? 0),
  }));
  const made = calls.filter(({ count }) => count > 0).toSorted((one, other) => other.count - one.count);
  const { events } = await client.workflow.getHandle(started.workflowId, started.runId).fetchHistory();
  const { raw } = await client.workflow.getHandle(started.workflowId, started.runId).describe();
  const figures = {
    what,
    seconds,
    calls: made.reduce((sum, { count }) => sum + count, 0),
    events: events?.length ?? 0,
    kilobytes: Math.round(Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0) / 1_000),
    byOperation: made.map(({ operation, count }) => `${operation} ${count}`).join(', '),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** The calls that were made, once none comes any more for a second. */
async function quiet({ stack }: OneApplication): Promise<Calls> {
  for (;;) {
    const calls = await called(stack);
    await sleep(1_000);
    if (JSON.stringify(await called(stack)) === JSON.stringify(calls)) return calls;
  }
}

async function called(stack: OneApplication['stack']): Promise<Calls> {
  return (await (await fetch(`${stack.report().aws.control}/calls`)).json()) as Calls;
}

reported(main);
