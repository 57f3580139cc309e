/** Finds the zone and the application that a workflow ID names: in the settings, or in the tags of the zone's rules. */
import { ApplicationFailure } from '@temporalio/common';
import { zoneThroughEach } from '../../../planning/listeners/others';
import { tagKeys, tagValue, type ApplicationIdentity } from '../../../planning/names';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { publicPaths } from '../../../planning/routing/live-and-test-routes';
import type { ApplicationSettings, Settings, ZoneSettings } from '../../../settings/schema';
import { placeInSettings } from '../../../settings/applications/origins';
import { zoneOf } from '../../../settings/applications/zone';
import { parseDeploymentId } from '../../../contract/ids';
import type { PlatformApplication } from '../../../contract/runbook-requests';
import type { ClientsOf } from '../client/clients';
import { describeRules } from '../elb/listener-rules';

export interface ApplicationDependencies {
  readonly clientsOf: ClientsOf;
  /** Reads the settings anew, so that an edited file holds for the next deployment. */
  readonly settings: () => Settings;
}

export interface AskedApplication {
  readonly zone: string;
  readonly application: string;
}

export interface KnownApplication {
  readonly identity: ApplicationIdentity;
  /** With what is the application's own in it. */
  readonly zone: ZoneSettings;
  readonly application: ApplicationSettings;
  /**
   * The modules of the settings' other applications by the first segment of their path, with their application's name. Asked for
   * only by what adopts: it looks at every application there is.
   */
  readonly others: () => Readonly<Record<string, string>>;
  /** Where a setting of that zone is written, as `cutover.yaml:12`; `undefined` where it isn't. Default: nowhere. */
  readonly placeOf?: (path: readonly string[]) => string | undefined;
}

/**
 * The zone and application that a workflow ID names.
 * @param given the application as the platform calls it: its name wins, and the settings need not know it
 * @throws {ApplicationFailure} of type `InvalidRequest`, with the right workflow ID or the names that are known
 */
export function resolveApplication(
  settings: Settings,
  workflowId: string,
  given?: PlatformApplication,
): KnownApplication {
  const zones = Object.keys(settings.zones);
  const { zone: zoneName, application: name } = parseDeploymentId(workflowId);
  const example = `${settings.defaultZone ?? zones[0]}/${workflowId.includes('/') ? name : workflowId}`;
  if (name === '') throw invalid(notAnId(settings, workflowId, example));
  if (!Object.hasOwn(settings.zones, zoneName))
    throw invalid(
      `There is no zone ${zoneName} in the settings, which know ${zones.join(', ')}: start it as ${example}.`,
    );
  const known = given ? nameOf(settings, given) : name;
  const application = known === undefined ? undefined : settings.applications[known];
  if (!given && !(application && Object.hasOwn(settings.applications, name)))
    throw unknownApplication(settings, zoneName, name);
  const { key } = given ?? application ?? { key: '' };
  return {
    identity: { zone: zoneName, name, ...given, key },
    zone: zoneFor(settings, zoneName, known),
    application: application ?? { key, paths: {} },
    others: () => modulesOfOthers(settings, key),
    placeOf: (path) => placeInSettings(settings, { zone: zoneName, application: known }, path),
  };
}

/** The zone with what is the application's own in it. */
function zoneFor(settings: Settings, zone: string, application: string | undefined): ZoneSettings {
  const own = zoneOf(settings, zone, application);
  if (own && 'zone' in own) return own.zone;
  throw invalid(`${own?.fault} Correct the settings. Nothing was changed.`);
}

function notAnId({ applications }: Settings, workflowId: string, example: string): string {
  const wrong = `The workflow ID must be <zone>/<application>, and ${workflowId} is not`;
  if (!workflowId.includes('/')) return `${wrong}: start it again as ${example}.`;
  const known = Object.keys(applications).join(', ') || 'none';
  return `${wrong}: start it again with an application behind the slash; the settings know ${known}.`;
}

function modulesOfOthers({ applications }: Settings, key: string): Readonly<Record<string, string>> {
  const others = Object.entries(applications).filter(([, other]) => other.key.toLowerCase() !== key.toLowerCase());
  return Object.fromEntries(
    others.flatMap(([name, { modules = [], paths }]) =>
      publicPaths(modules, paths).map((path) => [path.slice(1), name] as const),
    ),
  );
}

/** What the settings call an application: it is known by its key, whatever it is called. `undefined` where they don't know it. */
function nameOf({ applications }: Settings, { name, key }: PlatformApplication): string | undefined {
  const sameKey = Object.entries(applications).find(([, one]) => one.key.toLowerCase() === key.toLowerCase());
  if (sameKey) return sameKey[0];
  if (!Object.hasOwn(applications, name)) return undefined;
  throw invalid(
    `The platform's application ${name} has the key ${key}, but applications.${name} in the settings has another one: correct the settings. Nothing was changed.`,
  );
}

/**
 * As {@link resolveApplication}; an application that the settings don't know is looked for in the tags of the zone's rules,
 * because the platform may have deployed it.
 */
export async function findApplication(
  { settings, clientsOf }: ApplicationDependencies,
  workflowId: string,
  given?: PlatformApplication,
): Promise<KnownApplication> {
  const now = settings();
  const { zone: zoneName, application: name } = parseDeploymentId(workflowId);
  const zone = Object.hasOwn(now.zones, zoneName) ? now.zones[zoneName] : undefined;
  if (given || !zone || name === '' || Object.hasOwn(now.applications, name))
    return resolveApplication(now, workflowId, given);
  const { elb } = clientsOf(zone);
  const rules: ListenerRule[] = [];
  for (const { listener } of zoneThroughEach(zone)) rules.push(...(await describeRules(elb, listener)));
  const tags = rules.map((rule) => rule.tags).find((one) => isNamed(one, zoneName, name));
  return resolveApplication(now, workflowId, tags && { name, key: tags[tagKeys.key] ?? '' });
}

const isNamed = (tags: Readonly<Record<string, string>>, zone: string, name: string) =>
  tags[tagKeys.zone] === zone && tags[tagKeys.application] === tagValue(name) && tags[tagKeys.key] !== undefined;

function unknownApplication({ applications }: Settings, zone: string, name: string): ApplicationFailure {
  const names = Object.keys(applications);
  const close = names.find((known) => known.toLowerCase() === name.toLowerCase());
  const hint = close === undefined ? `add it under "applications"` : `start it as ${zone}/${close}`;
  return invalid(`There is no application ${name} in the settings, which know ${names.join(', ') || 'none'}: ${hint}.`);
}

export const invalid = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'InvalidRequest');
