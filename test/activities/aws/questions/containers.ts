/** A zone of the local AWS with services that run, for what people ask: each with a target group and, if wanted, a rule. */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClients } from '../../../../activities/aws/client/clients';
import { awsDescriptions, type AwsDescriptions } from '../../../../activities/aws/questions';
import {
  applicationTags,
  ecsTags,
  elbTags,
  slotNames,
  tagKeys,
  type ApplicationIdentity,
} from '../../../../planning/names';
import { labelsOf } from '../../../../planning/release/release';
import { parseSettings } from '../../../../settings/load';
import { startLocalAws, testCredentials } from '../../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../../packages/local-aws/test/sample-image';
import { release } from '../../../planning/zone';

const cluster = 'outsystems';
const image = '000000000000.dkr.ecr.us-east-1.amazonaws.com/orders:1';

/** A service with one task, and the ARN of its target group. */
interface Container {
  readonly service: string;
  readonly targetGroupArn: string;
}

export interface Zone {
  /** What people ask, where the settings know the application by this name, and these others by theirs. */
  readonly questionsAs: (name: string, others?: readonly ApplicationIdentity[]) => AwsDescriptions;
  /** The operations that were called for their answers since it was asked last. */
  readonly calls: () => string[];
  /** A service as a deployment of cutover leaves it in a slot. */
  readonly runSlot: (application: ApplicationIdentity, slot: 'a' | 'b') => Promise<Container>;
  /** A service as another tool makes it. */
  readonly runForeign: (name: string) => Promise<Container>;
  /** A rule to a service; tags say whose it is. Returns its ARN. */
  readonly route: (priority: number, path: string, to: Container, tags?: Record<string, string>) => Promise<string>;
  readonly deleteRule: (arn: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The tags of an application's live rule. */
export const liveTags = (application: ApplicationIdentity): Record<string, string> => ({
  ...applicationTags(application),
  [tagKeys.route]: 'live',
  [tagKeys.rule]: '0',
});

export async function openZone(key: string): Promise<Zone> {
  const local = await startLocalAws();
  const { ecs, elbv2 } = local;
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  await ecs.createCluster({ clusterName: cluster });
  const platform = await createTargetGroup('platform');
  const { LoadBalancers = [] } = await elbv2.createLoadBalancer({ Name: 'main', Subnets: ['subnet-1', 'subnet-2'] });
  const { Listeners = [] } = await elbv2.createListener({
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: platform }],
  });
  const listener = Listeners[0]?.ListenerArn ?? '';
  const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const called: string[] = [];
  const counted = <Next extends (args: never) => unknown>(next: Next, { commandName = '' }: { commandName?: string }) =>
    ((args: never) => {
      called.push(commandName);
      return next(args);
    }) as Next;
  clients.ecs.middlewareStack.add(counted, { step: 'initialize', name: 'counted' });
  clients.elb.middlewareStack.add(counted, { step: 'initialize', name: 'counted' });

  async function createTargetGroup(Name: string, Tags: Tag[] = []): Promise<string> {
    const made = { Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' } as const;
    const { TargetGroups = [] } = await elbv2.createTargetGroup({ ...made, ...(Tags.length > 0 && { Tags }) });
    return TargetGroups[0]?.TargetGroupArn ?? '';
  }

  async function run(service: string, family: string, dockerLabels: Record<string, string>): Promise<Container> {
    const targetGroupArn = await createTargetGroup(service);
    const { taskDefinition } = await ecs.registerTaskDefinition({
      family,
      networkMode: 'awsvpc',
      containerDefinitions: [
        {
          name: 'application',
          image,
          essential: true,
          memory: 128,
          portMappings: [{ containerPort: 8080 }],
          dockerLabels,
        },
      ],
      tags: ecsTags({ test: 'yes' }),
    });
    // ECS takes no target group that is in no rule.
    const { Rules = [] } = await elbv2.createRule({
      ListenerArn: listener,
      Priority: 40_000,
      Conditions: [{ Field: 'path-pattern', Values: [`/attaches-${service}`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    await ecs.createService({
      cluster,
      serviceName: service,
      taskDefinition: taskDefinition?.taskDefinitionArn,
      desiredCount: 1,
      loadBalancers: [{ targetGroupArn, containerName: 'application', containerPort: 8080 }],
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    });
    for (;;) {
      const { services = [] } = await ecs.describeServices({ cluster, services: [service] });
      if (services[0]?.runningCount === 1) break;
      await sleep(100);
    }
    await elbv2.deleteRule({ RuleArn: Rules[0]?.RuleArn });
    return { service, targetGroupArn };
  }

  return {
    calls: () => called.splice(0),
    questionsAs: (name, others = []) =>
      awsDescriptions({
        clientsOf: () => clients,
        settings: () => settingsWith(listener, name, key, others),
        earlierRuns: () => Promise.resolve({ areAllKnown: true }),
      }),
    runSlot: (application, slot) => {
      const names = slotNames(application, slot);
      const record = { runId: 'run-1', strategy: 'blueGreen', by: null, reason: null, previous: null };
      return run(names.service, names.taskDefinitionFamily, { ...labelsOf(release('1', ['Orders']), record) });
    },
    runForeign: (name) => run(name, name, {}),
    route: async (Priority, path, { targetGroupArn }, tags = {}) => {
      const { Rules = [] } = await elbv2.createRule({
        ListenerArn: listener,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: [path] }],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
        ...(Object.keys(tags).length > 0 && { Tags: elbTags(tags) }),
      });
      return Rules[0]?.RuleArn ?? '';
    },
    deleteRule: async (RuleArn) => void (await elbv2.deleteRule({ RuleArn })),
    close: () => local.close(),
  };
}

const settingsWith = (listener: string, name: string, key: string, others: readonly ApplicationIdentity[]) =>
  parseSettings(
    `zones:
  production: { address: 'http://apps.example.com', region: us-east-1, cluster: ${cluster}, listener: '${listener}', testRoute: { value: 'a-long-test-secret' } }
applications:
  ${name}: { key: ${key}, modules: [Orders] }
${others.map((one) => `  ${one.name}: { key: ${one.key}, modules: [${one.name}] }`).join('\n')}`,
    'test',
  );
