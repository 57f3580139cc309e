import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { behind, ecsTags, makeGroup, makeRule, makeService, pause, type Stage } from '../stage';
import { NotTried, type Try } from '../try';

const atMostMs = 40 * 60_000;
const lookEveryMs = 10_000;

/** What was new, and how many seconds after CreateService. */
interface Seen {
  readonly seconds: number;
  readonly says: string;
}

/** Starts one task of a Windows image behind a target group, and notes what ECS and the load balancer say of it. */
export const windows: Try = {
  name: 'windows',
  question: 'Which events and target states come from CreateService to healthy with a Windows image?',
  assumes: 'Pulls of 5 to 10 minutes, and answers 500 or 503 while IIS warms up.',
  run: async (stage) => {
    const { windows: image, windowsCluster: cluster } = stage.options;
    const fargate = await start(stage, {
      what: 'win',
      cluster: stage.name,
      target: 'ip',
      of: await onFargate(stage, image),
    });
    const ec2 = cluster && (await onInstances(stage, cluster));
    return { image, fargate, ec2: ec2 ?? 'not tried: give --windows-cluster CLUSTER' };
  },
};

/** By the cluster's own capacity providers, where it has them, or else on the instances that are there. */
async function onInstances(stage: Stage, cluster: string): Promise<Seen[]> {
  const { ecs } = stage.account;
  const { clusters = [] } = await ecs.describeClusters({ clusters: [cluster] });
  const [found] = clusters;
  if (found === undefined) throw new NotTried(`--windows-cluster: there is no cluster ${cluster}`);
  const hasProviders = (found.defaultCapacityProviderStrategy ?? []).length > 0;
  // NAT, the network mode that every Windows instance has: it is left out.
  const taskDefinition = await register(stage, 'ec2', {
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [{ ...web(stage.options.windows), cpu: 1024, memory: 2048 }],
  });
  const launchType = hasProviders ? undefined : 'EC2';
  const of = { taskDefinition, launchType, networkConfiguration: undefined };
  return await start(stage, { what: 'winec2', cluster, target: 'instance', of });
}

async function onFargate(stage: Stage, image: string) {
  const taskDefinition = await register(stage, 'fargate', {
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '1024',
    memory: '2048',
    containerDefinitions: [web(image)],
  });
  return { taskDefinition };
}

const web = (image: string) => ({ name: 'web', image, portMappings: [{ containerPort: 80 }] });

async function register(stage: Stage, where: string, over: Partial<RegisterTaskDefinitionRequest>): Promise<string> {
  const { taskDefinition } = await stage.account.ecs.registerTaskDefinition({
    family: `${stage.name}-windows-${where}`,
    containerDefinitions: [],
    runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE', cpuArchitecture: 'X86_64' },
    tags: ecsTags(stage),
    ...over,
  });
  return taskDefinition?.taskDefinitionArn ?? '';
}

interface Started {
  readonly what: string;
  readonly cluster: string;
  readonly target: 'ip' | 'instance';
  /** Members of CreateService. */
  readonly of: object;
}

async function start(stage: Stage, { what, cluster, target, of }: Started): Promise<Seen[]> {
  const { haste = 1 } = stage;
  const group = await makeGroup(stage, what, { TargetType: target });
  await makeRule(stage, target === 'ip' ? 151 : 152, `/${what}`, [{ Type: 'forward', TargetGroupArn: group }]);
  const began = Date.now();
  const service = await makeService(stage, what, {
    cluster,
    loadBalancers: behind(group),
    desiredCount: 1,
    healthCheckGracePeriodSeconds: atMostMs / 1000,
    ...of,
  });
  const seen: Seen[] = [];
  for (let state = ''; state !== 'healthy'; await pause(stage, lookEveryMs / haste)) {
    const found = await look(stage, { cluster, service, group });
    state = found.state;
    const news = found.says.filter((says) => !seen.some((one) => one.says === says));
    for (const says of news) seen.push({ seconds: Math.round((Date.now() - began) / 1000), says });
    if (Date.now() - began > atMostMs) break;
  }
  await stage.account.ecs.updateService({ cluster, service, desiredCount: 0 });
  return seen;
}

/** The target's state, and everything that is said now. */
async function look(
  { account }: Stage,
  { cluster, service, group }: { readonly cluster: string; readonly service: string; readonly group: string },
) {
  const { services = [] } = await account.ecs.describeServices({ cluster, services: [service] });
  const { TargetHealthDescriptions = [] } = await account.elb.describeTargetHealth({ TargetGroupArn: group });
  const events = (services[0]?.events ?? []).toReversed().map(({ message = '' }) => message);
  const targets = TargetHealthDescriptions.map(({ TargetHealth: { State = '', Reason = '', Description = '' } = {} }) =>
    ['target', State, Reason, Description].filter((part) => part !== '').join(' '),
  );
  const isHealthy = TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  return { state: isHealthy ? 'healthy' : '', says: [...events, ...targets] };
}
