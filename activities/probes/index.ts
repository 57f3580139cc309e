/** The activities that ask over HTTP, as a browser would. Each stands in the file of what it asks about. */
import type { AwsDependencies } from '../aws/dependencies';
import { replicaWaits } from '../aws/ecs/replicas';
import { heldToSettings } from '../aws/held/index';
import { handoverProbes } from './handover';
import { moduleProbes } from './modules';
import { ownRoutes, type ProbeDependencies } from './own-routes';
import { releaseProbes } from './releases';
import { looksTogether, type GreenThrough } from './together';
import { waitingProbes } from './waiting';

export type Probes = ReturnType<typeof probesOf>;
export type ProbeActivities = ReturnType<typeof probeActivities>;

const singleProbes = (aws: AwsDependencies) => ({
  ...moduleProbes(aws),
  ...handoverProbes,
  ...releaseProbes,
  ...waitingProbes(aws),
});

const withTogether = (aws: AwsDependencies, probes: ReturnType<typeof singleProbes>) => ({
  ...probes,
  ...looksTogether({ ...replicaWaits(aws), ...probes }),
});

/** They ask whatever they are told to. */
export const probesOf = (aws: AwsDependencies) => withTogether(aws, singleProbes(aws));

/** They ask nothing but the load balancers of the zone whose deployment calls, whoever says otherwise. */
export function probeActivities(dependencies: ProbeDependencies): Probes {
  const probes = singleProbes(dependencies);
  const own = ownRoutes(dependencies);
  const held = withTogether(dependencies, {
    verifyModules: async (route, paths, how) =>
      await probes.verifyModules(await own(route, [...paths, ...(how.replicas?.paths ?? [])]), paths, how),
    watchVerified: async ([first, ...others], known, changes) => {
      const ownOf = async (one: GreenThrough) =>
        one.paths.length === 0 ? one : { ...one, testAddress: await own(one.testAddress, one.paths) };
      return await probes.watchVerified(
        [await ownOf(first), ...(await Promise.all(others.map(ownOf)))],
        known,
        changes,
      );
    },
    watchModules: async (route, paths) => await probes.watchModules(await own(route, paths), paths),
    waitForHandover: async (route, paths, how) => await probes.waitForHandover(await own(route, paths), paths, how),
    describeReleases: async (route, paths) =>
      paths.length === 0 ? {} : await probes.describeReleases(await own(route, paths), paths),
    describeEachReleases: async (routes, paths) => {
      if (paths.length === 0) return routes.map(() => ({}));
      const each = [];
      for (const route of routes) each.push(await own(route, paths));
      return await probes.describeEachReleases(each, paths);
    },
    proveReleases: async (route, releases) =>
      await probes.proveReleases(await own(route, [releases.blue, releases.green].flatMap(Object.keys)), releases),
  });
  return heldToSettings(dependencies, held);
}
