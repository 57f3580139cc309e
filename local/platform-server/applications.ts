/**
 * What the local Platform Server knows: one file, replaced whole, that the server reads at every request. So a change is in
 * effect when it returns, whether the server runs or not.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock, writeWhole } from '../../packages/local-aws/src/index';

/** An application as the Platform Server has it, and as it stands in the file. */
export interface InstalledApplication {
  readonly application: string;
  /** A GUID, as the platform gives every application. */
  readonly key: string;
  readonly version: string;
  readonly modules: readonly string[];
  /** Where it runs. The Platform Server answers 404 for what is in containers: it has undeployed its own copy. */
  readonly hosting?: 'containers';
  /** The version whose database model is applied: it stays when a deployment fails afterwards. Default `version`. */
  readonly databaseModel?: string;
  /** The values in its App.config, by key. */
  readonly configuration?: Readonly<Record<string, string>>;
}

/** What is left out stays as it is installed, or gets a default: a key derived from the name, version `1.0`. */
export type Installation = Pick<InstalledApplication, 'application' | 'modules'> & Partial<InstalledApplication>;

/** The file of the server's applications. */
export function applicationsFile(folder: string): string {
  return join(folder, 'applications.json');
}

/** Every application, sorted by name; none where nothing was ever installed. */
export async function listInstalled(folder: string): Promise<InstalledApplication[]> {
  const text = await readFile(applicationsFile(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as InstalledApplication[];
}

/**
 * Installs an application, or changes one; the Platform Server serves it from then on.
 * @throws {Error} of one sentence for a module that another application has
 */
export async function installApplication(folder: string, installation: Installation): Promise<InstalledApplication> {
  return await changeApplications(folder, (installed) => {
    const before = installed.find((each) => each.application === installation.application);
    const others = installed.filter((each) => each !== before);
    const fresh = { key: keyOf(installation.application), version: '1.0' };
    const { hosting: _, ...known } = before ?? {};
    const application: InstalledApplication = { ...fresh, ...known, ...installation };
    checkOwnership(application, others);
    return [[...others, application], application];
  });
}

/**
 * Replaces the application with the same key, whatever its name was.
 * @throws {Error} of one sentence for a name or a module that another application has
 */
export async function replaceApplication(folder: string, application: InstalledApplication): Promise<void> {
  await changeApplications(folder, (installed) => {
    const others = installed.filter(({ key }) => key !== application.key);
    checkOwnership(application, others);
    return [[...others, application], undefined];
  });
}

/** Undefined when there is none of that name. */
export async function findApplication(folder: string, application: string): Promise<InstalledApplication | undefined> {
  return (await listInstalled(folder)).find((each) => each.application === application);
}

/** Removes an application; its modules answer 404 from then on. Returns whether it was installed. */
export async function uninstallApplication(folder: string, application: string): Promise<boolean> {
  return await changeApplications(folder, (installed) => {
    const others = installed.filter((each) => each.application !== application);
    return [others, others.length < installed.length];
  });
}

type Change<T> = (installed: readonly InstalledApplication[]) => readonly [readonly InstalledApplication[], T];

async function changeApplications<T>(folder: string, change: Change<T>): Promise<T> {
  return await withLock(`${applicationsFile(folder)}.lock`, async () => {
    const [installed, result] = change(await listInstalled(folder));
    const sorted = installed.toSorted((one, other) => one.application.localeCompare(other.application));
    await writeWhole(applicationsFile(folder), `${JSON.stringify(sorted, undefined, 2)}\n`);
    return result;
  });
}

/** @throws {Error} of one sentence for a name or a module that another application has */
export function checkOwnership(application: InstalledApplication, others: readonly InstalledApplication[]): void {
  if (others.some((other) => other.application === application.application))
    throw new Error(`There is another application called ${application.application}.`);
  for (const module of application.modules) {
    const owner = others.find((other) => other.modules.some((each) => each.toLowerCase() === module.toLowerCase()));
    if (owner !== undefined) throw new Error(`The module ${module} belongs to the application ${owner.application}.`);
  }
}

/** A GUID derived from the name, of version 5. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5 */
export function keyOf(application: string): string {
  const bytes = createHash('sha1').update(`cutover/local/${application}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
