/**
 * Looks at what the platform's calls need in a zone beside AWS: the shared folders, each in its role, and who makes images.
 * Leaves nothing behind.
 */
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { finding, type Finding } from '../../planning/doctor';
import type { BuilderSettings, SharedFolders } from '../../settings/platform';
import type { ZoneSettings } from '../../settings/schema';

/** What of a zone is looked at. */
export type ExaminedZone = Pick<ZoneSettings, 'folders' | 'configuration' | 'builder'>;

/** A folder that answers later than this is as good as one that doesn't. */
const answersWithinMs = 5_000;

export async function examineFiles({ folders, configuration, builder }: ExaminedZone): Promise<Finding[]> {
  const store = configuration?.store;
  return (
    await Promise.all([
      ...(folders ? folderFindings(folders) : []),
      ...(store === undefined ? [] : [examineFolder('configuration.store', store, makesAndWrites)]),
      ...(folders ? [examineBuilder(builder)] : []),
    ])
  ).flat();
}

/** The platform writes bundles and configurations and reads answers. */
const folderFindings = ({ target, result, config }: SharedFolders) => [
  examineFolder('folders.target', target.mounted, reads),
  examineFolder('folders.result', result.mounted, writes),
  examineFolder('folders.config', config.mounted, reads),
];

/** Says what it could do. @throws what the file system says */
type Use = (folder: string) => Promise<string>;

const reads: Use = async (folder) => `readable, ${(await readdir(folder)).length} entries`;

const writes: Use = async (folder) => {
  // No name that the platform looks for.
  const file = join(folder, `.cutover-doctor-${randomUUID()}`);
  try {
    await writeFile(file, 'doctor', { flag: 'wx' });
    if ((await readFile(file, 'utf8')) !== 'doctor') throw new Error('what was written there reads otherwise');
  } finally {
    await rm(file, { force: true });
  }
  return 'writable';
};

/** As a deployment does with the store. */
const makesAndWrites: Use = async (folder) => {
  await mkdir(folder, { recursive: true });
  return await writes(folder);
};

async function examineFolder(name: string, folder: string, use: Use): Promise<Finding> {
  let late: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`no answer within ${answersWithinMs / 1000} s`)), answersWithinMs);
  });
  try {
    const says = `${folder} is ${await Promise.race([use(folder), hangs])}`;
    return finding({ check: name, state: 'ok', says });
  } catch (error) {
    const says = `${folder} can't be used: ${(error as Error).message}`;
    return finding({ check: name, state: 'error', says, next: nextOf(error, name) });
  } finally {
    clearTimeout(late);
  }
}

function nextOf(error: unknown, name: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `Mount the share where the worker runs, or correct ${name} of the zone.`;
  if (code === 'EACCES' || code === 'EPERM') return 'Let the user that the worker runs as use it.';
  if (code === 'EROFS') return 'Mount the share writable where the worker runs.';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Make room on the share.';
  return 'Look at the share, and at its mount where the worker runs.';
}

async function examineBuilder(builder: BuilderSettings | undefined): Promise<Finding> {
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

/** As a start without a shell looks for it. */
async function findProgram(program: string): Promise<string | undefined> {
  const folders = isAbsolute(program) || /[/\\]/.test(program) ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  const suffixes = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  for (const file of folders.flatMap((folder) => suffixes.map((suffix) => join(folder, `${program}${suffix}`))))
    if (await isProgram(file)) return file;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
