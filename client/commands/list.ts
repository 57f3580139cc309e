/** `cutover list`: every application of a zone, what serves it, and what its deployment is about. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { sayIfSlow } from '../../terminal/slow';
import { withCommonFlags, type CommonOptions } from '../options';
import { withSession } from '../session';
import { chosenZone } from '../target';
import type { ListedApplication } from '../text/applications';
import { readsWholeZone } from '../text/still-reading';

export function listCommand(program: Command): void {
  withCommonFlags(program.command('list'))
    .description('lists the applications of a zone: what is live, what is deployed, what is wanted')
    .action(list);
}

async function list(options: CommonOptions): Promise<void> {
  const { formatApplications } = await import('../text/applications.js');
  const { formatGlass } = await import('../approvals/glasses.js');
  await withSession(options, async ({ deployments, settings }) => {
    const zone = chosenZone(options, settings);
    const live = await sayIfSlow(readsWholeZone, deployments.ask({ kind: 'zone', zone }));
    const glasses = await deployments.glasses(zone);
    const applications = await Promise.all(
      Object.keys(settings.applications).map(async (application): Promise<ListedApplication> => {
        const deployment = (await deployments.running({ zone, application })) ?? null;
        const open = glasses.filter(({ workflow }) => workflow === `${zone}/${application}`).map(formatGlass);
        return {
          application,
          live: live[application] ?? null,
          deployment,
          ...(open.length > 0 && { uncountersigned: open }),
        };
      }),
    );
    print(options.json ? JSON.stringify({ zone, applications }) : formatApplications(applications));
  });
}
