/** What every try has: the clients, and a load balancer, a listener, a cluster and a task definition of this run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ECR } from '@aws-sdk/client-ecr';
import { ECS } from '@aws-sdk/client-ecs';
import {
  ElasticLoadBalancingV2,
  type Action,
  type CreateTargetGroupInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Route53 } from '@aws-sdk/client-route-53';
import { STS } from '@aws-sdk/client-sts';
import type { Options } from './options';

export interface Account {
  readonly ecs: ECS;
  readonly elb: ElasticLoadBalancingV2;
  readonly ecr: ECR;
  readonly route53: Route53;
  readonly sts: STS;
}

/** Endpoint and credentials come from the AWS SDK's environment and profiles. */
export const accountIn = (region: string): Account => ({
  ecs: new ECS({ region }),
  elb: new ElasticLoadBalancingV2({ region }),
  ecr: new ECR({ region }),
  route53: new Route53({ region }),
  sts: new STS({ region }),
});

/** The tag of everything that a run makes; its value is the run's id. */
export const tagKey = 'cutover:real-account';
/** How the names of all that begin. */
export const namePrefix = 'cutover-try-';

export interface Run {
  readonly account: Account;
  readonly options: Options;
  /** Eight characters. */
  readonly id: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** By how much waiting for nothing to happen is shortened. Default: 1. */
  readonly haste?: number;
  /** The addresses of a load balancer's nodes. Default: DNS. */
  readonly addressesOf?: (dnsName: string) => Promise<string[]>;
  /** Where a hosted zone's name servers answer, by their names. Default: DNS. */
  readonly nameServersAt?: (names: readonly string[]) => Promise<string[]>;
}

export interface Stage extends Run {
  readonly name: string;
  readonly dnsName: string;
  /** The hosted zone that has the load balancer's name, for aliases. */
  readonly dnsZone: string;
  readonly listenerArn: string;
  readonly taskDefinition: string;
}

/** @throws {Error} `AbortError` after Ctrl-C */
export const pause = ({ signal }: Run, ms: number): Promise<void> => sleep(ms, undefined, { signal });

export const elbTags = ({ id }: Run) => [{ Key: tagKey, Value: id }];
export const ecsTags = ({ id }: Run) => [{ key: tagKey, value: id }];
export const fixed = (text: string): Action[] => [
  { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: text } },
];

/** Makes them. A load balancer takes some minutes until it is active. */
export async function setStage(run: Run): Promise<Stage> {
  const { account, options } = run;
  const name = `${namePrefix}${run.id}`;
  await account.ecs.createCluster({ clusterName: name, tags: ecsTags(run) });
  const { LoadBalancers = [] } = await account.elb.createLoadBalancer({
    Name: name,
    Subnets: [...options.subnets],
    ...(options.securityGroup !== undefined && { SecurityGroups: [options.securityGroup] }),
    Tags: elbTags(run),
  });
  const { LoadBalancerArn, DNSName: dnsName = '', CanonicalHostedZoneId: dnsZone = '' } = LoadBalancers[0] ?? {};
  const { Listeners = [] } = await account.elb.createListener({
    LoadBalancerArn,
    Protocol: 'HTTP',
    Port: options.port,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    Tags: elbTags(run),
  });
  const { taskDefinition } = await account.ecs.registerTaskDefinition({
    family: name,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      { name: 'web', image: 'public.ecr.aws/nginx/nginx:stable', portMappings: [{ containerPort: 80 }] },
    ],
    tags: ecsTags(run),
  });
  await active(run, LoadBalancerArn ?? '');
  const listenerArn = Listeners[0]?.ListenerArn ?? '';
  return { ...run, name, dnsName, dnsZone, listenerArn, taskDefinition: taskDefinition?.taskDefinitionArn ?? '' };
}

async function active(run: Run, arn: string): Promise<void> {
  for (const until = Date.now() + 10 * 60_000; ; await pause(run, 2_000)) {
    const { LoadBalancers = [] } = await run.account.elb.describeLoadBalancers({ LoadBalancerArns: [arn] });
    if (LoadBalancers[0]?.State?.Code === 'active') return;
    if (Date.now() > until) throw new Error(`The load balancer ${arn} isn't active after ten minutes.`);
  }
}

/** A target group of this run; `what` is at most 11 characters. */
export async function makeGroup(
  stage: Stage,
  what: string,
  over: Partial<CreateTargetGroupInput> = {},
): Promise<string> {
  const { TargetGroups = [] } = await stage.account.elb.createTargetGroup({
    Name: `${stage.name}-${what}`,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: stage.options.vpc,
    TargetType: 'ip',
    Tags: elbTags(stage),
    ...over,
  });
  return TargetGroups[0]?.TargetGroupArn ?? '';
}

/** A rule for requests of `/<what>`, or for this condition. */
export async function makeRule(stage: Stage, priority: number, path: string | RegExp, actions: Action[]) {
  const values = typeof path === 'string' ? { Values: [path] } : { RegexValues: [path.source] };
  const { Rules = [] } = await stage.account.elb.createRule({
    ListenerArn: stage.listenerArn,
    Priority: priority,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: values }],
    Actions: actions,
    Tags: elbTags(stage),
  });
  return Rules[0] ?? {};
}

/** A Fargate service without tasks, unless `desiredCount` says otherwise. */
export async function makeService(stage: Stage, what: string, over: object = {}): Promise<string> {
  const { options } = stage;
  const serviceName = `${stage.name}-${what}`;
  await stage.account.ecs.createService({
    cluster: stage.name,
    serviceName,
    taskDefinition: stage.taskDefinition,
    launchType: 'FARGATE',
    desiredCount: 0,
    networkConfiguration: networkOf(options),
    tags: ecsTags(stage),
    ...over,
  });
  return serviceName;
}

export const networkOf = ({ subnets, securityGroup }: Options) => ({
  awsvpcConfiguration: {
    subnets: [...subnets],
    // In a public subnet nothing can be pulled without one.
    assignPublicIp: 'ENABLED' as const,
    ...(securityGroup !== undefined && { securityGroups: [securityGroup] }),
  },
});
export const behind = (targetGroupArn: string) => [{ targetGroupArn, containerName: 'web', containerPort: 80 }];
