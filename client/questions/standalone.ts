/**
 * Questions that one activity answers, asked as activities of their own: no workflow, no history, nothing to replay. Servers that
 * don't know these yet answer so at once, and the caller asks in the earlier way.
 * https://docs.temporal.io/standalone-activity
 */
import { status as grpcStatus } from '@grpc/grpc-js';
import { ActivityExecutionFailedError, isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { servedApart, taskQueues, zoneQueueOf } from '../../contract/ids';
import {
  parseQuestion,
  questionLimits,
  type DescribeKind,
  type DescribeRequest,
  type Descriptions,
} from '../../contract/questions';
import { Refused } from '../errors';
import { formatFailure } from '../failures';

/** The activity that answers a question, and its input; the others take several. */
const activities: Readonly<Partial<Record<DescribeKind, string>>> = {
  live: 'describeLive',
  zone: 'describeZone',
  history: 'describeHistory',
  topology: 'describeTopology',
  logs: 'describeLogs',
  notify: 'tryChannel',
};

/** Those whose server said that it knows none. */
const without = new WeakSet<Client>();

/**
 * @param id what it is called in Temporal
 * @param queue where it is asked; who answers there may say that the zone has workers of its own
 * @returns `undefined` when it has to be asked in another way
 * @throws {Refused} with the worker's sentence, or when no worker answers within half a minute (of a zone: when none takes it)
 */
export async function askActivity<Kind extends DescribeKind>(
  client: Client,
  question: Extract<DescribeRequest, { kind: Kind }>,
  id: string,
  queue: string = taskQueues.questions,
): Promise<{ readonly answer: Descriptions[Kind] } | undefined> {
  const activity = activities[question.kind];
  if (activity === undefined || without.has(client)) return undefined;
  const parsed = parseQuestion(question);
  if ('error' in parsed) throw new Refused(parsed.error);
  try {
    const answer = await client.activity.execute<Descriptions[Kind]>(activity, {
      id,
      taskQueue: queue,
      args: 'lines' in parsed.value ? [parsed.value, parsed.value.lines] : [parsed.value],
      ...(question.kind === 'zone' ? questionLimits.ofZone : questionLimits.ofApplication),
      priority: { priorityKey: 5 },
      summary: 'A question; changes nothing',
    });
    return { answer };
  } catch (error) {
    const apart = zoneQueueOf(taskQueues.questions, question.zone);
    if (isServedApart(error) && queue !== apart) return await askActivity(client, question, `${id}/apart`, apart);
    if (error instanceof ActivityExecutionFailedError) throw new Refused(formatFailure(error));
    if (!isUnknown(error)) throw error;
    without.add(client);
    return undefined;
  }
}

const isServedApart = (error: unknown) =>
  error instanceof ActivityExecutionFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === servedApart;

/** The server doesn't know what was asked for, or has it switched off. */
function isUnknown(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === grpcStatus.UNIMPLEMENTED;
}
