/** The local Platform Server, as tests drive it: an application that it publishes into containers, and what it read back. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callHook, type HookCall, type HookMethod } from '../../../local/platform-server/hook-calls';
import { publish, type OperationReport, type Platform } from '../../../local/platform-server/publishing';
import { findApplication } from '../../../local/platform-server/applications';
import { describePlatformZone } from '../../../local/platform-server/zone';
import { parseBreakage, writeBundle } from '../../../local/sample/bundle';
import { changeSettings } from '../../../local/stack/settings';
import { folder, stack } from './live-application';

const unwatched = { began: () => undefined, ended: () => undefined };

export async function platform(): Promise<Platform> {
  const zone = await describePlatformZone(folder);
  return { zone, watch: unwatched, signal: new AbortController().signal };
}

/** A whole publish, as `cutover local publish` does it. */
export async function published(application: string, version: string): Promise<OperationReport> {
  return await publish(await platform(), { application, version });
}

/** One publish, call by call. */
export interface Publish {
  readonly operationId: string;
  readonly call: (method: HookMethod) => Promise<void>;
  /** What the platform reads, once it is there. */
  readonly answer: (ending: string) => Promise<string>;
  /** What of this operation is in the result folder. */
  readonly files: () => Promise<string[]>;
  readonly resultFile: (ending: string) => string;
}

/** The bundle of a release is where the platform puts it; nothing is called yet. */
export async function compiled(application: string, version: string, broken?: string): Promise<Publish> {
  const { zone, signal } = await platform();
  const known = await findApplication(zone.folder, application);
  if (!known) throw new Error(`${application} is not installed.`);
  const operationId = randomUUID();
  const { key, modules } = known;
  const bundle = join(zone.folders.target, `${key}_${operationId}.zip`);
  const breakage = broken === undefined ? {} : { broken: parseBreakage(broken, modules) };
  await writeBundle({ application, version, modules, startSeconds: 0, ...breakage }, bundle);
  const resultFile = (ending: string) => join(zone.folders.result, `${key}_${operationId}${ending}`);
  return {
    operationId,
    resultFile,
    call: async (method) =>
      await callHook(zone, { application, key, modules, method, operationId } as HookCall, signal),
    answer: async (ending) => {
      for (;;) {
        const text = await readFile(resultFile(ending), 'utf8').catch(() => undefined);
        if (text !== undefined) return text;
        await sleep(50);
      }
    },
    files: async () =>
      (await readdir(zone.folders.result))
        .filter((name) => name.includes(operationId))
        .toSorted((one, other) => one.localeCompare(other)),
  };
}

/** What the settings say of one application's deployments from now on. */
export async function setDeployment(application: string, deployment: Readonly<Record<string, string>>): Promise<void> {
  await changeSettings(stack().settings, [{ path: ['applications', application, 'deployment'], value: deployment }]);
}
