/** `cutover init`: writes a commented `cutover.yaml` to start from. It never overwrites one. */
import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { Refused } from '../errors';
import { ask } from '../../terminal/ask';
import { print } from '../../terminal/print';
import { platforms, templateFor, type Platform } from '../text/settings-template';

interface InitOptions {
  readonly out: string;
  readonly platform: Platform;
}

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('writes a commented cutover.yaml')
    .option('--out <file>', 'where to', 'cutover.yaml')
    .addOption(
      new Option('--platform <platform>', 'what images are made for; asked for in a terminal').choices(platforms),
    )
    .action(async ({ out, platform }: Partial<InitOptions> & Pick<InitOptions, 'out'>) => {
      init({ out, platform: platform ?? (await askPlatform()) });
      const next = `cutover doctor --settings ${out}`;
      print(`Wrote ${out}. Put in what is yours, then "${next}" says whether all is well.`);
    });
}

/** @throws {Refused} when there is such a file already */
export function init({ out, platform }: InitOptions): void {
  try {
    writeFileSync(out, templateFor(platform), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Refused(`${out} exists already and stays as it is: name another file with --out.`);
  }
}

/** Whether somebody sits there to be asked. */
const isAttended = () => process.stdin.isTTY && process.stdout.isTTY;

/**
 * OutSystems' own images are Windows ones: that holds where nobody can be asked.
 * @throws {Refused} for an answer that is no platform
 */
export async function askPlatform(asks = ask, attended = isAttended()): Promise<Platform> {
  if (!attended) return 'windows';
  const answer = (await asks('Are your images made for windows or linux? [windows] ')).trim().toLowerCase();
  if (answer === '') return 'windows';
  const known = platforms.find((one) => one === answer);
  if (known) return known;
  throw new Refused(`There is no platform ${answer}: choose one of ${platforms.join(' and ')}.`);
}
