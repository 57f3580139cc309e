/**
 * Whose turn it is in a zone: one workflow keeps the queue of the platform's calls, for as long as there is one. A call enters by
 * an update that says at once how it stands, and is told by a signal once that changes.
 *
 * It is only the order: that no two deployments of an application run at once is seen to by their workflow ID.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  log,
  makeContinueAsNewFunc,
  patched,
  setCurrentDetails,
  setHandler,
  workflowInfo,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { Parsed } from '../../contract/parsing';
import {
  enterUpdate,
  leaveSignal,
  overSignal,
  parseEntering,
  parseLeaving,
  parseOver,
  parseStarted,
  parseTurnsRequest,
  startedSignal,
  turnsStatusQuery,
} from '../../contract/turns';
import { refusedUpdate } from '../refused-update';
import { escapeMarkdown } from '../../contract/text';
import { lookAfter } from './look-after';
import { createOutbox } from './outbox';
import { createQueue, type Queue } from './queue';
import { earlierSuperseding } from './standing';

/** @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence */
export async function turns(input?: unknown): Promise<void> {
  const parsed = parseTurnsRequest(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  let messages = 0;
  const outbox = createOutbox((run) => queue.ended([run]));
  const supersedes = patched('removals-wait') ? undefined : earlierSuperseding;
  const queue: Queue = createQueue(parsed.value, outbox, () => setCurrentDetails(formatDetails(queue)), supersedes);
  handleMessages(queue, () => (messages += 1));
  const isEmpty = () => queue.now().entries.length === 0;
  // Whoever starts it enters in the same moment; who starts it by hand doesn't.
  if (isEmpty()) await condition(() => messages > 0, '1m', { summary: 'Nobody is there yet' });
  void lookAfter(queue);
  const beginsAnew = () => {
    const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
    return continueAsNewSuggested || (targetWorkerDeploymentVersionChanged && messages > 0);
  };
  await condition(() => (isEmpty() || beginsAnew()) && outbox.isEmpty() && allHandlersFinished());
  if (!isEmpty()) await again()(queue.now());
}

/** Where workers have versions, with those of today. */
const again = () =>
  workflowInfo().targetWorkerDeploymentVersionChanged
    ? makeContinueAsNewFunc<typeof turns>({ initialVersioningBehavior: 'AUTO_UPGRADE' })
    : continueAsNew<typeof turns>;

/** @param received is called for each message that was read */
function handleMessages(queue: Queue, received: () => void): void {
  setHandler(turnsStatusQuery, () => queue.status(), { description: 'Whose turn it is, and who waits for what.' });
  setHandler(
    enterUpdate,
    (raw?: unknown) => {
      received();
      return queue.enter(valueOf(parseEntering(raw)));
    },
    {
      description: 'Sent by calls of the platform; not for people.',
      validator: (raw?: unknown) => void valueOf(parseEntering(raw)),
    },
  );
  const handle = <T>(
    signal: SignalDefinition<[unknown?]>,
    parse: (raw: unknown) => Parsed<T>,
    take: (value: T) => void,
  ) =>
    setHandler(signal, (raw?: unknown) => {
      const parsed = parse(raw);
      if ('error' in parsed) return log.warn(`The signal ${signal.name} was ignored: ${parsed.error}`);
      received();
      take(parsed.value);
    });
  handle(startedSignal, parseStarted, ({ workflowId, lock, runId }) => queue.started({ workflowId }, { lock, runId }));
  handle(leaveSignal, parseLeaving, ({ over, ...call }) => queue.leave(call, over));
  handle(overSignal, parseOver, ({ lock, runId }) => queue.ended([{ workflowId: lock, runId }]));
}

/** @throws {Error} of one sentence */
function valueOf<T>(parsed: Parsed<T>): T {
  if ('value' in parsed) return parsed.value;
  throw refusedUpdate(parsed.error);
}

const mostListed = 50;

function formatDetails(queue: Queue): string {
  const { working, waiting } = queue.status();
  const waits = waiting.map(({ call, why }) => `${call}, because ${why}`);
  const list = (title: string, calls: readonly string[]) =>
    calls.length === 0
      ? []
      : [
          `**${title} (${calls.length}):**\n\n${calls
            .slice(0, mostListed)
            .map((call) => `- ${escapeMarkdown(call)}`)
            .join('\n')}`,
        ];
  return [...list('Have their turn', working), ...list('Wait', waits)].join('\n\n');
}
