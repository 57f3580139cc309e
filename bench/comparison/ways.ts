/** The ways in which a change can reach the users of a service behind a load balancer: cutover's own, by hand, and other people's tools. */
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { AwsClients } from '../../activities/aws/client/clients';
import { describeRules } from '../../activities/aws/elb/listener-rules';
import type { Deployments } from '../../client/deployments';
import { tagKeys } from '../../planning/names';

/** An application that serves its users from containers, and the image that they are to get. */
export interface Change {
  readonly zone: string;
  readonly application: string;
  readonly image: string;
  readonly cluster: string;
  readonly listener: string;
  readonly aws: AwsClients;
  readonly deployments: Deployments;
  /** For programs: endpoint, region, credentials. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Resolves when it says that the change is done. */
export type Way = (change: Change) => Promise<void>;

const run = promisify(execFile);
const looksEveryMs = 200;

/** The floor first, with which the others are compared. */
export const ways: Readonly<Record<string, Way>> = {
  'by hand, blue and green': switchByHand,
  'cutover, blue-green': deployBy('blueGreen'),
  'cutover, rolling': deployBy('rollingUpdate'),
  'aws ecs update-service': updateByCli,
  'ecs-deploy': deployByEcsDeploy,
};

/** What a way needs on the PATH. */
export const programOf: Readonly<Record<string, string>> = { 'aws ecs update-service': 'aws', 'ecs-deploy': 'ecs' };

function deployBy(strategy: 'blueGreen' | 'rollingUpdate'): Way {
  return async ({ deployments, zone, application, image }) => {
    const input = { image, approval: 'none', ...(strategy === 'blueGreen' && { bake: '0s' }) } as const;
    const ending = await deployments.ended(await deployments.start({ zone, application }, strategy, input));
    const text = JSON.stringify(ending);
    if (!text.includes('"completed"')) throw new Error(`It didn't complete: ${text}`);
  };
}

/** The fewest calls that do the same: a second service behind a group of its own, the rule, the first service at zero. */
async function switchByHand(change: Change): Promise<void> {
  const { aws, cluster, listener } = change;
  const blue = await liveService(change);
  const taskDefinition = await registerWith(change, blue);
  const rules = (await describeRules(aws.elb, listener)).filter(
    ({ tags }) => tags[tagKeys.application] === change.application,
  );
  const targetGroupArn = await groupLike(aws, blue.loadBalancers?.[0]?.targetGroupArn ?? '', change.application);
  // ECS takes no group that no listener leads to: it gets none of the requests.
  for (const { arn } of rules) await forward(aws, arn, rules[0]?.forward[0]?.targetGroupArn ?? '', targetGroupArn);
  const [, family = ''] = taskDefinition.split('/');
  await aws.ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: `${family.split(':')[0]}-by-hand`,
      taskDefinition,
      desiredCount: blue.desiredCount,
      launchType: 'FARGATE',
      networkConfiguration: blue.networkConfiguration,
      loadBalancers: blue.loadBalancers?.map((one) => ({ ...one, targetGroupArn })),
    }),
  );
  while ((await healthy(aws, targetGroupArn)) < (blue.desiredCount ?? 0)) await sleep(looksEveryMs);
  for (const { arn } of rules) await forward(aws, arn, targetGroupArn, blue.loadBalancers?.[0]?.targetGroupArn ?? '');
  await aws.ecs.send(new UpdateServiceCommand({ cluster, service: blue.serviceName, desiredCount: 0 }));
}

/** All requests to the first group; the others are attached to the rule, and get none. */
async function forward({ elb }: AwsClients, RuleArn: string, ...groups: readonly string[]): Promise<void> {
  const TargetGroups = groups.map((TargetGroupArn, at) => ({ TargetGroupArn, Weight: at === 0 ? 100 : 0 }));
  const Actions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
  await elb.send(new ModifyRuleCommand({ RuleArn, Actions }));
}

async function healthy({ elb }: AwsClients, TargetGroupArn: string): Promise<number> {
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
}

async function groupLike({ elb }: AwsClients, arn: string, application: string): Promise<string> {
  const { TargetGroups: [like] = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  const { TargetGroups: [made] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: `${application}-by-hand`,
      Protocol: like?.Protocol,
      Port: like?.Port,
      VpcId: like?.VpcId,
      TargetType: like?.TargetType,
      HealthCheckPath: like?.HealthCheckPath,
      HealthCheckIntervalSeconds: like?.HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: like?.HealthCheckTimeoutSeconds,
      HealthyThresholdCount: like?.HealthyThresholdCount,
      UnhealthyThresholdCount: like?.UnhealthyThresholdCount,
    }),
  );
  return made?.TargetGroupArn ?? '';
}

/** ECS's own rolling update, as its users start it and wait for it. */
async function updateByCli(change: Change): Promise<void> {
  const service = await liveService(change);
  const words = ['--cluster', change.cluster, '--service', service.serviceName ?? ''];
  const taskDefinition = await registerWith(change, service);
  await program(change, 'aws', 'ecs', 'update-service', ...words, '--task-definition', taskDefinition);
  const waited = ['--cluster', change.cluster, '--services', service.serviceName ?? ''];
  await program(change, 'aws', 'ecs', 'wait', 'services-stable', ...waited);
}

async function deployByEcsDeploy(change: Change): Promise<void> {
  const { serviceName = '', taskDefinition = '' } = await liveService(change);
  const { taskDefinition: now } = await change.aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const [container] = now?.containerDefinitions ?? [];
  const image = ['--image', container?.name ?? '', change.image];
  await program(change, 'ecs', 'deploy', change.cluster, serviceName, ...image, '--timeout', '600', '--no-deregister');
}

async function program({ environment }: Change, name: string, ...words: readonly string[]): Promise<void> {
  await run(name, words, { env: { ...process.env, ...environment, AWS_PAGER: '' }, maxBuffer: 2 ** 26 });
}

async function liveService({ aws, cluster, listener, application }: Change): Promise<Service> {
  const rules = (await describeRules(aws.elb, listener)).filter(
    ({ tags }) => tags[tagKeys.application] === application,
  );
  const group = rules[0]?.forward.find(({ weight }) => weight !== 0)?.targetGroupArn ?? '';
  const name = group.split('/')[1] ?? '';
  const { services: [service] = [] } = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  if (service === undefined) throw new Error(`There is no service ${name} behind the rules of ${application}.`);
  return service;
}

async function registerWith({ aws, image }: Change, { taskDefinition = '' }: Service): Promise<string> {
  const { taskDefinition: now } = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const containerDefinitions = now?.containerDefinitions?.map((one) => ({ ...one, image }));
  const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn, volumes } =
    now ?? {};
  const { taskDefinition: made } = await aws.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      cpu,
      memory,
      networkMode,
      requiresCompatibilities,
      executionRoleArn,
      taskRoleArn,
      volumes,
      containerDefinitions,
    }),
  );
  return made?.taskDefinitionArn ?? '';
}
