/**
 * Holds what activities are asked to the settings that this worker has: a plan stands in Temporal, and so does what somebody made up
 * who may write there. What differs is refused before anything is written, and holds until it agrees again: it may only be that the
 * settings were edited while a deployment is under way.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { parseDeploymentId } from '../../../contract/ids';
import {
  otherListener,
  otherLoadBalancer,
  otherPriorities,
  otherService,
  otherSite,
  otherVpc,
} from '../../../planning/held/site';
import { otherTaskDefinition } from '../../../planning/held/task-definition';
import { familyOf, keyHash, readName, resourceBase, targetGroupName } from '../../../planning/names';
import type { Site } from '../../../planning/site';
import { zoneOf } from '../../../settings/applications/zone';
import { lastGood } from '../../../settings/files/reread';
import type { Settings, ZoneSettings } from '../../../settings/schema';
import type { AwsDependencies } from '../dependencies';
import { taggedAs, touchedBy, type Touched } from './touched';
import { releaseRecords, type HoldingRun } from './records';

export type HoldingDependencies = AwsDependencies & { readonly settings: () => Settings };

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/**
 * The activities, each held to the zone of the run that calls it, and those that write to its application, too.
 * They throw an {@link ApplicationFailure} of type `OtherSettings`, with a sentence that says what differs.
 */
export function heldToSettings<Own extends Activities>(dependencies: HoldingDependencies, activities: Own): Own {
  // A file that somebody is in the midst of editing stops no rollback.
  const aws = { ...dependencies, settings: lastGood(dependencies.settings) };
  const records = releaseRecords();
  const held = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: never[]) => {
      const sites = sitesIn(args);
      for (const site of sites) refuseOtherZone(aws.settings(), site);
      const [site] = sites;
      const touched = Object.hasOwn(touchedBy, name) ? touchedBy[name]?.(...args) : undefined;
      if (touched) await refuseOtherApplication(aws, site, touched, records);
      return await activity(...args);
    },
  ]);
  return Object.fromEntries(held) as Own;
}

/** Every site in what an activity is given, however deep; what has one of its members counts as one. */
export function sitesIn(given: unknown, depth = 0): Site[] {
  if (typeof given !== 'object' || given === null || depth > deepest) return [];
  const own = ['region', 'role', 'cluster'].some((member) => Object.hasOwn(given, member)) ? [given as Site] : [];
  return [...own, ...Object.values(given).flatMap((one) => sitesIn(one, depth + 1))];
}

/** That of the replicas which modules are verified with, in a list of load balancers. */
const deepest = 5;

/** @throws {ApplicationFailure} of type `OtherSettings` */
export function refuseOtherZone(settings: Settings, site: Site): void {
  const { zone, called } = runIn(settings);
  refuse(called, otherSite(site, zone));
}

interface RunInZone {
  /** For a sentence, e.g. `zone production`. */
  readonly called: string;
  readonly name: string;
  readonly application: string;
  readonly zone: ZoneSettings;
}

function runIn({ zones }: Settings): RunInZone {
  const { zone: name, application } = parseDeploymentId(Context.current().info.workflowExecution?.workflowId ?? '');
  const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
  if (!zone) throw otherSettings(`The settings have no zone ${JSON.stringify(name)}.`);
  return { called: `zone ${name}`, name, application, zone };
}

async function refuseOtherApplication(
  aws: HoldingDependencies,
  site: Site | undefined,
  touched: Touched,
  records: ReturnType<typeof releaseRecords>,
): Promise<void> {
  if (!site) throw otherSettings('This is about no zone at all.');
  const settings = aws.settings();
  const { called, name, application, zone } = runIn(settings);
  const keys = Object.fromEntries(Object.entries(settings.applications).map(([one, { key }]) => [one, key]));
  const run: HoldingRun = { zone: name, application, keys, ecs: () => aws.clientsOf(site).ecs };
  for (const arn of touched.listeners ?? []) if (arn !== null) refuse(called, otherListener(arn, zone));
  for (const arn of touched.besides ?? []) if (arn !== null) refuse(called, otherLoadBalancer(arn, zone));
  for (const priorities of touched.priorities ?? []) refuse(called, otherPriorities(priorities, zone));
  const identities = [...(touched.applications ?? []), ...(touched.tags ?? []).flatMap(taggedAs)];
  for (const one of identities) if (one.zone !== name) refuse(called, `something of zone ${JSON.stringify(one.zone)}`);
  // Tags can't hold every name, and the key alone says whose they are.
  const bases = identities.map((one) => resourceBase({ ...one, name: one.name || application }));
  const runs = touched.runs ?? [];
  const named = [...(touched.names ?? []).flatMap((one) => (one ? [nameIn(one)] : [])), ...bases, ...runs.map(nameIn)];
  for (const one of new Set(named)) if (!(await records.mayTouch(one, run))) throw otherSettings(notOwn(one, run));
  const own = ownZone(settings, run, named);
  if (touched.service) refuse(called, otherService(touched.service, own));
  if (touched.targetGroup) refuse(called, otherVpc(touched.targetGroup.vpcId, own));
  for (const arn of runs)
    if (!readName(nameIn(arn)) && !(await records.wasBefore(arn, run, named)))
      refuse(called, `task definition ${arn}, which is no release of ${application}`);
  const { definition } = touched;
  if (definition && otherTaskDefinition(definition, own, []))
    refuse(called, otherTaskDefinition(definition, own, await records.earlier(definition, run)));
}

/** The zone with what is the application's own in it, whatever the run calls the application. */
function ownZone(settings: Settings, { zone, application, keys }: HoldingRun, named: readonly string[]): ZoneSettings {
  const hashes = named.flatMap((one) => readName(one)?.hash ?? []);
  const known = Object.hasOwn(keys, application)
    ? application
    : Object.keys(keys).find((one) => hashes.includes(keyHash({ zone, key: keys[one] ?? '' })));
  const own = zoneOf(settings, zone, known);
  if (own && 'zone' in own) return own.zone;
  throw otherSettings(own?.fault ?? `The settings have no zone ${JSON.stringify(zone)}.`);
}

/** The name that an ARN has, of a service, a target group or a task definition. */
function nameIn(reference: string): string {
  if (reference.includes(':targetgroup/')) return targetGroupName(reference);
  if (reference.includes(':task-definition/') || /^[\w-]+:\d+$/.test(reference)) return familyOf(reference);
  return reference.split('/').at(-1) ?? reference;
}

const notOwn = (name: string, { zone, application }: HoldingRun) =>
  `This is about ${name}, which is another application's than ${application}'s in zone ${zone}, as far as the settings say.`;

function refuse(called: string, differs: string | undefined): void {
  if (differs === undefined) return;
  throw otherSettings(`This is about ${differs} for ${called}.`);
}

const otherSettings = (sentence: string) =>
  ApplicationFailure.nonRetryable(
    `${sentence} Nothing was written. If the settings were edited while this deployment is under way, put back what it began with until it is over, then retry.`,
    'OtherSettings',
  );
