/** The instances that tasks run on, where that isn't Fargate. */
import { DescribeContainerInstancesCommand, type ContainerInstance, type Task } from '@aws-sdk/client-ecs';
import type { AwsClients } from '../client/clients';

/** By ARN; those that can't be read are missing. */
export type ContainerInstances = ReadonlyMap<string, ContainerInstance>;

export const noInstances: ContainerInstances = new Map();

/** DescribeContainerInstances takes 100 ARNs a call. Without tasks on instances nothing is called. */
export async function describeInstances(
  { ecs }: Pick<AwsClients, 'ecs'>,
  cluster: string,
  tasks: readonly Task[],
): Promise<ContainerInstances> {
  const arns = [...new Set(tasks.flatMap(({ containerInstanceArn }) => containerInstanceArn ?? []))];
  const found = new Map<string, ContainerInstance>();
  for (let from = 0; from < arns.length; from += 100) {
    const asked = { cluster, containerInstances: arns.slice(from, from + 100) };
    const { containerInstances = [] } = await ecs.send(new DescribeContainerInstancesCommand(asked));
    for (const instance of containerInstances) found.set(instance.containerInstanceArn ?? '', instance);
  }
  return found;
}
