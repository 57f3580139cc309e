/**
 * Reads that are asked for at the same moment go out together, where AWS takes a list: those who wait look on the same tick of
 * the clock (polling.ts), and so a hundred deployments that wait cost ten calls. Nobody joins a call that is under way: an
 * answer is never older than its question. A call is no activity's own: who is cancelled leaves it, and the others get their answer.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { unlessAborted } from '../../concurrency';
import { currentActivity } from './calls';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
const servicesACall = 10;
/** Those who wake on one tick don't do so in one instant. */
const gatherMs = 20;

interface Question {
  readonly name: string;
  readonly resolve: (service: Service | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions that haven't been sent, by client and cluster. */
const gathering = new WeakMap<ECSClient, Map<string, Question[]>>();

/** `undefined` when ECS knows none of this name. */
export async function describeServiceTogether(
  ecs: ECSClient,
  cluster: string,
  name: string,
): Promise<Service | undefined> {
  const clusters = gathering.get(ecs) ?? new Map<string, Question[]>();
  gathering.set(ecs, clusters);
  const answer = new Promise<Service | undefined>((resolve, reject) => {
    const question = { name, resolve, reject };
    const open = clusters.get(cluster);
    if (open !== undefined && open.length < servicesACall) return void open.push(question);
    const questions = [question];
    clusters.set(cluster, questions);
    asyncLocalStorage.exit(() =>
      setTimeout(() => {
        if (clusters.get(cluster) === questions) clusters.delete(cluster);
        void ask(ecs, cluster, questions);
      }, gatherMs),
    );
  });
  const activity = currentActivity();
  return await (activity === undefined ? answer : unlessAborted(answer, activity.cancellationSignal));
}

async function ask(ecs: ECSClient, cluster: string, questions: readonly Question[]): Promise<void> {
  try {
    const names = [...new Set(questions.map(({ name }) => name))];
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names }));
    for (const { name, resolve } of questions)
      resolve(services.find(({ serviceName, serviceArn }) => serviceName === name || serviceArn === name));
  } catch (failure) {
    for (const { reject } of questions) reject(failure);
  }
}
