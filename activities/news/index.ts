/** The activities that tell people and programs what happens to deployments. None of them touches AWS's deployments. */
import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../../contract/audit';
import { channelsFor, newsOf, trialNews } from '../../planning/news/news';
import type { Channel } from '../../settings/notifications/schema';
import type { Settings } from '../../settings/schema';
import { publish, putEvent } from './aws';
import { post, type Sent } from './post';

export interface NewsRequest {
  readonly zone: string;
  /** A channel's name. */
  readonly channel: string;
  /** What is said together. */
  readonly entries: readonly AuditEntry[];
}

/** What a channel may be told again, should nobody know whether it was told. */
export interface ChannelNow {
  readonly channel: string;
  /** Whether whoever is told sees that it is the same again. */
  readonly repeatable: boolean;
}

export type NewsActivities = ReturnType<typeof newsActivities>;

/** Slack takes one message a second; https://docs.slack.dev/apis/web-api/rate-limits. */
const paceMs = 1_000;
const lastSent = new Map<string, number>();

export const newsActivities = ({ settings }: { readonly settings: () => Settings }) => ({
  /** Who is told of an entry, as the settings say now. Effect: none. */
  describeChannels({ zone, entry }: { readonly zone: string; readonly entry: AuditEntry }): Promise<ChannelNow[]> {
    return Promise.resolve(
      channelsFor(entry, zone, settings().notifications).map(({ name, kind }) => ({
        channel: name,
        repeatable: kind === 'webhook',
      })),
    );
  },

  /**
   * Tells one channel. A channel that the settings don't have any more is told nothing.
   * Effect: one message, once in a second at most. Not idempotent, but for a signed webhook, whose message has an ID.
   * @throws {ApplicationFailure} of type `NewsRefused` when it can't be told so, ever; of type `NewsUnanswered` when nobody knows
   * whether it was told; of type `NewsLater` when it wasn't, with the milliseconds to wait as its detail, or `null`
   */
  async sendNews({ zone, channel, entries }: NewsRequest): Promise<void> {
    const { notifications, dashboard } = settings();
    const found = notifications.channels.find(({ name }) => name === channel);
    const { namespace } = Context.current().info;
    const news = entries.flatMap(
      (entry) => newsOf(entry, zone, notifications, { namespace, page: dashboard.url }) ?? [],
    );
    if (!found || news.length === 0) return;
    await inPace(`${zone} ${channel}`);
    // Should this worker die, Temporal knows that the message may be on its way.
    Context.current().heartbeat('sending');
    const sent = await send(found, news);
    if (sent.told) return;
    const type = { no: 'NewsLater', never: 'NewsRefused', unknown: 'NewsUnanswered' }[sent.taken];
    const message = `${found.name}: ${sent.why}`;
    throw ApplicationFailure.nonRetryable(message, type, sent.taken === 'no' ? (sent.retryAfterMs ?? null) : null);
  },
});

/** Of what people ask of their channels. */
export const newsQuestions = ({ settings }: { readonly settings: () => Settings }) => ({
  /**
   * Sends a channel a trial message, with what this worker has for it. Effect: one message, each time.
   * @throws {ApplicationFailure} of type `InvalidRequest` with the sentence why it was not told, or isn't known to be
   */
  async tryChannel({ zone, channel }: { readonly zone: string; readonly channel: string }): Promise<{ sent: true }> {
    const { notifications, dashboard } = settings();
    const found = notifications.channels.find(({ name }) => name === channel);
    if (!found) throw refused(`The worker's settings have no channel ${channel}: ${namesOf(notifications.channels)}.`);
    if (found.zones?.includes(zone) === false)
      throw refused(`${channel} is told nothing of ${zone}: its zones say so.`);
    await inPace(`${zone} ${channel}`);
    const sent = await send(found, [trialNews(channel, zone, new Date().toISOString(), { page: dashboard.url })]);
    if (!sent.told)
      throw refused(`${channel} was not told${sent.taken === 'unknown' ? ', as far as is known' : ''}: ${sent.why}.`);
    return { sent: true };
  },
});

const namesOf = (channels: readonly Channel[]) => channels.map(({ name }) => name).join(', ') || 'they have none';
const refused = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');

const send = (channel: Channel, news: Parameters<typeof post>[1]): Promise<Sent> => {
  switch (channel.kind) {
    case 'sns':
      return publish(channel, news);
    case 'eventBridge':
      return putEvent(channel, news);
    default:
      return post(channel, news);
  }
};

async function inPace(key: string): Promise<void> {
  const at = Math.max(performance.now(), (lastSent.get(key) ?? -Infinity) + paceMs);
  lastSent.set(key, at);
  await sleep(at - performance.now(), undefined, { signal: Context.current().cancellationSignal });
}
