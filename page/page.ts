/**
 * The page over HTTP, below `/dashboard/`: documents, the stream of events, signing in, and commands. Whoever reaches it reads;
 * commands are for who has signed in.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Refused } from '../client/errors';
import { callRate } from '../hooks/rate';
import { addressOf } from './address';
import { commandRoutes } from './commanding';
import { bundled, document, icon } from './document';
import { openEvents } from './events';
import { guard } from './guard';
import type { PageOptions } from './options';
import { signingRoutes } from './signing/routes';
import { openSessions } from './signing/sessions';
import { openTrips } from './signing/trips';

export interface Page {
  readonly app: Hono;
  /** Ends the streams. */
  readonly close: () => void;
}

const mostBody = 16 * 1024;
const requestsPerMinute = 600;

export function createPage(options: PageOptions): Page {
  const { settings, log } = options;
  const own = () => settings().dashboard;
  const isSecure = () => options.tls || own().url?.startsWith('https:') === true;
  const sessions = openSessions(isSecure, (name) => own().people.some((one) => one.name === name));
  const events = openEvents(options);
  const mayAsk = callRate();
  const app = new Hono();
  app.use('*', guard(own));
  app.use('*', bodyLimit({ maxSize: mostBody, onError: (context) => context.json({ error: 'It is too long.' }, 413) }));
  app.use('*', async (context, next) => {
    if (mayAsk(addressOf(context), requestsPerMinute)) return await next();
    return context.json({ error: 'Too many requests from this address.' }, 429);
  });
  files(app);
  const below = new Hono();
  below.get('/events', (context) => {
    const { zone = '', application } = context.req.query();
    if (!Object.hasOwn(settings().zones, zone)) return context.json({ error: 'There is no such zone.' }, 404);
    return events.answer(context, zone, application);
  });
  below.get('/zones', (context) => {
    const { zones, defaultZone } = settings();
    return context.json({ zones: Object.keys(zones), zone: defaultZone ?? Object.keys(zones)[0] });
  });
  const trips = openTrips(own, isSecure);
  signingRoutes(below, { ...options, sessions, trips });
  commandRoutes(below, { ...options, sessions, trips });
  app.route('/dashboard', below);
  app.onError((error, context) => {
    const isRefused = error instanceof Refused;
    if (!isRefused) log.warn({ why: error.message, stack: error.stack }, 'a request of the page failed');
    return context.json(
      { error: isRefused ? error.message : 'It could not be done: the log says more.' },
      isRefused ? 409 : 500,
    );
  });
  return { app, close: events.close };
}

function files(app: Hono): void {
  const [script, style] = [bundled('page.js'), bundled('page.css')];
  const file = (path: string, type: string, text: string) =>
    app.get(`/dashboard${path}`, (context) => context.body(text, 200, { 'content-type': `${type}; charset=utf-8` }));
  app.get('/dashboard', (context) => context.redirect('/dashboard/'));
  file('/', 'text/html', document);
  file('/page.js', 'text/javascript', script);
  file('/page.css', 'text/css', style);
  file('/icon.svg', 'image/svg+xml', icon);
}
