/**
 * The AWS clients: one set for each region and role, with a request timeout of 8 s so that a call is over before its activity
 * is. What every call has in common is in calls.ts.
 */
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole, AwsLocation } from '../../../planning/site';
import { requestTimeoutMs, withCallPolicy, type CallDependencies } from './calls';
import { createLimiter, type Limiter } from './limiter';

export interface AwsClients {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ecr: ECRClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
  readonly scaling: ApplicationAutoScalingClient;
  readonly metrics: CloudWatchClient;
}

/** The clients of a place; endpoint and the worker's own credentials come from the AWS SDK's own environment and profiles. */
export type ClientsOf = (place: AwsLocation) => AwsClients;

export interface ClientOptions extends Omit<CallDependencies, 'limiter'> {
  /** Of an account's rates: e.g. 0.5 of two workers. Looked at anew for every call. Default: all. */
  readonly share?: () => number;
}

/** How AWS's own logs tell cutover's calls from others'. */
const customUserAgent = 'cutover/worker';

/** One set of clients for each region and role, made when it is first asked for; those of one account and region share its rates. */
export function awsClients({ share = () => 1, ...told }: ClientOptions = {}): ClientsOf {
  const places = new Map<string, AwsClients>();
  const limiters = new Map<string, Limiter>();
  return ({ region, role }) => {
    const place = `${region} ${role?.arn ?? ''} ${role?.externalId ?? ''}`;
    const known = places.get(place);
    if (known) return known;
    const account = `${region} ${accountOf(role)}`;
    const limiter = limiters.get(account) ?? createLimiter(share);
    limiters.set(account, limiter);
    const credentials = role === undefined ? {} : { credentials: assuming(role, region) };
    const clients = createClients(region, { ...credentials, customUserAgent }, { ...told, limiter });
    places.set(place, clients);
    return clients;
  };
}

/** Whose rates a call counts in; empty for the worker's own account. */
const accountOf = (role: AssumedRole | undefined): string => role?.arn.split(':')[4] ?? '';

/** Credentials of the role, asked for when they are needed and again before they expire. */
const assuming = ({ arn, externalId }: AssumedRole, region: string) =>
  fromTemporaryCredentials({
    params: { RoleArn: arn, RoleSessionName: 'cutover', ...(externalId !== undefined && { ExternalId: externalId }) },
    clientConfig: { region },
  });

/** More than anybody could use up: for those who see to AWS's rates otherwise. */
const boundless = 1e6;

/** @param more e.g. an endpoint and credentials of one's own, instead of the environment's */
export function createClients(
  region: string,
  more: Pick<ECSClientConfig, 'endpoint' | 'credentials' | 'customUserAgent'> = {},
  policy: CallDependencies = { limiter: createLimiter(() => boundless) },
): AwsClients {
  const configuration = {
    ...more,
    region,
    maxAttempts: 1,
    requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: 3_000, throwOnRequestTimeout: true },
  };
  return {
    ecs: withCallPolicy(new ECSClient(configuration), 'ecs', policy),
    elb: withCallPolicy(new ElasticLoadBalancingV2Client(configuration), 'elasticloadbalancing', policy),
    ecr: withCallPolicy(new ECRClient(configuration), 'ecr', policy),
    logs: withCallPolicy(new CloudWatchLogsClient(configuration), 'logs', policy),
    sts: withCallPolicy(new STSClient(configuration), 'sts', policy),
    metrics: withCallPolicy(new CloudWatchClient(configuration), 'cloudwatch', policy),
    scaling: withCallPolicy(new ApplicationAutoScalingClient(configuration), 'application-autoscaling', policy),
  };
}
