/** Plans a new configuration for the image that serves. */
import { planBlueGreen } from '../../planning/deployment';
import { describeBlue, liveOf, type Live } from '../../planning/live';
import { Refusal } from '../../planning/refusal';
import type { Release } from '../../planning/release';
import { planRollingUpdate } from '../../planning/rolling-update';
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { UndoRequest } from '../../workflows/messages';
import type { PublishedConfiguration } from '../files/configuration';
import { observeListeners, observeSlots, planning, type PlanDependencies } from './plan';
import type { UndoPlan } from './undo';

/** The configuration serves already. */
export interface UnchangedConfiguration {
  readonly strategy: 'none';
  readonly note: string;
  readonly options: ResolvedRunbookOptions;
  readonly live: Live;
  readonly release: Release;
}

/**
 * The plan that brings the configuration as it is now to every replica.
 * Errors: `InvalidRequest` when the application isn't in containers, or has no configuration.
 */
export async function planUpdateConfiguration(
  dependencies: PlanDependencies,
  request: UndoRequest,
  published: PublishedConfiguration | null,
): Promise<UndoPlan | UnchangedConfiguration> {
  return await planning(dependencies, request, 'updateConfiguration', async (known, planRequest) => {
    const { identity, zone } = known;
    const clients = dependencies.clientsOf(zone);
    const listeners = await observeListeners(clients.elb, zone);
    const slots = await observeSlots(clients, zone.cluster, identity, listeners.live.rules);
    const blue = describeBlue(identity, listeners.live, slots);
    if (blue.kind !== 'slot' || !blue.release)
      throw new Refusal(
        `${identity.name} doesn't serve from containers that cutover deployed: deploy it first, and its configuration comes with it.`,
      );
    if (published === null)
      throw new Refusal(
        `${identity.name} has no App.config in ${zone.configuration?.folder ?? 'any folder, for the zone has no "configuration"'}: nothing was changed.`,
      );
    const { options } = planRequest;
    const { release: serving } = blue;
    if (serving.configuration === published.sha256) {
      const note = `The configuration ${published.sha256.slice(0, 12)} serves already: nothing was changed.`;
      return { strategy: 'none', note, options, live: liveOf(blue), release: serving };
    }
    const observed = { ...listeners, slots, release: { ...serving, configuration: published.sha256 } };
    return options.strategy === 'rollingUpdate'
      ? { strategy: 'rollingUpdate', plan: planRollingUpdate(planRequest, observed) }
      : { strategy: 'blueGreen', plan: planBlueGreen(planRequest, observed) };
  });
}
