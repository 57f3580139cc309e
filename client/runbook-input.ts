/** What was typed, as the input of a runbook: what was left out is left to the settings. */
import type { DeploymentRequestInput, RunbookRequestInput } from '../contract/runbook-requests';
import type { Strategy } from '../settings/runbook';
import { zoneOf } from '../settings/applications/zone';
import type { Settings } from '../settings/schema';
import { Refused } from './errors';
import { userOf } from './options';
import { flagNames, type ImageOptions, type RunbookFlags } from './runbook-flags';
import type { Target } from './target';

/** The strategy and the person who asks are the caller's to add. */
export function inputOf(options: RunbookFlags): Omit<RunbookRequestInput, 'strategy' | 'by'> {
  const given = flagNames.filter((name) => name !== 'strategy' && name !== 'by' && options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

export function deploymentInputOf(options: RunbookFlags & ImageOptions): DeploymentRequestInput {
  const { image, modules } = options;
  const named = modules === undefined ? {} : { modules: modules.split(',').map((name) => name.trim()) };
  return { image, by: userOf(options), ...named, ...inputOf(options) };
}

/** As the command line spells strategies, and as the settings and the runbooks' own sentences do. */
const deploymentStrategies: ReadonlyMap<string, Strategy> = new Map([
  ['blue-green', 'blueGreen'],
  ['rolling-update', 'rollingUpdate'],
  ['rolling', 'rollingUpdate'],
  ['blueGreen', 'blueGreen'],
  ['rollingUpdate', 'rollingUpdate'],
]);

/**
 * The strategy that --strategy names, else the application's or the zone's in the settings, else blue-green.
 * @throws {Refused} when there is no such strategy
 */
export function strategyOf(
  { zone, application }: Target,
  { strategy }: Pick<RunbookFlags, 'strategy'>,
  settings: Settings,
): Strategy {
  const own = zoneOf(settings, zone, application);
  if (own && 'fault' in own) throw new Refused(own.fault);
  const settled = own?.zone.deployment.strategy ?? 'blueGreen';
  const chosen = strategy === undefined ? settled : deploymentStrategies.get(strategy);
  if (chosen !== undefined) return chosen;
  throw new Refused(`There is no strategy ${strategy}: choose one of blue-green and rolling-update.`);
}
