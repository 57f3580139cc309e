/** Many applications of one module each on a local stack of a measurement's own. */
import { readFileSync } from 'node:fs';
import { installApplication } from '../../local/platform-server/applications';
import { stackFolders } from '../../local/stack/folders';
import type { StackOptions } from '../../local/stack/plan';
import { changeSettings, registration } from '../../local/stack/settings';
import { buildRelease, imageOf, withOwnStack, type OwnStack } from '../own-stack';

/** So many starts are on their way at once: as quick as one client gets. */
export const startsAtOnce = 50;

export interface ManyApplications extends OwnStack {
  /** The image of each application's next version. */
  readonly imageOf: (application: string) => string;
}

/** All of them are on the Platform Server; the version that was before is 1.0, and the next 2.0. */
export async function withApplications<T>(
  names: readonly string[],
  options: Pick<StackOptions, 'timeScale' | 'rates'>,
  measure: (ground: ManyApplications) => Promise<T>,
): Promise<T> {
  const version = '2.0';
  return await withOwnStack(
    options,
    async (folder) => {
      for (const application of names)
        await buildRelease(folder, { application, version, modules: [moduleOf(application)] });
      await installAll(folder, names);
    },
    async (own) => await measure({ ...own, imageOf: (application) => imageOf({ application, version }) }),
  );
}

const moduleOf = (application: string) => application.replaceAll('-', '');

/** The settings are written once, for all of them. */
async function installAll(folder: string, names: readonly string[]): Promise<void> {
  const { platformServer, settings } = stackFolders(folder);
  const changes = [];
  for (const application of names)
    changes.push(
      ...registration(
        await installApplication(platformServer, { application, modules: [moduleOf(application)], version: '1.0' }),
      ),
    );
  await changeSettings(settings, changes);
}

/** As Linux tells it; NaN elsewhere. */
export function residentMiB(pid: number | undefined): number {
  try {
    const [, kib = 'NaN'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return NaN;
  }
}

/** Seconds of a core that a process has taken so far, as Linux tells them; NaN elsewhere. */
export function cpuS(pid: number | undefined): number {
  try {
    // After the name, which may hold anything: utime and stime are the 14th and 15th of all, in hundredths.
    const [, rest = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [user = NaN, system = NaN] = rest.split(' ').slice(11, 13).map(Number);
    return (user + system) / 100;
  } catch {
    return NaN;
  }
}
