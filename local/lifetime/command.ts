/** `cutover local tag`: what developers do in LifeTime before a version can be staged. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { defaultStackFolder } from '../stack/folders';

interface TagOptions {
  readonly version: string;
  readonly modules?: string;
  readonly dir: string;
}

export function tagCommand(local: Command): void {
  local
    .command('tag')
    .description('Tags a version of an application in the local LifeTime’s Development, to be staged to Production.')
    .argument('<application>', 'what it is called')
    .requiredOption('--version <version>', 'what it says its version is')
    .option('--modules <names>', 'its modules, separated by commas (default: those that Production has)')
    .option('--dir <folder>', "the stack's folder", defaultStackFolder)
    .action(async (application: string, { version, modules: names, dir }: TagOptions) => {
      const { findApplication } = await import('../platform-server/applications.js');
      const { parseModules } = await import('../sample/bundle.js');
      const { stackFolders } = await import('../stack/folders.js');
      const { tagVersion } = await import('./state.js');
      const folder = stackFolders(dir).platformServer;
      const modules = names === undefined ? (await findApplication(folder, application))?.modules : parseModules(names);
      if (modules === undefined) throw new Error(`Production has no application ${application}: name its modules.`);
      await tagVersion(folder, { application, version, modules });
      print(
        `${application} ${version} is tagged in Development: cutover stage ${application} --from Development --to Production`,
      );
    });
}
