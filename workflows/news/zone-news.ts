/**
 * The news of a zone: one run takes what deployments hand over, and tells each channel of the settings, one after the other and
 * apart from the other channels. No deployment waits for it. Each piece is told once: where nobody knows whether a message was
 * taken, it is sent again only to who can see that it is the same.
 */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { condition, continueAsNew, log, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { entriesSignal, parseEntries, type AuditEntry } from '../../contract/audit';
import { parseZoneNews } from '../../contract/news';
import { audience, news } from '../activities';
import { createIntake } from '../audit/intake';
import { bindToNoVersion } from '../versions';

bindToNoVersion(zoneNews);

/** What is older is news to nobody. */
const freshMs = 3_600_000;
/** So many that wait are told together from then on. */
const mostApart = 3;
const mostTogether = 100;
/** So many wait for a channel that is away; of more, those that came first are dropped. */
const mostWaiting = 300;

/** A channel and what waits for it. */
interface Queue {
  readonly channel: string;
  repeatable: boolean;
  entries: AuditEntry[];
  isSending: boolean;
}

/** @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence */
export async function zoneNews(input?: unknown): Promise<void> {
  const parsed = parseZoneNews(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const { zone } = parsed.value;
  const came: AuditEntry[] = [];
  const queues = new Map<string, Queue>();
  let isEnding = false;

  const { take, seen } = createIntake(parsed.value.seen, (entry) => came.push(entry));
  const queue = (channel: string, repeatable: boolean, entries: readonly AuditEntry[]) => {
    const known = queues.get(channel) ?? { channel, repeatable, entries: [], isSending: false };
    queues.set(channel, known);
    Object.assign(known, { repeatable, entries: [...known.entries, ...entries].slice(-mostWaiting) });
    if (!known.isSending) void sendAll(zone, known, () => isEnding);
  };

  take(parsed.value.entries);
  setHandler(entriesSignal, (raw?: unknown) => take(parseEntries(raw) ?? []), { description: 'Of a deployment.' });
  for (const [channel, entries] of Object.entries(parsed.value.waiting)) queue(channel, false, entries);
  for (;;) {
    await condition(() => came.length > 0 || workflowInfo().continueAsNewSuggested);
    const [entry] = came;
    if (entry !== undefined) {
      for (const { channel, repeatable } of await audience.describeChannels({ zone, entry }))
        queue(channel, repeatable, [entry]);
      came.shift();
      const waiting = [...queues.values()].filter(({ entries }) => entries.length > 0);
      setCurrentDetails(waiting.map(({ channel, entries }) => `${entries.length} for ${channel}`).join(', '));
    }
    if (came.length > 0 || !workflowInfo().continueAsNewSuggested) continue;
    isEnding = true;
    await condition(() => [...queues.values()].every(({ isSending }) => !isSending));
    const waiting = Object.fromEntries([...queues.values()].map(({ channel, entries }) => [channel, entries]));
    await continueAsNew<typeof zoneNews>({ zone, entries: came, waiting, seen: seen() });
  }
}

/** Until nothing waits for the channel any more, or the run begins anew. */
async function sendAll(zone: string, queue: Queue, isEnding: () => boolean): Promise<void> {
  queue.isSending = true;
  for (let failures = 0; queue.entries.length > 0 && !isEnding();) {
    const together = queue.entries.length > mostApart ? Math.min(queue.entries.length, mostTogether) : 1;
    const entries = queue.entries.slice(0, together);
    const pauseMs = await trySending(zone, queue, entries, failures++);
    if (pauseMs === null) {
      const sent = new Set(entries);
      queue.entries = queue.entries.filter((entry) => !sent.has(entry));
      failures = 0;
    } else await condition(isEnding, pauseMs);
  }
  queue.isSending = false;
}

/** @returns `null` once it is settled, told or given up, else how long to wait before it is tried again */
async function trySending(
  zone: string,
  { channel, repeatable }: Queue,
  entries: readonly AuditEntry[],
  failures: number,
): Promise<number | null> {
  try {
    await news.sendNews({ zone, channel, entries });
    return null;
  } catch (error) {
    const { why, mayBeTold, retryAfterMs, never } = readFailure(error);
    const [oldest] = entries;
    const isOld = Date.now() - Date.parse(oldest?.at ?? '') > freshMs;
    if (!never && !isOld && (!mayBeTold || repeatable)) return retryAfterMs ?? Math.min(1_000 * 2 ** failures, 60_000);
    log.warn(mayBeTold ? 'News may not have arrived' : 'News was not delivered', {
      channel,
      why,
      count: entries.length,
    });
    return null;
  }
}

/** A worker that died as it said that it sends may have sent. */
function readFailure(error: unknown) {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const timedOut = cause instanceof TimeoutFailure;
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  const [retryAfterMs] = cause instanceof ApplicationFailure ? ((cause.details ?? []) as (number | null)[]) : [];
  return {
    why: cause instanceof Error ? cause.message : String(cause),
    never: type === 'NewsRefused',
    mayBeTold: type === 'NewsUnanswered' || (timedOut && cause.lastHeartbeatDetails === 'sending'),
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}
