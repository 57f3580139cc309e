/** Looks at every application of a zone: what is left of deployments, images, logins, and where its tasks are placed. */
import { eachTogether } from '../../concurrency';
import { findUnserved, subnetsOfNext } from '../../../planning/findings/availability-zones';
import { findForgotten } from '../../../planning/findings/images';
import { findLeftovers } from '../../../planning/findings/leftovers';
import { findOpenPaths } from '../../../planning/findings/logins';
import { finding, type Finding } from '../../../planning/doctor';
import type { ObservedApplication } from '../../../planning/observed/observed';
import { servicesOf } from '../../../planning/observed/services';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import { hostsOf, publicPaths } from '../../../planning/routing/live-and-test-routes';
import type { ZoneSettings } from '../../../settings/schema';
import type { ClientsOf } from '../client/clients';
import { describeUnserved } from '../ec2/subnets';
import { withScaling } from '../scaling/scaling';
import { observeApplication, type ObservableApplication, type ObservedRules } from '../plans/observe';
import { attempt } from './attempt';
import { describeKeptReleases } from './kept-images';

/** @param through the zone's listeners, the first one first */
export async function diagnoseApplications(
  clientsOf: ClientsOf,
  zone: ZoneSettings,
  applications: readonly ObservableApplication[],
  { rules, through }: { readonly rules: ObservedRules; readonly through: readonly ObservedListener[] },
): Promise<Finding[]> {
  const clients = clientsOf(zone);
  const looked = await eachTogether(applications, async (known) => {
    const observed = await withScaling(clients, zone.cluster, await observeApplication(clients, known, rules));
    const services = servicesOf(observed).map(({ service }) => service);
    return {
      leftovers: findLeftovers(known.identity, observed),
      images: await attempt('images', () => diagnoseImages(clientsOf, known, observed)),
      open: openPathsOf(known, observed, through),
      subnets: subnetsOfNext(known.zone.network, services),
    };
  });
  const all = (what: 'leftovers' | 'images' | 'open') => looked.flatMap((one) => one[what]);
  const subnets = new Set(looked.flatMap((one) => one.subnets));
  return [
    ...orAllIsWell(all('leftovers'), 'leftovers', 'no deployment left anything behind'),
    ...orAllIsWell(all('images'), 'images', 'of no release that serves, or was before, it is gone'),
    ...orAllIsWell(all('open'), 'logins', 'no path is open to everybody where others ask for a login'),
    ...(await attempt('availability zones', async () =>
      findUnserved(await describeUnserved(clients, [...subnets], through)),
    )),
  ];
}

const orAllIsWell = (found: readonly Finding[], check: string, says: string): readonly Finding[] =>
  found.length > 0 ? found : [finding({ check, state: 'ok', says })];

/** The modules are those of the settings, else those that the releases bring. */
function openPathsOf(
  { identity, zone, application: { modules, paths } }: ObservableApplication,
  observed: ObservedApplication,
  through: readonly ObservedListener[],
): Finding[] {
  const released = servicesOf(observed).flatMap(({ service }) => service.release?.modules ?? []);
  const asked = { paths: publicPaths(modules ?? [...new Set(released)], paths), hosts: hostsOf(zone) };
  return through.flatMap((listener) => findOpenPaths(identity, listener, asked));
}

async function diagnoseImages(
  clientsOf: ClientsOf,
  known: ObservableApplication,
  observed: ObservedApplication,
): Promise<Finding[]> {
  const kept = await describeKeptReleases(clientsOf, known, observed);
  return kept ? findForgotten(known.identity, kept) : [];
}
