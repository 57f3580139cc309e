/**
 * Reads that are wanted at the same moment go out as one call, where AWS takes a list. All waits look on the same tick of the
 * clock (polling.ts), so a hundred waiting deployments cost ten calls. A read never joins a call that has been sent: an answer is
 * never older than its question. A call belongs to no single activity: one that is cancelled leaves it, and the others still get
 * their answer.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { unlessAborted } from '../../concurrency';
import { currentActivity } from '../../attempt';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
const servicesACall = 10;
/** How long reads are gathered: activities that wake on one tick don't wake in the same instant. */
const gatherMs = 5;

interface Question {
  readonly name: string;
  readonly resolve: (service: Service | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** The questions that haven't been sent yet, by client and cluster. */
const gathering = new WeakMap<ECSClient, Map<string, Question[]>>();

/**
 * Reads one service, with its tags, in a call with others.
 * @param name of the service, or its ARN
 * @returns `undefined` when ECS knows no such service
 */
export async function describeServiceTogether(
  ecs: ECSClient,
  cluster: string,
  name: string,
): Promise<Service | undefined> {
  const clusters = gathering.get(ecs) ?? new Map<string, Question[]>();
  gathering.set(ecs, clusters);
  const answer = new Promise<Service | undefined>((resolve, reject) => {
    const question = { name, resolve, reject };
    const gathered = clusters.get(cluster);
    if (gathered !== undefined && gathered.length < servicesACall) return void gathered.push(question);
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
    const { services = [] } = await ecs.send(
      new DescribeServicesCommand({ cluster, services: names, include: ['TAGS'] }),
    );
    for (const { name, resolve } of questions)
      resolve(services.find(({ serviceName, serviceArn }) => serviceName === name || serviceArn === name));
  } catch (failure) {
    for (const { reject } of questions) reject(failure);
  }
}
