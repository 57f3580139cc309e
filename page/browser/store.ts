/** What the browser knows, from one stream of events that is opened anew when it ends; and what it asks for. */
import type { SessionView, Views } from '../view';

export interface Known {
  readonly place: Place;
  readonly zone: Views['zone'] | null;
  readonly application: Views['application'] | null;
  readonly history: Views['history'] | null;
  readonly session: SessionView | null;
  /** Whether the stream is open. */
  readonly connected: boolean;
  /** What was just said to the one who looks; `null` for nothing. */
  readonly notice: string | null;
}

/** What the address says after `#`. */
export interface Place {
  readonly zone: string | null;
  readonly application: string | null;
}

const againAfterMs = 2_000;
const zoneKey = 'cutover-zone';

export function placeOf(hash: string): Place {
  const [zone = '', ...application] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  return { zone: zone || null, application: application.join('/') || null };
}

export const hrefOf = (zone: string, application?: string): string =>
  `#/${[zone, ...(application === undefined ? [] : [application])].map(encodeURIComponent).join('/')}`;

export function openStore(show: (known: Known) => void) {
  let known: Known = {
    place: placeOf(location.hash),
    zone: null,
    application: null,
    history: null,
    session: null,
    connected: false,
    notice: null,
  };
  let source: EventSource | undefined;
  let again: number | undefined;
  const set = (news: Partial<Known>) => show((known = { ...known, ...news }));

  const listen = () => {
    source?.close();
    window.clearTimeout(again);
    const { zone, application } = known.place;
    if (zone === null) return void findZone();
    const asked = new URLSearchParams({ zone, ...(application !== null && { application }) });
    const opened = (source = new EventSource(`events?${asked}`));
    opened.onopen = () => {
      set({ connected: true });
      void refreshSession();
    };
    opened.onerror = () => {
      set({ connected: false });
      // A browser comes again by itself, unless what answered was no stream.
      if (opened.readyState === EventSource.CLOSED) again = window.setTimeout(listen, againAfterMs);
    };
    const hear = <Name extends keyof Views>(name: Name) =>
      opened.addEventListener(name, ({ data }) => set({ [name]: JSON.parse(data as string) as Views[Name] }));
    hear('zone');
    hear('application');
    hear('history');
  };
  const findZone = async () => {
    const { zones, zone } = (await ask('zones')) as { zones: string[]; zone: string };
    const before = localStorage.getItem(zoneKey);
    location.replace(hrefOf(before !== null && zones.includes(before) ? before : zone));
  };
  const refreshSession = async () => {
    const session = (await ask('session').catch(() => null)) as SessionView | null;
    set({ session, ...(session?.notice && { notice: session.notice }) });
  };
  const go = () => {
    const place = placeOf(location.hash);
    const sameZone = place.zone === known.place.zone;
    if (place.zone !== null) localStorage.setItem(zoneKey, place.zone);
    set({ place, application: null, history: null, notice: null, ...(!sameZone && { zone: null }) });
    listen();
    window.scrollTo(0, 0);
  };
  window.addEventListener('hashchange', go);
  listen();
  return { refreshSession, notice: (notice: string | null) => set({ notice }) };
}

/** @throws {Error} with the server's own sentence */
export async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await fetch(path, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The page’s server does not answer.');
  });
  const said = (await answer.json().catch(() => ({}))) as { error?: string };
  if (!answer.ok) throw new Error(said.error ?? `The server answered ${answer.status}.`);
  return said;
}
