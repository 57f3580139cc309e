/** `cutover list`: every application of a zone, what serves it, and what its deployment is about. */
import Table from 'cli-table3';
import { notInSlot } from '../../contract/text';
import type { DeploymentStatus } from '../../contract/status';
import type { Live } from '../../planning/observed/blue';
import { chosenZone, print, withDeployments, type CommonOptions } from '../options';

interface Listed {
  readonly application: string;
  readonly live: Live | null;
  readonly deployment: DeploymentStatus | null;
}

export async function list(options: CommonOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const zone = chosenZone(options, settings);
    const live = await deployments.ask({ kind: 'zone', zone });
    const listed = await Promise.all(
      Object.keys(settings.applications).map(async (application): Promise<Listed> => {
        const deployment = (await deployments.running({ zone, application })) ?? null;
        return { application, live: live[application] ?? null, deployment };
      }),
    );
    print(options.json ? JSON.stringify({ zone, applications: listed }) : table(listed));
  });
}

function table(listed: readonly Listed[]): string {
  if (listed.length === 0) return 'The settings know no application: add one under "applications".';
  const rows = new Table({
    head: ['application', 'live', 'deployment', 'wanted'],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, null, null, Math.max(30, (process.stdout.columns || 120) - 80)],
  });
  for (const { application, live, deployment } of listed)
    rows.push([application, describeLive(live), describeDeployment(deployment), deployment?.waitingFor ?? '']);
  return rows.toString();
}

function describeLive(live: Live | null): string {
  if (live === null) return 'not known to the worker';
  return live.slot === null
    ? notInSlot(live).replace(/^the /, '')
    : `slot ${live.slot}, ${live.image ?? 'an unknown image'}`;
}

function describeDeployment(deployment: DeploymentStatus | null): string {
  if (deployment === null) return '';
  const { phase, heldIn, paused, image } = deployment;
  return `${heldIn === null ? phase : `holds in ${heldIn}`}${paused ? ', paused' : ''}${image === null ? '' : ` (${image})`}`;
}
