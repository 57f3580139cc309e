/** Applications that the local Platform Server publishes through the hooks of the shared stack, and what becomes of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf } from '../../../local/platform-server/applications';
import { hookSteps } from '../../../local/platform-server/hook-calls';
import type { OperationReport, Platform } from '../../../local/platform-server/publishing';
import { describePlatformZone, type PlatformZone } from '../../../local/platform-server/zone';
import { temporalEnvironment } from '../../../local/stack/environment';
import { changeSettings } from '../../../local/stack/settings';
import { hookCallIdOf, type HookCallOutcome } from '../../../contract/hook-calls';
import { folder, stack, stackTemporal } from './live-application';

/** The platform of the shared stack. */
export async function enterPlatform(zone: Partial<PlatformZone> = {}): Promise<Platform> {
  return {
    zone: { ...(await describePlatformZone(folder)), ...zone },
    watch: { began: () => undefined, ended: () => undefined },
    signal: new AbortController().signal,
  };
}

/** `cutover local …` on the shared stack, as people type it. */
export async function cutoverLocal(
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly report: OperationReport }> {
  const { status, stdout } = await typed('local', ...words, '--json', '--dir', folder).ended;
  return { status, report: JSON.parse(stdout) as OperationReport };
}

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Typed {
  /** Resolves once it has printed that; fails where it ends first. */
  readonly said: (expected: string | RegExp) => Promise<void>;
  /** Ctrl-C. */
  readonly interrupt: () => void;
  readonly ended: Promise<Said>;
}

/** `cutover …` on the shared stack, as people type it. */
export function typed(...words: readonly string[]): Typed {
  const file = join(__dirname, '..', '..', '..', 'bin', 'cutover.js');
  const child = spawn(process.execPath, [file, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...temporalEnvironment(stack()), CUTOVER_SETTINGS: stack().settings },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, stdout, stderr }));
  let over = false;
  void ended.then(() => (over = true));
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    said: async (expected) => {
      while (stdout.search(expected) < 0) {
        if (over) throw new Error(`It ended without ${String(expected)}: ${stdout}${stderr}`);
        await sleep(50);
      }
    },
  };
}

/** Settings that make an application's deployments quick. @param key of the application that it is a new name of */
export async function hasten(application: string, key = keyOf(application)): Promise<void> {
  const value = { key, deployment: { bake: '1s', removeAfter: '1s' } };
  await changeSettings(stack().settings, [{ path: ['applications', application], value }]);
}

/** Waits for all that an operation of the platform's has begun, and tells how each of its calls ended. */
export async function outcomesOf({ key, steps }: OperationReport): Promise<HookCallOutcome[]> {
  const { workflow } = await stackTemporal();
  return await Promise.all(
    steps.map(async ({ method, operationId }) => {
      const id = hookCallIdOf(method, { applicationKey: key, operationId });
      return (await workflow.getHandle(id).result()) as HookCallOutcome;
    }),
  );
}

/** The application's result files that the platform has left, each with its content. */
export function resultFiles(key: string): Readonly<Record<string, string>> {
  const { result } = stack().folders;
  const names = readdirSync(result).filter((name) => name.startsWith(key));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(result, name), 'utf8')]));
}

/** Every operation leaves its newest file, a success, and nothing else. */
export function successesOf(reports: readonly OperationReport[]): Readonly<Record<string, string>> {
  const newest = new Map(
    reports.flatMap(({ key, steps }) =>
      steps.map(({ method, operationId }) => [operationId, `${key}_${operationId}${hookSteps[method].resultFile}`]),
    ),
  );
  return Object.fromEntries([...newest.values()].map((name) => [name, '']));
}
