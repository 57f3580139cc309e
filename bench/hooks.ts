/**
 * How soon the hook listener answers a call whose operation is safe in Temporal: calls as the platform makes them for one
 * application, each once the operation before has ended, then twenty applications' at once.
 * `node lib/bench/hooks.js [--calls N]`; fails when one of the calls one after the other took over 250 ms. Twenty at once are
 * as quick as the Temporal server takes twenty starts, and only told.
 *
 * A stack of its own with nothing else to do; what the operations do afterwards (they find nothing to remove) runs beside the calls.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { callHook, hookSteps, type HookCall, type HookTarget } from '../local/platform-server/hook-calls';
import { describePlatformZone } from '../local/platform-server/zone';
import { startStack } from '../local/stack/stack';
import { at, reported } from './figures';

const limitMs = 250;
const atOnce = 20;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { calls: { type: 'string', default: '50' } } });
  const folder = await mkdtemp(join(tmpdir(), 'bench-hooks-'));
  const stack = await startStack({ folder, ports: 'auto' });
  try {
    const zone = await describePlatformZone(folder);
    const single: number[] = [];
    while (single.length <= Number(values.calls)) {
      const call = newCall();
      single.push(await answered(zone, call));
      await operationEnded(zone, call);
    }
    // It also connects the listener to Temporal.
    report('the first', single.splice(0, 1));
    report('one after the other', single);
    const many = await Promise.all(Array.from({ length: atOnce }, () => answered(zone, newCall())));
    report(`${atOnce} at once`, many);
    if (Math.max(...single) > limitMs) process.exitCode = 1;
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const newCall = (): HookCall => ({
  application: 'Measured',
  key: randomUUID(),
  modules: ['Measured'],
  operationId: randomUUID(),
  method: 'ContainerRemove',
});

/** Milliseconds until the answer. */
async function answered(zone: HookTarget, call: HookCall): Promise<number> {
  const before = performance.now();
  await callHook(zone, call, new AbortController().signal);
  return performance.now() - before;
}

async function operationEnded({ folders }: HookTarget, { key, operationId, method }: HookCall): Promise<void> {
  const result = join(folders.result, `${key}_${operationId}${hookSteps[method].resultFile}`);
  for (const until = Date.now() + 15_000; !existsSync(result); await sleep(50))
    if (Date.now() > until) throw new Error(`There is no ${result} after 15 s.`);
}

function report(what: string, times: readonly number[]): void {
  const within = (share: number) => Math.round(at(times, share));
  const figures = { what, calls: times.length, medianMs: within(0.5), p95Ms: within(0.95), mostMs: within(1), limitMs };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

reported(main);
