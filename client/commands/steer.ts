/** What the commands do that steer a deployment, or tell of one. */
import type { CommandName } from '../../contract/commands';
import type { DeploymentStatus } from '../../contract/status';
import { parseTarget, print, whoAsks, withDeployments, type CommonOptions } from '../options';
import { describeStatus } from '../text/status';
import { watchStatus } from '../watch';

export interface SteeringOptions extends CommonOptions {
  readonly reason?: string;
  readonly image?: string;
}

export async function steer(name: CommandName, application: string, options: SteeringOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const { reason, image } = options;
    const target = parseTarget(application, options, settings);
    const said = {
      by: whoAsks(options),
      ...(reason !== undefined && { reason }),
      ...(image !== undefined && { image }),
    };
    await deployments.command(target, name, said);
    const status = await deployments.status(target);
    print(options.json ? JSON.stringify(status) : `${name} accepted; the deployment is in ${describePhase(status)}.`);
  });
}

const describePhase = ({ phase, heldIn }: DeploymentStatus) => (heldIn === null ? String(phase) : `hold (${heldIn})`);

export async function status(
  application: string,
  options: CommonOptions & { readonly watch?: boolean },
): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = parseTarget(application, options, settings);
    if (options.watch) return await watchStatus(deployments, target, options);
    const found = await deployments.status(target);
    print(options.json ? JSON.stringify(found) : describeStatus(found));
  });
}
