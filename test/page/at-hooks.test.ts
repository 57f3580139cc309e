/** The page at the port of the hook listener, as both commands run it: each answers its own, and neither secret opens the other. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { zone } from '../settings/minimal';
import { tokenOf } from './world';

const folder = mkdtempSync(join(tmpdir(), 'cutover-at-hooks-'));
const hookSecret = 'a-secret-that-is-long-enough';
const running: ChildProcess[] = [];
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
});

const settings = (dashboard: string) => {
  const file = join(folder, 'cutover.yaml');
  const people = `people: [{ name: Ana, token: { env: TOKEN_OF_ANA } }]`;
  // Nothing listens there: both answer without Temporal what can be answered without it.
  writeFileSync(file, `${zone}temporal: { address: '127.0.0.1:9' }\ndashboard: { ${people}${dashboard} }\n`);
  return file;
};

/** One of the commands on any port. @param where finds the port in a line that it prints */
async function start(words: readonly string[], where: RegExp, dashboard = '') {
  const child = spawn(process.execPath, [join(__dirname, '..', '..', 'bin', 'cutover.js'), ...words, '--port', '0'], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      CUTOVER_SETTINGS: settings(dashboard),
      CUTOVER_HOOK_SECRET: hookSecret,
      TOKEN_OF_ANA: tokenOf.Ana,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const said: string[] = [];
  child.stderr.on('data', (part) => said.push(String(part)));
  for await (const line of createInterface(child.stdout)) {
    const port = where.exec(line)?.[1];
    if (port !== undefined) return { child, port, origin: `http://127.0.0.1:${port}` };
    said.push(line);
  }
  throw new Error(said.join('\n'));
}

const hooks = async (dashboard: string) => await start(['hooks'], /"port":(\d+)/, dashboard);

async function send(url: string, headers: Record<string, string> = {}, body?: unknown) {
  const answer = await request(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
  return { status: answer.statusCode, text: await answer.body.text(), cookie };
}

/** A stream that has said something. @returns what waits for its end */
async function openStream(origin: string): Promise<() => Promise<void>> {
  const { body, statusCode } = await request(`${origin}/dashboard/events?zone=production`);
  expect(statusCode).toBe(200);
  const parts = body[Symbol.asyncIterator]();
  const first = await parts.next();
  expect(String(first.value)).toBe(': alive\n\n');
  return async () => {
    while (!(await parts.next()).done);
  };
}

test('where the settings say so it stands beside the hooks, and neither opens the other', async () => {
  const { origin } = await hooks(', atHooks: true');
  expect(await send(`${origin}/dashboard/`)).toMatchObject({ status: 200, text: expect.stringContaining('page.js') });
  expect(await send(`${origin}/healthz`)).toMatchObject({ status: 200 });
  const session = await send(`${origin}/dashboard/session`, { origin }, { token: tokenOf.Ana });
  expect(session).toMatchObject({ status: 200, text: '{"name":"Ana"}' });

  // A connection test of the platform: nothing is started.
  const hook = `${origin}/api/ContainerBuild`;
  expect(await send(`${hook}?secret=${hookSecret}`)).toMatchObject({ status: 200 });
  expect(await send(hook, { cookie: session.cookie, origin })).toMatchObject({ status: 403 });
  expect(await send(`${hook}?secret=${tokenOf.Ana}`, { cookie: session.cookie })).toMatchObject({ status: 403 });

  const approve = { zone: 'production', application: 'Orders', run: 'run', name: 'approve' };
  for (const headers of [{ authorization: `Bearer ${hookSecret}` }, { cookie: `cutover=${hookSecret}` }, {}])
    expect(
      await send(`${origin}/dashboard/commands?secret=${hookSecret}`, { origin, ...headers }, approve),
    ).toMatchObject({ status: 401 });
  expect(await send(`${origin}/dashboard/session`, { origin }, { token: hookSecret })).toMatchObject({ status: 401 });
});

test('unless they say so, the hooks know no page', async () => {
  const { origin } = await hooks('');
  expect(await send(`${origin}/dashboard/`)).toMatchObject({ status: 404 });
  expect(await send(`${origin}/healthz`)).toMatchObject({ status: 200 });
});

test.each([
  ['cutover hooks', async () => await hooks(', atHooks: true')],
  ['cutover dashboard', async () => await start(['dashboard', '--json'], /:(\d+)\/dashboard/)],
] as const)('%s that is told to stop ends open streams, and then itself', async (_name, begin) => {
  const { child, origin } = await begin();
  const ends = [await openStream(origin), await openStream(origin)];
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  // Each to its last byte: at the end of its grace the server would cut it.
  await Promise.all(ends.map((end) => end()));
  expect(await exit).toEqual([0, null]);
});
