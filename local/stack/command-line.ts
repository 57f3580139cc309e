/** Where the project's own command line is. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's own command line, found in a folder above this file, whether that is compiled or not. */
export function commandLine(folder = __dirname): string {
  const file = join(folder, 'bin', 'cutover.js');
  return existsSync(file) ? file : commandLine(dirname(folder));
}
