/**
 * The AWS clients, one set a region, with what every call has in common: no retries of their own (Temporal retries), a request
 * timeout of 8 s so that a call is over before its activity is, and errors as typed failures.
 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsFailure } from './errors';

export interface AwsClients {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ecr: ECRClient;
  readonly logs: CloudWatchLogsClient;
}

/** The clients of a region; endpoint and credentials come from the AWS SDK's own environment and profiles. */
export type ClientsOf = (region: string) => AwsClients;

export const requestTimeoutMs = 8_000;

export function awsClients(): ClientsOf {
  const regions = new Map<string, AwsClients>();
  return (region) => {
    const known = regions.get(region) ?? createClients(region);
    regions.set(region, known);
    return known;
  };
}

/** @param more e.g. an endpoint and credentials of one's own, instead of the environment's */
export function createClients(region: string, more: ECSClientConfig = {}): AwsClients {
  const configuration = {
    ...more,
    region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: 3_000, throwOnRequestTimeout: true },
  };
  return {
    ecs: withTypedFailures(new ECSClient(configuration)),
    elb: withTypedFailures(new ElasticLoadBalancingV2Client(configuration)),
    ecr: withTypedFailures(new ECRClient(configuration)),
    logs: withTypedFailures(new CloudWatchLogsClient(configuration)),
  };
}

interface Stack {
  add(
    middleware: (
      next: (args: never) => Promise<unknown>,
      context: { commandName?: string },
    ) => (args: never) => Promise<unknown>,
    options: { step: 'initialize'; priority: 'high'; name: string },
  ): void;
}

function withTypedFailures<Client extends { middlewareStack: object }>(client: Client): Client {
  (client.middlewareStack as Stack).add(
    (next, { commandName = 'AWS' }) =>
      (args) =>
        next(args).catch((error: unknown) => {
          throw awsFailure(error, commandName.replace(/Command$/, ''));
        }),
    { step: 'initialize', priority: 'high', name: 'typedFailures' },
  );
  return client;
}
