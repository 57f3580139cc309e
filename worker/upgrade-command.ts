/** `cutover upgrade`: hands the deployments in flight over to this version of the workers. What it needs is loaded then. */
import { InvalidArgumentError, type Command } from 'commander';
import { settingsFile, settingsHelp } from '../settings/file';
import { print } from '../terminal/print';

interface UpgradeOptions {
  readonly settings?: string;
  readonly check?: boolean;
  readonly ramp?: number;
  readonly wait: boolean;
  readonly json?: boolean;
}

export function upgradeCommand(program: Command): void {
  program
    .command('upgrade')
    .description('makes this version of the workers the current one, and says which deployments go on with it')
    .option('--settings <file>', settingsHelp)
    .option('--check', 'only say what would happen')
    .option('--ramp <percent>', 'send a part of the new deployments to it, and move none', parsePercent)
    .option('--no-wait', 'do not wait until no deployment needs the old version')
    .option('--json', 'print one line of JSON at the end')
    .action(async ({ settings, check = false, ramp, wait, json = false }: UpgradeOptions) => {
      const { runUpgrade } = await import('./versions/run-upgrade.js');
      const say = json ? () => undefined : print;
      const report = await runUpgrade(settingsFile(settings), { check, ramp, wait, say });
      if (json) print(JSON.stringify(report));
    });
}

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (!(percent > 0 && percent < 100)) throw new InvalidArgumentError('expected a percentage above 0 and below 100.');
  return percent;
}
