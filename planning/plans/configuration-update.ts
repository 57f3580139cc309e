/** The plan of a configuration update: the image that serves, once more, with the configuration as it is now. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { planByStrategy, type PlannedDeployment } from './by-strategy';
import type { PlanRequest } from './plan-request';
import { blueOf, servingOf, type Serving } from '../observed/blue';
import type { Observed, PlannableApplication } from '../observed/observed';
import { Refusal } from '../refusal';
import type { Release } from '../release/release';

/** The configuration serves already. */
export interface UnchangedConfiguration {
  readonly strategy: 'none';
  readonly note: string;
  readonly options: ResolvedRunbookOptions;
  readonly live: Serving;
  readonly release: Release;
}

/** What a configuration update is planned from. */
export type ServingApplication = PlannableApplication & Pick<Observed, 'forgotten'>;

/**
 * @param published the configuration as it is now; `null` when the application has none
 * @throws {Refusal} when no slot serves a known release, or there is no configuration, or something stands in the way
 */
export function planConfigurationUpdate(
  request: PlanRequest,
  observed: ServingApplication,
  published: { readonly sha256: string } | null,
): PlannedDeployment | UnchangedConfiguration {
  const { application, zone, options } = request;
  const blue = blueOf(application, observed.liveListener, observed.slots);
  if (blue.kind !== 'slot' || !blue.release)
    throw new Refusal(
      `${application.name} doesn't serve from containers that cutover deployed: deploy it first, and its configuration comes with it.`,
    );
  if (published === null)
    throw new Refusal(
      `${application.name} has no App.config in ${zone.configuration?.folder ?? 'any folder, for the zone has no "configuration"'}: nothing was changed.`,
    );
  const { release } = blue;
  const configuration = published.sha256;
  if (release.configuration !== configuration)
    return planByStrategy(request, { ...observed, release: { ...release, configuration } });
  const note = `The configuration ${configuration.slice(0, 12)} serves already: nothing was changed.`;
  return { strategy: 'none', note, options, live: servingOf(blue), release };
}
