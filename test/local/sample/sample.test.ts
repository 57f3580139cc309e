/** The sample application as its container runs it: a process of a built image. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'undici';
import { buildImage } from '../../../local/images/build';
import { parseBreakage, parseModules, writeBundle, type SampleBundle } from '../../../local/sample/bundle';
import { inTemporaryFolder } from '../images/bundles';

const orders: SampleBundle = {
  application: 'Orders',
  modules: ['Orders', 'OrdersAPI'],
  version: '1.4.2',
  startSeconds: 0,
};

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  readonly output: () => string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Builds the image of a bundle and runs it as the local ECS does, until `work` is done. */
async function running(
  bundle: SampleBundle,
  work: (task: Running) => Promise<void>,
  appConfig?: string,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeBundle(bundle, join(folder, 'bundle.zip'));
    const image = await buildImage(join(folder, 'images'), join(folder, 'bundle.zip'), 'orders:1.4.2');
    mkdirSync(join(folder, 'configs'));
    if (appConfig !== undefined) writeFileSync(join(folder, 'configs', 'App.Config'), appConfig);
    const port = await freePort();
    const [program = '', ...words] = [...image.entrypoint, ...image.command];
    const environment = {
      PORT: String(port),
      CUTOVER_TASK: 'task-1',
      CUTOVER_ADDRESS: '127.0.0.1',
      CUTOVER_MOUNT_CONFIGS: join(folder, 'configs'),
    };
    const child = spawn(program, words, { cwd: image.folder, env: { ...process.env, ...environment } });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    try {
      await work({ url: `http://127.0.0.1:${port}`, child, output: () => output });
    } finally {
      child.kill('SIGKILL');
    }
  });
}

async function listening({ child, output }: Running): Promise<void> {
  while (!output().includes('listens on')) await once(child.stdout ?? child, 'data');
}

test('a sample that crashes says why in its last line and exits with 1', async () => {
  await running({ ...orders, broken: { kind: 'crash' } }, async ({ child, output }) => {
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(1);
    expect(output()).toMatch(/database was refused\n$/);
  });
});

test('SIGTERM lets a response in flight end whole, takes no new one, and exits with 0', async () => {
  await running(orders, async (task) => {
    await listening(task);
    const slow = await fetch(`${task.url}/Orders/slow?ms=600`);
    const idle = await fetch(`${task.url}/Orders/`);
    expect(idle.headers.get('connection')).toBe('keep-alive');
    await idle.text();
    const exit = once(task.child, 'exit');
    task.child.kill('SIGTERM');
    while (!task.output().includes('SIGTERM')) await once(task.child.stdout ?? task.child, 'data');
    await expect(fetch(`${task.url}/OrdersAPI/`)).rejects.toThrow('fetch failed');
    expect(await slow.text()).toMatch(/end\n$/);
    expect(await exit).toEqual([0, null]);
  });
});

test('one that never gets healthy answers its pings with 500', async () => {
  await running({ ...orders, broken: { kind: 'never-healthy' } }, async (task) => {
    await listening(task);
    expect((await fetch(`${task.url}/Orders/_ping.aspx`)).status).toBe(500);
    expect((await fetch(`${task.url}/OrdersAPI/_Ping.aspx`)).status).toBe(500);
  });
});

test('a broken module fails alone', async () => {
  await running({ ...orders, broken: { kind: 'module', module: 'OrdersAPI' } }, async (task) => {
    await listening(task);
    const status = async (path: string): Promise<number> => (await fetch(task.url + path)).status;
    expect([await status('/OrdersAPI/'), await status('/OrdersAPI/_ping.aspx')]).toEqual([500, 500]);
    expect([await status('/Orders/'), await status('/Orders/_ping.aspx')]).toEqual([200, 200]);
  });
});

test('errors come at the rate asked for', async () => {
  await running({ ...orders, broken: { kind: 'errors', percent: 20 } }, async (task) => {
    await listening(task);
    const statuses: number[] = [];
    for (let count = 0; count < 20; count += 1) statuses.push((await fetch(`${task.url}/Orders/`)).status);
    expect(statuses.filter((status) => status === 500)).toHaveLength(4);
  });
});

test('it says who answered, with the configuration it was started with, and paths compare without case', async () => {
  const appConfig =
    '<configuration><appSettings><add key="greeting" value="Hello &amp; good day"/></appSettings></configuration>';
  await running(
    orders,
    async (task) => {
      await listening(task);
      const answer = { application: 'Orders', version: '1.4.2', task: 'task-1', servedBy: 'container' };
      for (const path of ['/OrdersAPI/', '/ordersapi', '/ORDERSAPI/?x=1']) {
        const body: unknown = await (await fetch(task.url + path)).json();
        expect(body).toEqual({ ...answer, module: 'OrdersAPI', configuration: 'Hello & good day' });
      }
      expect(await (await fetch(`${task.url}/Orders/_cutover_release.txt`)).text()).toMatch(/^orders:1\.4\.2 sha256:/);
      for (const path of ['/', '//', '/OrdersAdmin/', '/Orders/other', '/Orders/..%2f..%2fDockerfile', '/Orders//']) {
        expect([path, (await fetch(task.url + path)).status]).toEqual([path, 404]);
      }
    },
    appConfig,
  );
});

test('an upload is answered when all of it has come, with how much it was', async () => {
  await running(orders, async (task) => {
    await listening(task);
    const answered = await fetch(`${task.url}/Orders/upload`, { method: 'POST', body: Buffer.alloc(3_000_000) });
    expect(await answered.json()).toMatchObject({ module: 'Orders', version: '1.4.2', received: 3_000_000 });
    expect((await fetch(`${task.url}/Other/upload`, { method: 'POST', body: 'x' })).status).toBe(404);
  });
});

test('a WebSocket says who serves it, and sends back what it gets', async () => {
  await running(orders, async (task) => {
    await listening(task);
    const socket = new WebSocket(`${task.url.replace('http', 'ws')}/Orders/socket`);
    const heard: string[] = [];
    const next = (): Promise<unknown> =>
      new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.addEventListener('message', ({ data }) => heard.push(String(data)));
    await next();
    for (const text of ['one', 'x'.repeat(60_000)]) {
      const answered = next();
      socket.send(text);
      await answered;
    }
    const closed = new Promise<{ readonly code: number }>((resolve) => socket.addEventListener('close', resolve));
    socket.send('x'.repeat(70_000));
    expect((await closed).code).toBe(1009);
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({ module: 'Orders', version: '1.4.2', task: 'task-1' });
    expect(heard.slice(1)).toEqual(['one', 'x'.repeat(60_000)]);
    const refused = new WebSocket(`${task.url.replace('http', 'ws')}/Orders/other`);
    await new Promise((resolve) => refused.addEventListener('error', resolve));
  });
});

test.each(['crah', 'module', 'module:Other', 'errors', 'errors:', 'errors:0', 'errors:101', 'errors:x'])(
  '--broken %s is refused',
  (text) => expect(() => parseBreakage(text, orders.modules)).toThrow(/It takes never-healthy/),
);

test.each(['', 'Orders,', '../x', 'Orders,..', 'a/b', 'Orders,orders'])('"%s" is no list of modules', (text) => {
  expect(() => parseModules(text)).toThrow(/module/);
});
