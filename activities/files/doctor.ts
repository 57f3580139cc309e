/**
 * Checks what the platform's calls need in a zone beside AWS: that each shared folder can be used as it must be, and that the
 * image builder is there. Leaves nothing behind.
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finding, type Finding } from '../../planning/doctor';
import type { BuilderSettings, SharedFolders } from '../../settings/platform';
import type { ZoneSettings } from '../../settings/schema';
import { findProgram } from './programs';
import type { FolderAccess } from './zone-folders';

/** The settings of a zone that are checked. */
export type CheckedZone = Pick<ZoneSettings, 'folders' | 'configuration' | 'builder'>;

/** A folder that answers later than this is no better than one that doesn't answer. */
const answersWithinMs = 5_000;

export const doctorActivities = ({ settings, inFolder }: FolderAccess) => ({
  /**
   * What is wrong with the zone's folders and builder, and what is right.
   * Effect: files and folders that are gone again, except a configuration store that didn't exist yet. Idempotent.
   */
  examineFiles: ({ zone }: { readonly zone: string }): Promise<Finding[]> =>
    inFolder(zone, 'doctor', () => checkFiles(settings().zones[zone] ?? {})),
});

/** One finding for each folder and the builder, whatever becomes of the others; empty for a zone without folders. */
export async function checkFiles({ folders, configuration, builder }: CheckedZone): Promise<Finding[]> {
  const store = configuration?.store;
  return (
    await Promise.all([
      ...(folders ? folderFindings(folders) : []),
      ...(store === undefined ? [] : [checkFolder('configuration.store', store, makesAndWrites)]),
      ...(folders ? [checkBuilder(builder)] : []),
    ])
  ).flat();
}

/** The platform writes bundles and configurations and reads answers. */
const folderFindings = ({ target, result, config }: SharedFolders) => [
  checkFolder('folders.target', target.mounted, reads),
  checkFolder('folders.result', result.mounted, writes),
  checkFolder('folders.config', config.mounted, reads),
];

/** Uses a folder, and returns in words what it could do. @throws {Error} the file system's */
type Use = (folder: string) => Promise<string>;

const reads: Use = async (folder) => `readable, ${(await readdir(folder)).length} entries`;

const writes: Use = async (folder) => {
  // The platform looks for no name of this kind.
  const file = join(folder, `.cutover-doctor-${randomUUID()}`);
  try {
    await writeFile(file, 'doctor', { flag: 'wx' });
    if ((await readFile(file, 'utf8')) !== 'doctor') throw new Error('what was written there reads otherwise');
  } finally {
    await rm(file, { force: true });
  }
  return 'writable';
};

/** Uses a folder as a deployment uses the configuration store. */
const makesAndWrites: Use = async (folder) => {
  await mkdir(folder, { recursive: true });
  return await writes(folder);
};

async function checkFolder(name: string, folder: string, use: Use): Promise<Finding> {
  let late: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`no answer within ${answersWithinMs / 1000} s`)), answersWithinMs);
  });
  try {
    const says = `${folder} is ${await Promise.race([use(folder), hangs])}`;
    return finding({ check: name, state: 'ok', says });
  } catch (error) {
    const says = `${folder} can't be used: ${(error as Error).message}`;
    // The platform makes its folders at the first publish; where not even the parent is there, no share is.
    const isToCome = isMissing(error) && (await access(dirname(folder)).then(isTrue, isFalse));
    const next = `${isToCome ? 'The platform makes it as it first publishes. If it has: ' : ''}${nextStepOf(error, name)}`;
    return finding({ check: name, state: isToCome ? 'warning' : 'error', says, next });
  } finally {
    clearTimeout(late);
  }
}

const [isTrue, isFalse] = [() => true, () => false];
const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

function nextStepOf(error: unknown, name: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `Mount the share where the worker runs, or correct ${name} of the zone.`;
  if (code === 'EACCES' || code === 'EPERM') return 'Let the user that the worker runs as use it.';
  if (code === 'EROFS') return 'Mount the share writable where the worker runs.';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Make room on the share.';
  return 'Look at the share, and at its mount where the worker runs.';
}

async function checkBuilder(builder: BuilderSettings | undefined): Promise<Finding> {
  if (!builder)
    return finding({
      check: 'builder',
      state: 'warning',
      says: 'the zone names none',
      next: 'Say in "builder" who makes images: Container Build is refused without.',
    });
  const [program = ''] = builder.command;
  const found = await findProgram(program);
  if (found !== undefined) return finding({ check: 'builder', state: 'ok', says: `${builder.kind}: ${found}` });
  return finding({
    check: 'builder',
    state: 'error',
    says: `${program} is no program that the worker could run`,
    next: 'Install it where the worker for the folders runs, or correct "builder.command".',
  });
}
