/**
 * What stays although nobody wants it any more: a task that is protected from scale-in, one whose instance has lost its agent, a
 * target that somebody else registered. ECS ends none of them by itself, and nothing says so but what is read here.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 */
import { GetTaskProtectionCommand, type ProtectedTask, type Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsClients } from '../client/clients';
import { describeInstances, type ContainerInstances } from './container-instances';
import { isTargetOf } from './target-tasks';

/** What is left of a service, and of its target group. */
export interface Left {
  readonly service: string;
  readonly tasks: readonly Task[];
  readonly targets: readonly TargetHealthDescription[];
}

/** Each of what is left as text for people, e.g. `task 1f…, which is protected from scale-in until …`. */
export interface Lingering {
  /** Those that end only by what somebody does, or in a long time. */
  readonly stuck: readonly string[];
  readonly others: readonly string[];
}

export async function describeLingering(clients: AwsClients, cluster: string, left: Left): Promise<Lingering> {
  const { tasks, targets } = left;
  const [protections, instances] = await Promise.all([
    describeProtections(clients, cluster, tasks),
    describeInstances(clients, cluster, tasks),
  ]);
  const named = tasks.map((task) => ({ name: nameOf(task), why: whyItStays(task, protections, instances) }));
  const foreign = findForeignTargets(targets, tasks, instances);
  return {
    stuck: [
      ...named.flatMap(({ name, why }) => (why === undefined ? [] : [`${name}, ${why}`])),
      ...foreign.map((target) => `${formatAddress(target)}, which is no task's of ${left.service}`),
    ],
    others: [
      ...named.filter(({ why }) => why === undefined).map(({ name }) => name),
      ...targets.filter((target) => !foreign.includes(target)).map(formatAddress),
    ],
  };
}

/** Targets that take requests and that none of the service's tasks answers at. */
export const findForeignTargets = (
  targets: readonly TargetHealthDescription[],
  tasks: readonly Task[],
  instances: ContainerInstances,
): TargetHealthDescription[] =>
  targets.filter(
    (target) =>
      ['initial', 'healthy', 'unhealthy'].includes(target.TargetHealth?.State ?? '') &&
      !tasks.some((task) => isTargetOf(task, target, instances)),
  );

/** The tasks that are protected now, by ARN. GetTaskProtection takes 100 tasks a call. */
async function describeProtections(
  { ecs }: Pick<AwsClients, 'ecs'>,
  cluster: string,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, ProtectedTask>> {
  const arns = tasks.flatMap(({ taskArn, lastStatus }) =>
    taskArn === undefined || lastStatus !== 'RUNNING' ? [] : [taskArn],
  );
  const found = new Map<string, ProtectedTask>();
  for (let from = 0; from < arns.length; from += 100) {
    const asked = { cluster, tasks: arns.slice(from, from + 100) };
    const { protectedTasks = [] } = await ecs.send(new GetTaskProtectionCommand(asked));
    for (const one of protectedTasks) if (one.protectionEnabled) found.set(one.taskArn ?? '', one);
  }
  return found;
}

function whyItStays(
  { taskArn = '', containerInstanceArn, connectivity }: Task,
  protections: ReadonlyMap<string, ProtectedTask>,
  instances: ContainerInstances,
): string | undefined {
  const protection = protections.get(taskArn);
  if (protection) return protectedUntil(protection.expirationDate);
  const instance = instances.get(containerInstanceArn ?? '');
  const isAway = instance ? instance.agentConnected === false : connectivity === 'DISCONNECTED';
  if (!isAway) return undefined;
  return `on ${instance?.ec2InstanceId ?? 'an instance'}, whose agent ECS has lost`;
}

const protectedUntil = (until: Date | undefined) =>
  `protected from scale-in${until ? ` until ${until.toISOString()}` : ''}`;

const idOf = (arn: string) => arn.split('/').at(-1) ?? arn;
const nameOf = ({ taskArn = '' }: Task) => `task ${idOf(taskArn)}`;
export const formatAddress = ({ Target }: TargetHealthDescription): string => `target ${Target?.Id}:${Target?.Port}`;
