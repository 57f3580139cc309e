/** News as an HTTP request: signed webhooks, and what Slack and Teams take. */
import { createHmac } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import { eventsOf, slackMessage, teamsMessage } from '../../planning/news/messages';
import type { News } from '../../planning/news/news';
import type { Channel } from '../../settings/notifications/schema';
import { revealed } from '../secrets';

/** Whether a message arrived; if not, whether it may have been taken all the same. */
export type Sent =
  | { readonly told: true }
  | {
      readonly told: false;
      readonly taken: 'no' | 'never' | 'unknown';
      readonly why: string;
      readonly retryAfterMs?: number | undefined;
    };

type Posted = Extract<Channel, { kind: 'webhook' | 'slack' | 'teams' }>;

const answerTimeoutMs = 10_000;
/** Its channels come from the settings, and from nowhere else. */
const saidBySettings = () => true;
/** Made no connection, and so nobody has taken anything. */
const unconnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Follows no redirect: where to is said by the settings alone. Never throws for what the other side does. */
export async function post(channel: Posted, news: readonly News[]): Promise<Sent> {
  try {
    const body = JSON.stringify(bodyOf(channel, news));
    const answer = await request(revealed(channel.url, saidBySettings), {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(channel.kind === 'webhook' && signature(revealed(channel.secret, saidBySettings), idOf(news), body)),
      },
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    await answer.body.dump({ limit: 16_384 });
    return judged(answer);
  } catch (error) {
    if (isMissingSecret(error)) return { told: false, taken: 'no', why: (error as Error).message };
    const { code = 'no answer' } = error as NodeJS.ErrnoException;
    if (code === 'ERR_INVALID_URL') return { told: false, taken: 'never', why: 'its address is none' };
    return { told: false, taken: unconnected.has(code) ? 'no' : 'unknown', why: code };
  }
}

function judged({ statusCode, headers }: Dispatcher.ResponseData): Sent {
  if (statusCode >= 200 && statusCode < 300) return { told: true };
  const why = `the answer was ${statusCode}`;
  if (statusCode === 429 || statusCode >= 500)
    return { told: false, taken: 'no', why, retryAfterMs: retryAfter(headers['retry-after']) };
  return { told: false, taken: 'never', why };
}

/** Seconds; a date is nobody's who limits rates. At most an hour. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : undefined;
}

const isMissingSecret = (error: unknown) => (error as { type?: unknown }).type === 'SecretMissing';

const bodyOf = ({ kind }: Posted, news: readonly News[]): object => {
  if (kind === 'slack') return slackMessage(news);
  return kind === 'teams' ? teamsMessage(news) : eventsOf(news);
};

/** The same news has the same ID: whoever has had it once needs it no more. */
const idOf = (news: readonly News[]) => news.map(({ id }) => id).join(' ');

/**
 * As https://github.com/standard-webhooks/standard-webhooks says: HMAC-SHA256 of ID, time and body, with the secret's bytes, which
 * are written in Base64 after `whsec_`.
 */
function signature(secret: string, id: string, body: string): Record<string, string> {
  const messageId = `msg_${createHmac('sha256', 'cutover').update(id).digest('hex').slice(0, 32)}`;
  const timestamp = Math.floor(Date.now() / 1_000);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${messageId}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': messageId, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signed}` };
}
