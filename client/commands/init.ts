/** `cutover init`: writes a commented `cutover.yaml` to start from. It never overwrites one. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Refused } from '../errors';
import { print } from '../options';
import { template } from '../text/settings-template';

interface InitOptions {
  readonly out: string;
}

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('writes a commented cutover.yaml')
    .option('--out <file>', 'where to', 'cutover.yaml')
    .action(({ out }: InitOptions) => {
      init({ out });
      const next = `cutover doctor --settings ${out}`;
      print(`Wrote ${out}. Put in what is yours, then "${next}" says whether all is well.`);
    });
}

/** @throws {Refused} when there is such a file already */
export function init({ out }: InitOptions): void {
  try {
    writeFileSync(out, template, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Refused(`${out} exists already and stays as it is: name another file with --out.`);
  }
}
