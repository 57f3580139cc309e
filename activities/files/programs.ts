/** Programs that the worker may start: found once, by an absolute path, whatever folder they are then run in. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, relative } from 'node:path';

/**
 * The absolute path of a program; undefined when there is none. A name alone is looked for in the absolute folders of PATH, never
 * in the present folder: that may be a bundle's. A relative path names no program.
 */
export async function findProgram(program: string): Promise<string | undefined> {
  if (!isAbsolute(program) && /[/\\]/.test(program)) return undefined;
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const files = isAbsolute(program) ? [program] : onPath.map((folder) => join(folder, program));
  const suffixes = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  for (const file of files.flatMap((name) => suffixes.map((suffix) => `${name}${suffix}`)))
    if (await isProgram(file)) return file;
  return undefined;
}

/** Whether a file lies in a folder, once links are resolved. */
export async function liesIn(file: string, folder: string): Promise<boolean> {
  const way = relative(await realpath(folder), await realpath(file));
  return !isAbsolute(way) && !/^\.\.(?:[/\\]|$)/.test(way);
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
