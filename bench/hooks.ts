/**
 * How soon the hook listener answers a call whose operation is safe in Temporal: calls one after the other, then twenty at
 * once. `node lib/bench/hooks.js [--calls N]`; fails when the slowest of the calls one after the other took over 250 ms.
 *
 * A stack of its own with nothing else to do; what the operations do afterwards (they find no bundle) runs beside the calls.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { callHook, type HookTarget } from '../local/platform-server/hook-calls';
import { describePlatformZone } from '../local/platform-server/zone';
import { startStack } from '../local/stack/stack';

const limitMs = 250;
const atOnce = 20;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { calls: { type: 'string', default: '100' } } });
  const folder = await mkdtemp(join(tmpdir(), 'bench-hooks-'));
  const stack = await startStack({ folder, ports: 'auto' });
  try {
    const zone = await describePlatformZone(folder);
    // The first call also connects the listener to Temporal.
    report('the first', [await timed(zone)]);
    const single: number[] = [];
    while (single.length < Number(values.calls)) single.push(await timed(zone));
    report('one after the other', single);
    report(`${atOnce} at once`, await Promise.all(Array.from({ length: atOnce }, () => timed(zone))));
    if (Math.max(...single) > limitMs) process.exitCode = 1;
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds until the answer to a call that starts an operation of its own. */
async function timed(zone: HookTarget): Promise<number> {
  const call = { application: 'Measured', key: randomUUID(), modules: ['Measured'], operationId: randomUUID() };
  const before = performance.now();
  await callHook(zone, { ...call, method: 'ContainerBuild' }, new AbortController().signal);
  return performance.now() - before;
}

function report(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  process.stdout.write(
    `${`${what}:`.padEnd(22)} ${times.length} calls, median ${at(0.5)} ms, 95% ${at(0.95)} ms, slowest ${at(1)} ms; at most ${limitMs} is wanted.\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
