/** What the activities of every AWS resource are made with, and the only way to the clients that write. */
import type { Site } from '../../planning/site';
import { expectActiveCluster, refuseOtherRuns } from '../leases';
import type { Polling } from '../polling';
import type { AwsClients, ClientsOf } from './client/clients';

export interface AwsDependencies {
  readonly clientsOf: ClientsOf;
  /** Milliseconds between two looks at what is waited for. Default: 4 s, for AWS's health checks come every 5 s at most. */
  readonly pollMs?: number;
}

/**
 * The clients for a plan's writes: every activity that writes takes them from here.
 * @throws {ApplicationFailure} of type `PlanOfAnotherRun` when the calling run isn't the one that made the plan
 */
export function writing({ clientsOf }: AwsDependencies, site: Site): AwsClients {
  refuseOtherRuns(site);
  expectActiveCluster(site);
  return clientsOf(site);
}

/** How often waits look. */
export const pollingOf = ({ pollMs = 4_000 }: AwsDependencies) => ({ everyMs: pollMs }) satisfies Polling;
