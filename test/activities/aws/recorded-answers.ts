/** Clients that answer as real accounts did: packages/local-aws/test/recorded/README.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescribeClustersCommandOutput, DescribeServicesCommandOutput, Service, Task } from '@aws-sdk/client-ecs';
import type { DescribeTaskDefinitionCommandOutput, DescribeTasksCommandOutput } from '@aws-sdk/client-ecs';
import type { InitializeMiddleware } from '@smithy/types';
import type { DescribeScalableTargetsCommandOutput } from '@aws-sdk/client-application-auto-scaling';
import type {
  DescribeListenersCommandOutput,
  DescribeRulesCommandOutput,
  DescribeTargetGroupAttributesCommandOutput,
  DescribeTargetGroupsCommandOutput,
  DescribeTargetHealthCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { createClients, type AwsClients } from '../../../activities/aws/client/clients';
import { testCredentials } from '../../../packages/local-aws/test/local-aws';

interface Recorded {
  readonly 'ecs:DescribeClusters': DescribeClustersCommandOutput[];
  readonly 'ecs:DescribeServices': DescribeServicesCommandOutput[];
  readonly 'ecs:UpdateService': { readonly service: Service }[];
  readonly 'ecs:DeleteService': { readonly service: Service }[];
  readonly 'ecs:DescribeTasks': DescribeTasksCommandOutput[];
  readonly 'ecs:StopTask': { readonly task: Task }[];
  readonly 'ecs:DescribeTaskDefinition': DescribeTaskDefinitionCommandOutput[];
  readonly 'application-autoscaling:DescribeScalableTargets': DescribeScalableTargetsCommandOutput[];
  readonly 'elasticloadbalancing:DescribeListeners': DescribeListenersCommandOutput[];
  readonly 'elasticloadbalancing:DescribeRules': DescribeRulesCommandOutput[];
  readonly 'elasticloadbalancing:DescribeTargetGroups': DescribeTargetGroupsCommandOutput[];
  readonly 'elasticloadbalancing:DescribeTargetGroupAttributes': DescribeTargetGroupAttributesCommandOutput[];
  readonly 'elasticloadbalancing:DescribeTargetHealth': DescribeTargetHealthCommandOutput[];
}

const file = join(__dirname, '..', '..', '..', 'packages', 'local-aws', 'test', 'recorded', 'answers.json');
const isTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** The answers by operation, with dates as the SDK has them. */
export const recorded = JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) =>
  typeof value === 'string' && isTime.test(value) ? new Date(value) : value,
) as Recorded;

/**
 * Clients that never call anybody.
 * @param answers by the operation's name, e.g. `DescribeServices`; any other operation fails
 */
export function clientsAnswering(answers: Readonly<Record<string, object>>): AwsClients {
  const clients = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  const answer: InitializeMiddleware<never, never> =
    (_, { commandName = '' }) =>
    () => {
      const found = answers[commandName.replace(/Command$/, '')];
      if (found === undefined) return Promise.reject(new Error(`${commandName} was not to be called.`));
      return Promise.resolve({ output: { ...found, $metadata: {} } as never, response: {} });
    };
  const options = { step: 'initialize', priority: 'low' } as const;
  clients.ecs.middlewareStack.add(answer as never, options);
  clients.elb.middlewareStack.add(answer as never, options);
  clients.scaling.middlewareStack.add(answer as never, options);
  return clients;
}
