/** `cutover settings`: what holds for an application, and which line says so. It reads the file and asks nobody. */
import type { Command } from 'commander';
import { settingsFile } from '../../settings/file';
import { Refused } from '../errors';
import { print } from '../../terminal/print';
import { applicationCommand, type CommonOptions } from '../options';
import { knownTarget } from '../target';

export function settingsCommand(program: Command): void {
  applicationCommand(program, 'settings')
    .description('shows the settings that hold for an application, and where each comes from')
    .action(showSettings);
}

/** @throws {Refused} when the settings don't know the application, or what is its own doesn't fit the zone */
async function showSettings(application: string, options: CommonOptions): Promise<void> {
  const { loadSettings } = await import('../../settings/load.js');
  const { holdingSettings } = await import('../../settings/applications/holding.js');
  const { zoneOf } = await import('../../settings/applications/zone.js');
  const { formatSettings } = await import('../text/settings.js');
  const settings = loadSettings(settingsFile(options.settings));
  const target = knownTarget(application, options, settings);
  const own = zoneOf(settings, target.zone, target.application);
  if (!own || 'fault' in own) throw new Refused(own?.fault ?? `There is no zone ${target.zone}.`);
  const holding = holdingSettings(settings, target, own.zone);
  print(options.json ? JSON.stringify({ ...target, settings: holding }) : formatSettings(target, holding));
}
