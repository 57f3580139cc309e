/** What the page answers to those who are no browser that opened it. */
import { request } from 'undici';
import { waiting, worldOf } from './orders';
import { servePage, settingsWith, tokenOf, type Served, type World } from './world';

let served: Served;
let world: World;
beforeEach(async () => {
  world = worldOf(waiting());
  served = await servePage(world, settingsWith({ url: 'https://cutover.example.com' }));
});
afterEach(async () => await served.close());

const send = async (path: string, headers: Record<string, string>, body?: unknown) => {
  const answer = await request(`${served.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: `127.0.0.1:${served.port}`, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, text, headers: answer.headers };
};
const json = { 'content-type': 'application/json' };
const own = () => ({ ...json, origin: `http://127.0.0.1:${served.port}` });
const approve = () => ({ zone: 'production', application: 'Orders', run: waiting().runId, name: 'approve' });

async function signedIn(): Promise<string> {
  const { headers } = await send('session', own(), { token: tokenOf.Ana });
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

test('a command of another page, or of none, does nothing, whoever has signed in', async () => {
  const cookie = await signedIn();
  for (const headers of [
    { ...json, cookie, origin: 'https://evil.example.com' },
    { ...json, cookie, origin: 'http://127.0.0.1:1' },
    { ...json, cookie, origin: 'null' },
    { ...json, cookie },
    { ...own(), cookie, 'content-type': 'text/plain' },
    { ...own(), cookie, 'content-type': 'application/x-www-form-urlencoded' },
  ])
    expect(await send('commands', headers, approve())).toMatchObject({ status: 403 });
  expect(await send('commands', own(), approve())).toMatchObject({ status: 401 });
  expect(world.commands).toEqual([]);
  expect(await send('commands', { ...own(), cookie }, approve())).toMatchObject({ status: 200 });
});

test('another page reads nothing, and under a name that is not its own the page is not shown', async () => {
  for (const path of ['', 'session', 'events?zone=production', 'zones']) {
    expect(await send(path, { origin: 'https://evil.example.com' })).toMatchObject({ status: 403 });
    expect(await send(path, { host: 'rebound.example.com' })).toMatchObject({ status: 403 });
  }
  expect(await send('session', { host: 'cutover.example.com' })).toMatchObject({ status: 200 });
});

test('no script runs but its own, nobody frames it, and its answers are kept by nobody', async () => {
  const { headers, text } = await send('', {});
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(text).not.toMatch(/<script(?![^>]*src)|\sstyle=|\son\w+=/);
});

test('tokens can not be tried out, and what is no command, or of no application, is refused by a sentence', async () => {
  const tries = await Promise.all(Array.from({ length: 30 }, () => send('session', own(), { token: 'x'.repeat(30) })));
  expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([401, 429]));
  expect(await send('events?zone=production&application=Nobody', {})).toMatchObject({ status: 404 });
  expect(await send('events?zone=__proto__', {})).toMatchObject({ status: 404 });
  expect(await send('session', own(), 'x'.repeat(20_000))).toMatchObject({ status: 413 });
});

test('who is no longer in the settings has no session any more', async () => {
  const settings = settingsWith();
  await served.close();
  served = await servePage(world, settings);
  const cookie = await signedIn();
  settings.dashboard.people.length = 0;
  expect(await send('commands', { ...own(), cookie }, approve())).toMatchObject({ status: 401 });
});
