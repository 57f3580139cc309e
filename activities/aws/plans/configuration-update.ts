/** Plans a new configuration for the image that serves. */
import type { PlanRequest } from '../../../planning/plans/deployment';
import { servingOf, type Serving } from '../../../planning/observed/blue';
import type { Observed } from '../../../planning/observed/observed';
import { Refusal } from '../../../planning/refusal';
import type { Release } from '../../../planning/release/release';
import type { ResolvedRunbookOptions } from '../../../settings/runbook';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { PublishedConfiguration } from '../../files/configuration';
import { withScaling } from '../ecs/scaling';
import type { KnownApplication } from './applications';
import { observeServing, planning, type PlanDependencies } from './observe';
import { planAsAsked, type UndoPlan } from './undo';

/** The configuration serves already. */
export interface UnchangedConfiguration {
  readonly strategy: 'none';
  readonly note: string;
  readonly options: ResolvedRunbookOptions;
  readonly live: Serving;
  readonly release: Release;
}

/**
 * The plan that brings the configuration as it is now to every replica.
 * Errors: `InvalidRequest` when the application isn't in containers, or has no configuration.
 */
export async function planUpdateConfiguration(
  dependencies: PlanDependencies,
  request: RunbookRequest,
  published: PublishedConfiguration | null,
): Promise<UndoPlan | UnchangedConfiguration> {
  return await planning(
    dependencies,
    request,
    'updateConfiguration',
    async (known, planRequest) => (await decideUpdate(dependencies, known, planRequest, published)).planned,
  );
}

/** @throws {Refusal} as above */
export async function decideUpdate(
  { clientsOf }: PlanDependencies,
  known: KnownApplication,
  request: PlanRequest,
  published: PublishedConfiguration | null,
): Promise<{ readonly planned: UndoPlan | UnchangedConfiguration; readonly observed: Observed }> {
  const { identity, zone } = known;
  const clients = clientsOf(zone);
  const { listeners, slots, blue } = await observeServing(clients, known);
  if (blue.kind !== 'slot' || !blue.release)
    throw new Refusal(
      `${identity.name} doesn't serve from containers that cutover deployed: deploy it first, and its configuration comes with it.`,
    );
  if (published === null)
    throw new Refusal(
      `${identity.name} has no App.config in ${zone.configuration?.folder ?? 'any folder, for the zone has no "configuration"'}: nothing was changed.`,
    );
  const { release: serving } = blue;
  const release = { ...serving, configuration: published.sha256 };
  const observed = await withScaling(clients, zone.cluster, { ...listeners, slots, release });
  if (serving.configuration !== published.sha256) return { planned: planAsAsked(request, observed), observed };
  const note = `The configuration ${published.sha256.slice(0, 12)} serves already: nothing was changed.`;
  return {
    planned: { strategy: 'none', note, options: request.options, live: servingOf(blue), release: serving },
    observed,
  };
}
