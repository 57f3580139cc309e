/** The base of the whole project: a cut in the right order loses no request, and one in the wrong order is noticed. */
import type { RequestListener } from 'node:http';
import { startTraffic } from '../../../local/traffic/traffic';
import {
  type Setup,
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  path,
  rule,
  startBackend,
  startDataPlane,
  target,
} from '../../../packages/local-aws/test/load-balancer/data-plane';

const cleanUp = cleanUpAfterEach();

const release =
  (version: string, streams = { open: 0 }, streamMs = 600): RequestListener =>
  (request, response) => {
    const answer = `${JSON.stringify({ application: 'Orders', module: 'Orders', version, servedBy: 'container' })}\n`;
    if (!request.url?.includes('slow')) return void response.end(answer);
    response.write(answer);
    streams.open += 1;
    const end = setTimeout(() => response.end('end\n'), streamMs);
    response.on('close', () => {
      streams.open -= 1;
      clearTimeout(end);
    });
  };

async function blueUnderTraffic({ batchSeconds = 10, streamMs = 600 } = {}) {
  const streams = { open: 0 };
  const [blue, green] = [
    cleanUp(await startBackend(release('1', streams, streamMs))),
    cleanUp(await startBackend(release('2'))),
  ];
  const attributes = { 'deregistration_delay.timeout_seconds': '300' };
  const setup = (name: string, drainingSince?: number): Setup => ({
    groups: [
      group('blue', [target(blue.port, drainingSince === undefined ? {} : { drainingSince })], { attributes }),
      group('green', [target(green.port)], { attributes }),
    ],
    rules: [
      rule(1, [path('/Orders', '/Orders/*')], forwardTo(name)),
      rule('default', [], { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }),
    ],
    propagation: { batchSeconds, jitterSeconds: 20 },
  });
  const plane = cleanUp(await startDataPlane(setup('blue')));
  await plane.untilHealthy();
  const options = { applications: [{ name: 'Orders', modules: ['Orders'] }], requestsPerSecond: 200, streamMs: 600 };
  const traffic = await startTraffic({ loadBalancer: plane.url, ...options });
  cleanUp({ close: async () => void (await traffic.stop().catch(() => undefined)) });
  const sentMore = async (count: number) => {
    const { sent } = await traffic.report();
    await eventually(async () => ((await traffic.report()).sent >= sent + count ? true : undefined));
  };
  return { plane, setup, blue, streams, traffic, sentMore };
}

test('a cut that waits for its propagation, then for the drain, loses no request and no stream', async () => {
  const { plane, setup, blue, traffic, sentMore } = await blueUnderTraffic();
  await sentMore(100);
  await plane.configure(setup('green'));
  // The change is propagated: batch and jitter are over, on both nodes.
  await sentMore(100);
  await traffic.expect('Orders', [{ servedBy: 'container', version: '2' }]);
  await plane.configure(setup('green', Date.now()));
  await plane.until((targets) => targets.some(({ state }) => state === 'unused'));
  await blue.close();
  await sentMore(200);
  const report = await traffic.stop();
  expect(report.failures).toEqual([]);
  expect(new Set(report.answered.map(({ version }) => version))).toEqual(new Set(['1', '2']));
});

test('stopping blue before the cut is everywhere and its streams are over is seen as lost requests', async () => {
  const slow = { batchSeconds: 36_000, streamMs: 300_000 };
  const { plane, setup, blue, streams, traffic, sentMore } = await blueUnderTraffic(slow);
  await sentMore(100);
  await plane.configure(setup('green'));
  await eventually(() => streams.open > 0 || undefined);
  await blue.close();
  await sentMore(100);
  const { failures } = await traffic.stop();
  expect(failures.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['cutShort', 'status']));
});
