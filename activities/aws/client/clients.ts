/**
 * The AWS clients: one set for each region and role, with a request timeout of 8 s so that a call ends before its activity does.
 * What every call has in common is in calls.ts.
 */
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AssumedRole, AwsLocation } from '../../../planning/site';
import type { ConditionSettings } from '../../../settings/conditions';
import { withSecrets } from './secrets';
import { withCallPolicy, type CallDependencies } from './calls';
import { createLimiter, type Limiter } from './limiter';
import { requestTimeoutMs } from './time-limits';

export interface AwsClients {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ecr: ECRClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
  readonly scaling: ApplicationAutoScalingClient;
  readonly metrics: CloudWatchClient;
  /** Loaded by who asks for it first: it takes more memory than all of the others. */
  readonly ec2: () => Promise<EC2Client>;
}

/** The clients for a region and role. Endpoint and the worker's own credentials come from the AWS SDK's environment and profiles. */
export type ClientsOf = (location: AwsLocation) => AwsClients;

export interface ClientOptions extends Omit<CallDependencies, 'limiter'> {
  /** The conditions of every zone and application, whose secrets no answer shows. Default: none. */
  readonly conditions?: () => readonly ConditionSettings[];
  /** This worker's share of an account's rates, e.g. 0.5 when there are two workers. Read again for every call. Default: 1. */
  readonly share?: () => number;
}

/** Marks cutover's calls in AWS's own logs. */
const customUserAgent = 'cutover/worker';

/** One set of clients for each region and role, created on first use. Those of one account and region share its rates. */
export function awsClients({ share = () => 1, conditions = () => [], ...callPolicy }: ClientOptions = {}): ClientsOf {
  const created = new Map<string, AwsClients>();
  const limiters = new Map<string, Limiter>();
  return ({ region, role }) => {
    const location = `${region} ${role?.arn ?? ''} ${role?.externalId ?? ''}`;
    const known = created.get(location);
    if (known) return known;
    const account = `${region} ${accountOf(role)}`;
    const limiter = limiters.get(account) ?? createLimiter(share);
    limiters.set(account, limiter);
    const clients = createClients(
      region,
      { ...credentialsOf(role, region), customUserAgent },
      { ...callPolicy, limiter },
    );
    withSecrets(clients.elb, conditions);
    created.set(location, clients);
    return clients;
  };
}

/** The account in whose rates a call counts; empty for the worker's own. */
const accountOf = (role: AssumedRole | undefined): string => role?.arn.split(':')[4] ?? '';

/** Credentials of the role, requested when they are needed and again before they expire. */
const assuming = ({ arn, externalId }: AssumedRole, region: string) =>
  fromTemporaryCredentials({
    params: { RoleArn: arn, RoleSessionName: 'cutover', ...(externalId !== undefined && { ExternalId: externalId }) },
    clientConfig: { region },
  });

/** The role's credentials, where there is one; else the worker's own. */
export const credentialsOf = (role: AssumedRole | undefined, region: string) =>
  role === undefined ? {} : { credentials: assuming(role, region) };

/** A share that is never used up, for callers that respect AWS's rates in another way. */
const boundless = 1e6;

/**
 * One set of clients.
 * @param more e.g. an endpoint and credentials instead of the environment's
 */
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
  let ec2: Promise<EC2Client> | undefined;
  const loadEc2 = async () => {
    const { EC2Client: Client } = await import('@aws-sdk/client-ec2');
    return withCallPolicy(new Client(configuration), 'ec2', policy);
  };
  return {
    ec2: () => (ec2 ??= loadEc2()),
    ecs: withCallPolicy(new ECSClient(configuration), 'ecs', policy),
    elb: withCallPolicy(new ElasticLoadBalancingV2Client(configuration), 'elasticloadbalancing', policy),
    ecr: withCallPolicy(new ECRClient(configuration), 'ecr', policy),
    logs: withCallPolicy(new CloudWatchLogsClient(configuration), 'logs', policy),
    sts: withCallPolicy(new STSClient(configuration), 'sts', policy),
    metrics: withCallPolicy(new CloudWatchClient(configuration), 'cloudwatch', policy),
    scaling: withCallPolicy(new ApplicationAutoScalingClient(configuration), 'application-autoscaling', policy),
  };
}
