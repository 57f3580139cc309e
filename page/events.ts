/** What the browser hears: a zone, and the application that it looks at, each whole whenever it has changed. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Target } from '../client/deployments';
import { openOutbox, type Outbox } from './outbox';
import { watchApplication, watchHistory } from './watching/application';
import { sharedByName } from './watching/shared';
import { watchZone, type Watching } from './watching/zone';

const mostStreams = 100;
/** Proxies end what is silent for a minute. */
const aliveEveryMs = 15_000;
const alive = ': alive\n\n';
/** A browser comes again so soon. */
const retryMs = 1_000;
/** Who takes nothing for so long is gone, though nothing said so: a cable was pulled, or a laptop closed. */
const patienceMs = 30_000;

export interface Events {
  /** @param application in the zone; without it only the zone is told */
  readonly answer: (context: Context, zone: string, application: string | undefined) => Response;
  /** Ends all streams, and all that is asked for them. */
  readonly close: () => void;
}

export function openEvents(watching: Watching, patience = patienceMs): Events {
  const closing = new AbortController();
  const zones = sharedByName((zone) => watchZone(watching, zone, closing.signal));
  const applications = sharedByName((name) => watchApplication(watching, targetOf(name), closing.signal));
  const histories = sharedByName((name) => watchHistory(watching, targetOf(name), applications(name), closing.signal));
  let streams = 0;
  return {
    answer: (context, zone, application) => {
      const row = zones(zone)
        .known()
        ?.applications.find((one) => one.application === application);
      // Nobody makes it ask for what there is not.
      if (application !== undefined && !row && !Object.hasOwn(watching.settings().applications, application))
        return context.json({ error: 'There is no such application.' }, 404);
      if (streams >= mostStreams) return context.json({ error: 'Too many look at the page: close one of them.' }, 503);
      streams += 1;
      return streamSSE(context, async (stream) => {
        const outbox = openOutbox();
        const tell = (event: string) => (data: unknown) => outbox.put(event, data);
        const stops = [zones(zone).look(tell('zone'))];
        if (application !== undefined) {
          const name = `${zone}/${application}`;
          stops.push(applications(name).look(tell('application')), histories(name).look(tell('history')));
        }
        try {
          await send(stream, outbox, { closing: closing.signal, patience, hangUp: () => hangUp(context) });
        } finally {
          for (const stop of stops) stop();
          streams -= 1;
        }
      });
    },
    close: () => closing.abort(),
  };
}

interface Sending {
  readonly closing: AbortSignal;
  readonly patience: number;
  /** A stream's own end would wait behind what nobody takes. */
  readonly hangUp: () => void;
}

/** Until either side ends it. */
async function send(stream: SSEStreamingApi, outbox: Outbox, { closing, patience, hangUp }: Sending): Promise<void> {
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const ended = AbortSignal.any([gone.signal, closing]);
  // A browser says that it is connected once it hears anything, however long the first answer takes.
  await stream.write(alive);
  while (!ended.aborted) {
    const news = await outbox.take(aliveEveryMs, ended);
    if (ended.aborted) return;
    const timer = setTimeout(hangUp, patience);
    await write(stream, news);
    clearTimeout(timer);
  }
}

async function write(stream: SSEStreamingApi, news: ReadonlyMap<string, unknown>): Promise<void> {
  if (news.size === 0) await stream.write(alive);
  for (const [event, data] of news) await stream.writeSSE({ event, data: JSON.stringify(data), retry: retryMs });
}

const hangUp = ({ env }: Context) => (env as Partial<HttpBindings>).outgoing?.destroy();

function targetOf(name: string): Target {
  const [zone = '', ...application] = name.split('/');
  return { zone, application: application.join('/') };
}
