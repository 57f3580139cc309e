/** Commands over HTTP, by who has signed in. */
import type { Hono } from 'hono';
import { nonceOf } from '../settings/approvals/nonce';
import { command, parseCommand } from './commands';
import { bodyOf, type Signing } from './signing/routes';

export function commandRoutes(app: Hono, { settings, deployments, log, sessions, trips }: Signing): void {
  app.post('/commands', async (context) => {
    const session = sessions.of(context);
    if (!session) return context.json({ error: 'Sign in first.' }, 401);
    const sent = parseCommand(await bodyOf(context));
    if (!sent) return context.json({ error: 'Expected {"zone", "application", "run", "name", "reason"}.' }, 400);
    const { name } = session;
    const facts = { name, command: sent.name, deployment: `${sent.zone}/${sent.application}` };
    const signed = await command(await deployments(), settings(), sent, name);
    if (signed === undefined) {
      log.info(facts, 'commanded');
      return context.json({ accepted: true });
    }
    const to = await trips.begin(context, { kind: 'approve', session, signed }, nonceOf(signed.statement));
    log.info(facts, 'sent to sign');
    return context.json({ accepted: false, to });
  });
}
