/**
 * The AWS clients, one set a region, with what every call has in common: a request timeout of 8 s so that a call is over
 * before its activity is, and errors as typed failures. Writes have no retries of their own (Temporal retries, and reads
 * before it writes again); a read that fails in passing is asked again at once, so that an activity of many reads isn't begun
 * anew for one of them.
 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { STSClient } from '@aws-sdk/client-sts';
import { setTimeout as sleep } from 'node:timers/promises';
import { awsFailure } from './errors';

export interface AwsClients {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ecr: ECRClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
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
export function createClients(
  region: string,
  more: Pick<ECSClientConfig, 'endpoint' | 'credentials'> = {},
): AwsClients {
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
    sts: withTypedFailures(new STSClient(configuration)),
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
        attempt(commandName.replace(/Command$/, ''), () => next(args)),
    { step: 'initialize', priority: 'high', name: 'typedFailures' },
  );
  return client;
}

const reads = /^(Describe|List|Get|BatchGet)/;
/** Asking again must leave room for the last answer within the activity's 15 s. */
const askAgainForMs = 4_000;

async function attempt(operation: string, call: () => Promise<unknown>): Promise<unknown> {
  const started = performance.now();
  for (let pauseMs = 100; ; pauseMs *= 2) {
    try {
      return await call();
    } catch (error) {
      const failure = awsFailure(error, operation);
      const late = performance.now() - started + pauseMs > askAgainForMs;
      if (failure.nonRetryable || late || !reads.test(operation)) throw failure;
      await sleep(pauseMs);
    }
  }
}
