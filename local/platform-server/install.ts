/** Installing on a stack's Platform Server: there, and in the stack's settings, so that the application can be deployed. */
import { z } from 'zod';
import { makeWritableFolder } from '../../packages/local-aws/src/index';
import { stackFolders } from '../stack/folders';
import { changeSettings, registration } from '../stack/settings';
import { installApplication, type Installation, type InstalledApplication } from './applications';

/** What the settings take as a key; a key of another form would make the whole file invalid. */
const guid = z.guid();

/** In effect when it returns. Without settings yet, they get the application when the stack first writes them. */
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
