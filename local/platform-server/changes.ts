/** What else happens to an application in containers: a new configuration, another name, its removal, its way back. */
import { randomUUID } from 'node:crypto';
import {
  findApplication,
  installApplication,
  listInstalled,
  replaceApplication,
  uninstallApplication,
  type InstalledApplication,
} from './applications';
import { writeConfiguration } from './configurations';
import { deploy, planRelease, reporter, type OperationReport, type Platform, type PublishRequest } from './publishing';
import { runStep, type StepReport } from './steps';

/**
 * Writes the App.config with these settings changed, and has it taken into use.
 * @throws {Error} of one sentence when the application isn't in containers
 */
export async function configure(
  { zone, watch, signal }: Platform,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<OperationReport> {
  const before = await describeContained(zone.folder, name);
  const after = { ...before, configuration: { ...before.configuration, ...settings } };
  await writeConfiguration(zone.folders.config, after);
  await replaceApplication(zone.folder, after);
  const call = { ...after, method: 'UpdateConfigurations', operationId: randomUUID() } as const;
  return reporter('configure', after, after)([await runStep(zone, call, watch, signal)]);
}

/**
 * Publishes the application under another name with the same key, and removes it under the old name when that succeeded.
 * @throws {Error} of one sentence when the application isn't in containers, or can't have that name
 */
export async function rename(
  platform: Platform,
  name: string,
  newName: string,
  request: Omit<PublishRequest, 'application' | 'key'> = {},
): Promise<OperationReport> {
  const { zone } = platform;
  const before = await describeContained(zone.folder, name);
  const release = await planRelease(zone.folder, before, { ...request, application: newName });
  const published = await deploy(platform, before, release, request);
  if (!published.succeeded) return { ...published, operation: 'rename' };
  const removed = await undeploy(platform, before);
  const { succeeded, warnings, databaseModel } = published;
  return reporter(
    'rename',
    release,
    release,
  )([...published.steps, removed], {
    databaseModel,
    warnings,
    succeeded: succeeded && removed.outcome === 'succeeded',
  });
}

/**
 * Deletes an application: the Platform Server has none of its modules from then on.
 * @throws {Error} of one sentence when the application isn't in containers
 */
export async function remove(platform: Platform, name: string): Promise<OperationReport> {
  const before = await describeContained(platform.zone.folder, name);
  await uninstallApplication(platform.zone.folder, name);
  return reporter('remove', before, before)([await undeploy(platform, before)]);
}

/**
 * Moves an application back to the Platform Server, which serves its modules before the containers are removed.
 * @throws {Error} of one sentence when the application isn't in containers
 */
export async function moveBack(platform: Platform, name: string): Promise<OperationReport> {
  const before = await describeContained(platform.zone.folder, name);
  await installApplication(platform.zone.folder, { application: name, modules: before.modules });
  return reporter('moveBack', before, before)([await undeploy(platform, before)]);
}

async function undeploy({ zone, watch, signal }: Platform, application: InstalledApplication): Promise<StepReport> {
  const call = { ...application, method: 'ContainerRemove', operationId: randomUUID() } as const;
  return await runStep(zone, call, watch, signal);
}

async function describeContained(folder: string, name: string): Promise<InstalledApplication> {
  const found = await findApplication(folder, name);
  if (found?.hosting === 'containers') return found;
  const names = (await listInstalled(folder)).flatMap(({ application, hosting }) => (hosting ? [application] : []));
  const what = found === undefined ? `has no application ${name}` : `runs ${name} itself`;
  throw new Error(`The Platform Server ${what}. In containers: ${names.join(', ') || 'none'}.`);
}
