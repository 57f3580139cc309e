/** Holds the routes that activities are told to ask against the settings and AWS, before anything is asked. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { parseDeploymentId } from '../../contract/ids';
import { zoneThroughEach } from '../../planning/listeners/others';
import { ownRoute, refusePaths, type ReachedListener } from '../../planning/routing/own-route';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { Refusal } from '../../planning/refusal';
import { conditionsIn } from '../../settings/applications/zone';
import type { Settings, ZoneSettings } from '../../settings/schema';
import type { AwsDependencies } from '../aws/dependencies';
import type { AwsClients } from '../aws/client/clients';
import { describeEntrance } from '../aws/elb/listener-rules';
import { heartbeating } from '../polling';

export interface ProbeDependencies extends AwsDependencies {
  readonly settings: () => Settings;
}

/**
 * The route, as it may be asked by the run that calls.
 * @throws {ApplicationFailure} of type `NotOurs` for one that isn't its zone's, and for paths that no module has
 */
export type OwnRoute = (route: RouteAddress, paths: readonly string[]) => Promise<RouteAddress>;

/** Listeners are described once a process: neither a name nor a port of them ever changes. */
export function ownRoutes({ clientsOf, settings }: ProbeDependencies): OwnRoute {
  const known = new Map<string, ReachedListener>();
  const describe = async (zone: ZoneSettings, arn: string) => {
    const listener = known.get(arn) ?? (await describeReached(clientsOf(zone), arn));
    known.set(arn, listener);
    return listener;
  };
  return async (route, paths) => {
    const { zone: name } = parseDeploymentId(Context.current().info.workflowExecution?.workflowId ?? '');
    const all = settings();
    const { zones } = all;
    const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
    if (!zone) throw notOurs(`The zone ${JSON.stringify(name)} is not in the settings: nothing was asked.`);
    const arns = zoneThroughEach(zone).flatMap((one) => [one.listener, one.testListener ?? []].flat());
    return await heartbeating(async () => {
      const listeners: ReachedListener[] = [];
      for (const arn of new Set(arns)) listeners.push(await describe(zone, arn));
      try {
        refusePaths(paths);
        return ownRoute(route, { name, zone, listeners, conditions: conditionsIn(all, name) });
      } catch (error) {
        throw error instanceof Refusal ? notOurs(error.message) : error;
      }
    });
  };
}

async function describeReached({ elb }: AwsClients, arn: string): Promise<ReachedListener> {
  const { protocol, port, loadBalancerDnsName: dnsName } = await describeEntrance(elb, arn);
  if (dnsName === '') throw notOurs(`There is no listener ${arn}: nothing was asked.`);
  return { protocol, port, dnsName };
}

const notOurs = (sentence: string) => ApplicationFailure.nonRetryable(sentence, 'NotOurs');
