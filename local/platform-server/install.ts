/** Installs applications on a stack's Platform Server, and adds them to the stack's settings, so that they can be deployed. */
import { z } from 'zod';
import { makeWritableFolder } from '../../packages/local-aws/src/index';
import { stackFolders } from '../stack/folders';
import { changeSettings, registration } from '../stack/settings';
import { installApplication, type Installation, type InstalledApplication } from './applications';

/** The form that the settings require of a key; any other would make the whole file invalid. */
const guid = z.guid();

/**
 * The change is in effect when it returns. Where the stack has no settings yet, it adds the application when it writes them.
 * @throws {Error} of one sentence for an application that can't be installed, or a folder that can't be written
 */
export async function installAndRegister(folder: string, installation: Installation): Promise<InstalledApplication> {
  const { application, key } = installation;
  if (!/^[^/\s]([^/]{0,98}[^/\s])?$/.test(application)) {
    throw new Error(`"${application}" can't be an application's name: up to 100 characters, no "/".`);
  }
  if (key !== undefined && !guid.safeParse(key).success) throw new Error(`The key "${key}" is not a GUID.`);
  const folders = stackFolders(folder);
  await makeWritableFolder(folders.platformServer);
  const installed = await installApplication(folders.platformServer, installation);
  await changeSettings(folders.settings, registration(installed));
  return installed;
}
