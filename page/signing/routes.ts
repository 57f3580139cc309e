/** Signing in and out over HTTP, and the way back from the issuer. */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { callRate } from '../../hooks/rate';
import { pageOf } from '../../settings/dashboard/schema';
import { addressOf } from '../address';
import { approveSigned } from '../commands';
import type { PageOptions } from '../options';
import type { SessionView } from '../view';
import { personOf } from './people';
import type { Sessions } from './sessions';
import type { Returned, Trips } from './trips';

export interface Signing extends PageOptions {
  readonly sessions: Sessions;
  readonly trips: Trips;
}

const triesPerMinute = 20;
const credentials = z.strictObject({ token: z.string().min(1).max(1_000) });

export function signingRoutes(app: Hono, { settings, deployments, log, sessions, trips }: Signing): void {
  const own = () => settings().dashboard;
  const mayTry = callRate();
  app.get('/session', (context) => {
    const session = sessions.of(context);
    const { people, oidc } = own();
    const ways = { token: people.some(({ token }) => token !== undefined), oidc: oidc !== undefined };
    const view: SessionView = { name: session?.name ?? null, ways, notice: session?.notice ?? null };
    if (session) session.notice = null;
    return context.json(view);
  });
  app.post('/session', async (context) => {
    const address = addressOf(context);
    if (!mayTry(address, triesPerMinute))
      return context.json({ error: 'Too many tries from this address: wait a minute.' }, 429);
    const { data } = credentials.safeParse(await bodyOf(context));
    const name = data && personOf(data.token.trim(), own(), (why) => log.warn({ why }, 'a token can not be used'));
    if (name === undefined) {
      log.warn({ address }, 'somebody did not sign in');
      return context.json({ error: 'This token is nobody’s.' }, 401);
    }
    sessions.begin(context, name);
    log.info({ address, name }, 'signed in');
    return context.json({ name });
  });
  app.post('/session/end', (context) => {
    sessions.end(context);
    return context.json({});
  });
  app.post('/session/issuer', async (context) => context.json({ to: await trips.begin(context, { kind: 'signIn' }) }));
  app.get('/signed-in', async (context) => {
    const returned = await trips.end(context);
    if (!returned) return context.text('This was not begun here: open the page, and sign in again.\n', 403);
    const { purpose, person } = returned;
    if (purpose.kind === 'approve') {
      purpose.session.notice = await approved({ deployments }, returned);
      return context.redirect(pageOf('', purpose.signed.zone, purpose.signed.application));
    }
    const address = addressOf(context);
    if ('why' in person) {
      log.warn({ address, why: person.why }, 'somebody did not sign in');
      return context.text(`You are not signed in. ${person.why} Try again at ${own().url}/dashboard/\n`, 403);
    }
    sessions.begin(context, person.name);
    log.info({ address, name: person.name }, 'signed in');
    return context.redirect('/dashboard/');
  });
}

/** What came of it, a sentence. */
async function approved(
  { deployments }: Pick<Signing, 'deployments'>,
  { purpose, person, token }: Returned,
): Promise<string> {
  if (purpose.kind !== 'approve') return '';
  if ('why' in person) return person.why;
  try {
    await approveSigned(await deployments(), purpose.signed, token);
    return 'Your approval was signed and sent.';
  } catch (error) {
    return (error as Error).message;
  }
}

/** `undefined` for what isn't JSON. */
export const bodyOf = async (context: Context): Promise<unknown> =>
  await context.req.json<unknown>().catch(() => undefined);
