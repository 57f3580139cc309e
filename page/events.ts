/** What the browser hears: a zone, and the application that it looks at, each whole whenever it has changed. */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../client/deployments';
import { watchApplication, watchHistory } from './watching/application';
import { sharedByName } from './watching/shared';
import { watchZone, type Watching } from './watching/zone';

const mostStreams = 100;
/** Proxies end what is silent for a minute. */
const aliveEveryMs = 15_000;
/** A browser comes again so soon. */
const retryMs = 1_000;

export interface Events {
  /** @param application in the zone; without it only the zone is told */
  readonly answer: (context: Context, zone: string, application: string | undefined) => Response;
  /** Ends all streams. */
  readonly close: () => void;
}

export function openEvents(watching: Watching): Events {
  const closing = new AbortController();
  const zones = sharedByName((zone) => watchZone(watching, zone));
  const applications = sharedByName((name) => watchApplication(watching, targetOf(name)));
  const histories = sharedByName((name) => watchHistory(watching, targetOf(name), applications(name)));
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
        const gone = new AbortController();
        stream.onAbort(() => gone.abort());
        const ended = AbortSignal.any([gone.signal, closing.signal]);
        const tell = (event: string) => (data: unknown) =>
          void stream.writeSSE({ event, data: JSON.stringify(data), retry: retryMs }).catch(() => gone.abort());
        const stops = [zones(zone).look(tell('zone'))];
        if (application !== undefined) {
          const name = `${zone}/${application}`;
          stops.push(applications(name).look(tell('application')), histories(name).look(tell('history')));
        }
        while (!ended.aborted) {
          await sleep(aliveEveryMs, undefined, { signal: ended }).catch(() => undefined);
          if (!ended.aborted) await stream.write(': alive\n\n');
        }
        for (const stop of stops) stop();
        streams -= 1;
      });
    },
    close: () => closing.abort(),
  };
}

function targetOf(name: string): Target {
  const [zone = '', ...application] = name.split('/');
  return { zone, application: application.join('/') };
}
