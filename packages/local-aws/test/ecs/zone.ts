/** A cluster, a load balancer with a listener, and functions to create target groups and services in it. */
import type { CreateServiceCommandInput, Service, Task } from '@aws-sdk/client-ecs';
import { eventually, type LocalAws } from '../local-aws';

export interface Zone {
  readonly listenerArn: string;
  /** A target group that a rule forwards to. */
  createGroup(name: string, delaySeconds?: number): Promise<string>;
  registerTaskDefinition(image: string, over?: object): Promise<string>;
  createService(name: string, taskDefinition: string, over?: Partial<CreateServiceCommandInput>): Promise<void>;
  service(name: string): Promise<Service>;
  tasks(name: string, desiredStatus?: 'RUNNING' | 'STOPPED'): Promise<Task[]>;
  /** All tasks of a service at one moment, stopped ones included. */
  allTasks(name: string): Promise<Task[]>;
  steady(name: string): Promise<Service>;
}

export const vpc = { awsvpcConfiguration: { subnets: ['subnet-a'] } };

/** A service of the test image whose tasks are this group's targets. */
export const behind = (targetGroupArn: string): Partial<CreateServiceCommandInput> => ({
  loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
});

export async function createZone(local: LocalAws, listenerPort = 8080): Promise<Zone> {
  await local.ecs.createCluster({ clusterName: 'zone' });
  const { LoadBalancers: made } = await local.elbv2.createLoadBalancer({
    Name: 'zone',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  const { Listeners: listeners } = await local.elbv2.createListener({
    LoadBalancerArn: made?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: listenerPort,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const listenerArn = listeners?.[0]?.ListenerArn ?? '';
  let groups = 0;
  const zone: Zone = {
    listenerArn,
    createGroup: async (name, delaySeconds = 10) => {
      const group = await local.elbv2.createTargetGroup({
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: 'vpc-local',
        TargetType: 'ip',
      });
      const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? '';
      await local.elbv2.modifyTargetGroupAttributes({
        TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: `${delaySeconds}` }],
      });
      await local.elbv2.createRule({
        ListenerArn: listenerArn,
        Priority: ++groups,
        Conditions: [{ Field: 'path-pattern', Values: [`/${name}/*`] }],
        Actions: [{ Type: 'forward', TargetGroupArn }],
      });
      return TargetGroupArn;
    },
    registerTaskDefinition: async (image, over = {}) => {
      const { taskDefinition } = await local.ecs.registerTaskDefinition({
        family: image.split(':')[0],
        networkMode: 'awsvpc',
        containerDefinitions: [
          { name: 'web', image, memory: 128, portMappings: [{ containerPort: 8080 }], environment: [], ...over },
        ],
      });
      return taskDefinition?.taskDefinitionArn ?? '';
    },
    createService: async (serviceName, taskDefinition, over = {}) => {
      await local.ecs.createService({
        cluster: 'zone',
        serviceName,
        taskDefinition,
        desiredCount: 2,
        networkConfiguration: vpc,
        ...over,
      });
    },
    service: async (name) => {
      const { services } = await local.ecs.describeServices({ cluster: 'zone', services: [name] });
      const [service] = services ?? [];
      if (service === undefined) throw new Error(`There is no service ${name}.`);
      return service;
    },
    tasks: async (serviceName, desiredStatus = 'RUNNING') => {
      const { taskArns = [] } = await local.ecs.listTasks({ cluster: 'zone', serviceName, desiredStatus });
      if (taskArns.length === 0) return [];
      return (await local.ecs.describeTasks({ cluster: 'zone', tasks: taskArns })).tasks ?? [];
    },
    allTasks: async (serviceName) => {
      const lists = await Promise.all(
        (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
          local.ecs.listTasks({ cluster: 'zone', serviceName, desiredStatus }),
        ),
      );
      const tasks = [...new Set(lists.flatMap(({ taskArns = [] }) => taskArns))];
      return (await local.ecs.describeTasks({ cluster: 'zone', tasks })).tasks ?? [];
    },
    steady: (name) =>
      eventually(
        () => zone.service(name),
        ({ deployments, runningCount, desiredCount, events }) =>
          deployments?.length === 1 &&
          deployments[0]?.rolloutState === 'COMPLETED' &&
          runningCount === desiredCount &&
          (events?.[0]?.message ?? '').includes('has reached a steady state'),
      ),
  };
  return zone;
}

export function portOf(task: Task | undefined): number {
  return task?.containers?.[0]?.networkBindings?.[0]?.hostPort ?? 0;
}

/** The answer of the task's own server; undefined when nothing listens there. */
export async function ask(task: Task | undefined): Promise<Record<string, string> | undefined> {
  return await fetch(`http://127.0.0.1:${portOf(task)}/`)
    .then(async (response) => (await response.json()) as Record<string, string>)
    .catch(() => undefined);
}
