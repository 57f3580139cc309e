/** Writes `docs/reliability.md` from all that is known of this code. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResults } from './results';
import { hookSteps } from './hook-steps';
import { nameOf, steps } from './steps';
import { strikes } from './strikes';
import { reliabilityPage } from './table';

const root = join(__dirname, '..', '..', '..', '..');

export function writePage(file: string): void {
  const names = (ofWaits: boolean) =>
    strikes.filter(({ dies }) => (dies?.when === 'waiting') === ofWaits).map(({ name }) => name);
  const wanted = { steps: [...steps, ...hookSteps].map(nameOf), ofCalls: names(false), ofWaits: names(true) };
  const page = join(root, 'docs', 'reliability.md');
  writeFileSync(page, reliabilityPage(readResults(file), wanted));
  execFileSync(process.execPath, [join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs'), '--write', page]);
}
