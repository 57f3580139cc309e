/** The download of the development server by Temporal's own SDK: it starts a server, whose executable is then copied. */
import { chmod, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts `temporal` into the folder.
 * @throws {Error} when Temporal's download site can't be reached
 */
export async function downloadBySdk(folder: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  }).catch((error: Error) => {
    throw new Error(`the SDK's download failed: ${error.message.slice(0, 150)}`);
  });
  await environment.teardown();
  const downloaded = (await readdir(folder)).find((name) => name.startsWith('temporal'));
  if (downloaded === undefined) throw new Error("the SDK's download left no executable");
  await rename(join(folder, downloaded), join(folder, 'temporal'));
  await chmod(join(folder, 'temporal'), 0o755);
}
