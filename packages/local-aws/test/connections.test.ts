/** Idle connections to the local AWS. */
import { Agent, request } from 'node:http';
import { startLocalAws, type LocalAws } from './local-aws';

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws();
});
afterAll(() => local.close());

test.each(['endpoint', 'controlUrl'] as const)(
  'an idle connection (%s) is closed by who calls, so that no call meets one that is just ending',
  async (port) => {
    const agent = new Agent({ keepAlive: true });
    const keepAlive = await new Promise<unknown>((resolve, reject) => {
      const sent = request(`${local.aws[port]}/health`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.headers['keep-alive']));
      });
      sent.once('error', reject).end();
    });
    agent.destroy();
    // Node's servers send how long they keep a connection, unless they keep it for ever.
    expect(keepAlive).toBeUndefined();
  },
);
