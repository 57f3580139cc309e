/** Modules that answer as somebody would make them who wants a deployment to wait for ever, or a worker to run out of memory. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { probing, routeTo, serve } from './load-balancer';

const paths = ['/Orders'];

test('no more of an endless answer is read than proves something', async () => {
  let sent = 0;
  const part = Buffer.alloc(64 * 1024, 'x');
  const endless = async (response: ServerResponse) => {
    while (!response.destroyed && sent < 2 ** 30) {
      sent += part.length;
      if (!response.write(part)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  };
  const server = await serve((_path, _times, response) => void endless(response));
  try {
    const releases = await probing((probes) => probes.describeReleases(routeTo(server.port), paths));
    expect(Object.keys(releases)).toEqual(paths);
    // What sockets hold is beside it.
    expect(sent).toBeLessThan(2 ** 26);
  } finally {
    await server.close();
  }
});

test.each<[string, (response: ServerResponse) => void]>([
  ['drips', (response) => void response.write('x')],
  ['sends early hints', (response) => response.writeEarlyHints({ link: '</a>; rel=preload' })],
])('whoever waits for one that %s for ever ends with the cancellation', async (_, drip) => {
  const dripping: NodeJS.Timeout[] = [];
  let begun = () => {};
  const asked = new Promise<void>((resolve) => (begun = resolve));
  const server = await serve((_path, _times, response) => {
    dripping.push(setInterval(() => void (response.destroyed || drip(response)), 100));
    begun();
  });
  try {
    const activity = new MockActivityEnvironment();
    const watched = probing((probes) => probes.watchModules(routeTo(server.port), paths), { activity });
    watched.catch(() => undefined);
    await asked;
    activity.cancel('CANCELLED');
    await expect(watched).rejects.toThrow('CANCELLED');
  } finally {
    dripping.forEach((timer) => clearInterval(timer));
    await server.close();
  }
});

test('early hints and single bytes give nobody more than 10 s', async () => {
  const dripping: NodeJS.Timeout[] = [];
  const server = await serve((path, _times, response) => {
    const drip = path.includes('Hints')
      ? () => response.writeEarlyHints({ link: '</a>; rel=preload' })
      : () => response.write('x');
    dripping.push(setInterval(() => void (response.destroyed || drip()), 50));
  });
  // Ten seconds pass in one here.
  const usual = setTimeout;
  const quicker = (work: () => void, ms?: number) => usual(work, ms === 10_000 ? 1_000 : ms);
  const clock = jest.spyOn(globalThis, 'setTimeout').mockImplementation(quicker as never);
  try {
    const asked = ['/Drips', '/Hints'];
    const releases = await probing((probes) => probes.describeReleases(routeTo(server.port), asked));
    expect(Object.keys(releases).toSorted()).toEqual(asked);
  } finally {
    clock.mockRestore();
    dripping.forEach((timer) => clearInterval(timer));
    await server.close();
  }
}, 20_000);

test('one module that drips keeps no failure of another from a watch', async () => {
  const dripping: NodeJS.Timeout[] = [];
  const server = await serve((path, _times, response) => {
    if (!path.includes('Drips')) return void response.writeHead(500).end('broken');
    dripping.push(setInterval(() => void (response.destroyed || response.write('x')), 100));
  });
  const ended = jest.fn();
  try {
    // In any order: one that drips is often asked first.
    for (let time = 0; time < 4; time++) {
      const watched = probing((probes) => probes.watchModules(routeTo(server.port), ['/Drips1', '/Drips2', '/Orders']));
      const late = setTimeout(ended, 9_000);
      await expect(watched).rejects.toMatchObject({
        type: 'ModuleBroken',
        message: expect.stringContaining('/Orders/') as string,
      });
      clearTimeout(late);
    }
    // Each that drips takes ten seconds to be given up.
    expect(ended).not.toHaveBeenCalled();
  } finally {
    dripping.forEach((timer) => clearInterval(timer));
    await server.close();
  }
}, 60_000);
