/** The end of a stream: whoever goes away is noticed, and nobody is asked for him any longer. */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { openEvents } from '../../page/events';
import { openOutbox } from '../../page/outbox';
import { waiting, worldOf } from './orders';
import { deploymentsOf, settingsWith, type World } from './world';

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function serveEvents(world: World, patience?: number) {
  const deployments = deploymentsOf(world);
  const whole = settingsWith();
  const events = openEvents({ settings: () => whole, deployments: async () => deployments }, patience);
  const app = new Hono().get('*', (context) => events.answer(context, 'production', 'Orders'));
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, reply) => void answer(request, reply));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    events.close();
    server.close();
    server.closeAllConnections();
  });
  const open = (): Socket => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    return socket;
  };
  return { events, open };
}

/** Until its application is told. */
async function told(socket: Socket): Promise<void> {
  let text = '';
  for await (const part of socket.iterator({ destroyOnReturn: false })) {
    text += String(part);
    if (text.includes('event: application')) return;
  }
  throw new Error(`The stream ended: ${text}`);
}

/** A world that says when nobody watches its tree any more. */
function watchedWorld(): { readonly world: World; readonly unwatched: Promise<unknown> } {
  const world = worldOf(waiting());
  const unwatched = new Promise((resolve) => (world.unwatched = resolve));
  return { world, unwatched };
}

const questions = (world: World) => ['status', 'runningIn', 'watch'].map((name) => world.asked.get(name));

test('whoever closes the page is noticed, and seconds later nobody is asked for him', async () => {
  const { world, unwatched } = watchedWorld();
  const { open } = await serveEvents(world);
  const socket = open();
  await told(socket);
  socket.destroy();
  await unwatched;
  const asked = questions(world);
  // Longer than any of them is asked again.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(questions(world)).toEqual(asked);
});

test('whoever takes nothing any more is hung up on, and what he did not take did not pile up', async () => {
  const { world, unwatched } = watchedWorld();
  const { open } = await serveEvents(world, 1_000);
  const socket = open();
  await told(socket);
  socket.pause();
  // More than what a socket holds by itself, and always news.
  const changing = setInterval(() => {
    world.status = { ...world.status, failure: `${Math.random()} ${'x'.repeat(4 * 2 ** 20)}` };
  }, 200);
  opened.push(() => clearInterval(changing));
  await unwatched;
});

test('the end of the server ends every stream at once, and all that was asked for them', async () => {
  const { world, unwatched } = watchedWorld();
  const { events, open } = await serveEvents(world);
  const sockets = [open(), open()];
  for (const socket of sockets) await told(socket);
  const ends = sockets.map(async (socket) => {
    let rest = '';
    for await (const part of socket) {
      rest += String(part);
      // The last chunk: the answer is whole, and a browser comes again.
      if (rest.endsWith('0\r\n\r\n')) return;
    }
    throw new Error(`The stream was cut: ${rest}`);
  });
  events.close();
  await Promise.all([...ends, unwatched]);
});

test('of each kind only the newest waits, in the order in which it came', async () => {
  const outbox = openOutbox();
  const { signal } = new AbortController();
  outbox.put('zone', 1);
  outbox.put('application', 1);
  outbox.put('zone', 2);
  expect([...(await outbox.take(60_000, signal))]).toEqual([
    ['application', 1],
    ['zone', 2],
  ]);
  expect([...(await outbox.take(1, signal))]).toEqual([]);
  const next = outbox.take(60_000, signal);
  outbox.put('zone', 3);
  expect([...(await next)]).toEqual([['zone', 3]]);
  expect([...(await outbox.take(60_000, AbortSignal.abort()))]).toEqual([]);
});
