/**
 * Publishes an application into a zone with containers, stage by stage as the platform does: compile into the target folder,
 * have it prepared, change the database, have it deployed, and only then undeploy its own copy. A failure in between leaves the
 * database as it is by then, and the application where it was.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseBreakage, parseModules, writeBundle } from '../sample/bundle';
import {
  checkOwnership,
  findApplication,
  keyOf,
  listInstalled,
  replaceApplication,
  type InstalledApplication,
} from './applications';
import { writeConfiguration } from './configurations';
import type { HookCall, HookMethod } from './hook-calls';
import { pingModules } from './pings';
import { runStep, type StepReport, type Watch } from './steps';
import type { PlatformZone } from './zone';

/** What is left out stays as it is; a new application needs its modules. */
export interface PublishRequest {
  readonly application: string;
  /** Default: the version after the present one; `1.0` for a new application. */
  readonly version?: string;
  readonly modules?: readonly string[];
  /** A GUID; for a new application only. */
  readonly key?: string;
  /** A breakage in the form of `cutover local bundle --broken`. */
  readonly broken?: string;
  /** How long each container takes until it listens. Default: 0. */
  readonly startSeconds?: number;
  /** What its image runs on. Default: Linux. */
  readonly os?: 'windows';
}

/** What an operation of the platform works with. */
export interface Platform {
  readonly zone: PlatformZone;
  readonly watch: Watch;
  /** Ends the wait as a restart of the platform would: the external deployment tool doesn't learn of it. */
  readonly signal: AbortSignal;
}

/** The end of an operation; the JSON that commands print. */
export interface OperationReport {
  readonly operation: 'publish' | 'configure' | 'rename' | 'remove' | 'moveBack';
  readonly application: string;
  readonly key: string;
  /** The version that the platform regards as deployed afterwards; empty for none. */
  readonly version: string;
  /** The version whose database model is applied. */
  readonly databaseModel: string;
  /** Whether the platform counts it as a success. */
  readonly succeeded: boolean;
  /** The message that Service Center shows for the step that failed; `null` for a success. */
  readonly message: string | null;
  /** Sentences on what doesn't make a deployment fail, such as modules that don't answer afterwards. */
  readonly warnings: readonly string[];
  readonly steps: readonly StepReport[];
}

/** @throws {Error} of one sentence for what the platform itself refuses, before it calls any hook */
export async function publish(platform: Platform, request: PublishRequest): Promise<OperationReport> {
  const { folder } = platform.zone;
  const before = await findApplication(folder, request.application);
  return await deploy(platform, before, await planRelease(folder, before, request), request);
}

/** Publishes another release of an application, which may have another name. `before` is undefined for a new application. */
export async function deploy(
  { zone, watch, signal }: Platform,
  before: InstalledApplication | undefined,
  release: InstalledApplication,
  { broken, startSeconds = 0, os }: Pick<PublishRequest, 'broken' | 'startSeconds' | 'os'>,
): Promise<OperationReport> {
  const operationId = randomUUID();
  const call = (method: HookMethod): HookCall => ({ ...release, method, operationId });
  const report = reporter('publish', release, before);
  const breakage = broken === undefined ? {} : { broken: parseBreakage(broken, release.modules) };
  const { application, version, modules } = release;
  await writeBundle(
    { application, version, modules, startSeconds, ...breakage, ...(os && { os }) },
    join(zone.folders.target, `${release.key}_${operationId}.zip`),
  );
  await writeConfiguration(zone.folders.config, release);
  const prepared = await runStep(zone, call('ContainerBuild'), watch, signal);
  if (prepared.outcome !== 'succeeded') return report([prepared]);
  if (before !== undefined) await replaceApplication(zone.folder, { ...before, databaseModel: version });
  const deployed = await runStep(zone, call('ContainerRun'), watch, signal);
  if (deployed.outcome !== 'succeeded') return report([prepared, deployed], { databaseModel: version });
  await replaceApplication(zone.folder, { ...release, databaseModel: version, hosting: 'containers' });
  const warnings = deployed.skipPing ? [] : await pingModules(zone, modules);
  return report([prepared, deployed], { version, databaseModel: version, warnings });
}

/** Makes the report of an operation from its steps, the last of which decides; `changed` replaces what is different. */
export function reporter(
  operation: OperationReport['operation'],
  { application, key }: InstalledApplication,
  before: InstalledApplication | undefined,
): (steps: readonly StepReport[], changed?: Partial<OperationReport>) => OperationReport {
  const version = before?.version ?? '';
  return (steps, changed = {}) => ({
    operation,
    application,
    key,
    version,
    databaseModel: before?.databaseModel ?? version,
    succeeded: steps.every(({ outcome }) => outcome === 'succeeded'),
    message: steps.at(-1)?.message ?? null,
    warnings: [],
    steps,
    ...changed,
  });
}

/** @throws {Error} of one sentence for a release that the platform can't have */
export async function planRelease(
  folder: string,
  before: InstalledApplication | undefined,
  { application, version, modules, key }: PublishRequest,
): Promise<InstalledApplication> {
  if (before === undefined && modules === undefined)
    throw new Error(`The Platform Server has no application ${application}: name its modules, or install it first.`);
  const release: InstalledApplication = {
    ...before,
    application,
    key: before?.key ?? key ?? keyOf(application),
    version: version ?? nextVersion(before?.version),
    modules: modules === undefined ? (before?.modules ?? []) : parseModules(modules.join(',')),
  };
  const others = (await listInstalled(folder)).filter((other) => other.key !== release.key);
  checkOwnership(release, others);
  return release;
}

/** `1.4.2` is followed by `1.4.3`. */
function nextVersion(version: string | undefined): string {
  if (version === undefined) return '1.0';
  const next = version.replace(/\d+(?=\D*$)/, (number) => String(Number(number) + 1));
  return next === version ? `${version}.1` : next;
}
