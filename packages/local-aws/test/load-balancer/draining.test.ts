import type { ServerResponse } from 'node:http';
import { get } from './client';
import {
  type Setup,
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  named,
  rule,
  startBackend,
  startDataPlane,
  target,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

/** One target that answers when the test lets it; a test may add others. */
async function heldRequests(delaySeconds: number) {
  const held: ServerResponse[] = [];
  const slow = cleanUp(await startBackend((_, response) => void held.push(response)));
  const attributes = { 'deregistration_delay.timeout_seconds': String(delaySeconds) };
  const rules = [rule('default', [], forwardTo('g'))];
  const setup = (...targets: ReturnType<typeof target>[]): Setup => ({
    groups: [group('g', targets, { attributes })],
    rules,
  });
  const plane = cleanUp(await startDataPlane(setup(target(slow.port))));
  await plane.untilHealthy();
  const inFlight = async (count: number) => eventually(() => (held.length === count ? true : undefined));
  return { plane, setup, slow, held, inFlight };
}

test('a request in flight when its target is deregistered gets its answer, and no new one goes there', async () => {
  const { plane, setup, slow, held, inFlight } = await heldRequests(3600);
  const pending = get(plane.url);
  await inFlight(1);
  const other = cleanUp(await startBackend(named('other')));
  await plane.configure(setup(target(slow.port, { drainingSince: Date.now() }), target(other.port)));
  await plane.until((targets) => targets.some(({ state }) => state === 'healthy'));
  for (let sent = 0; sent < 6; sent += 1) expect((await get(plane.url)).body).toBe('other');
  held[0]?.end('in time');
  expect((await pending).body).toBe('in time');
  expect(slow.requests()).toBe(1);
});

test('a request that outlives the deregistration delay is answered 502', async () => {
  const { plane, setup, slow, inFlight } = await heldRequests(10);
  const pending = get(plane.url);
  await inFlight(1);
  await plane.configure(setup(target(slow.port, { drainingSince: Date.now() })));
  expect((await pending).status).toBe(502);
});

test('a stream that outlives the deregistration delay is cut, never ended as if it were whole', async () => {
  const { plane, setup, slow, held, inFlight } = await heldRequests(10);
  const pending = get(plane.url);
  await inFlight(1);
  held[0]?.writeHead(200).write('half');
  await eventually(async () => ((await plane.report()).targets[0]?.inFlight === 1 ? true : undefined));
  await plane.configure(setup(target(slow.port, { drainingSince: Date.now() })));
  expect(await pending).toMatchObject({ status: 200, error: 'ECONNRESET' });
});

test('a group whose last target drains answers 503', async () => {
  const { plane, setup, slow } = await heldRequests(3600);
  await plane.configure(setup(target(slow.port, { drainingSince: Date.now() })));
  expect((await get(plane.url)).status).toBe(503);
});

test('a target shows draining for the whole delay though nothing is in flight, then unused', async () => {
  // Three seconds here: the look at it comes before their end on a busy machine too.
  const { plane, setup, slow } = await heldRequests(300);
  const drainingSince = Date.now();
  await plane.configure(setup(target(slow.port, { drainingSince })));
  const { targets, revision } = await plane.report();
  expect(targets).toMatchObject([{ state: 'draining', reason: 'Target.DeregistrationInProgress', inFlight: 0 }]);
  expect((await plane.report(revision)).targets).toMatchObject([{ state: 'unused', reason: 'Target.NotRegistered' }]);
  // Timers may be a moment early.
  expect(Date.now() - drainingSince).toBeGreaterThan(2_990);
});

test('a target that is simply gone from the configuration still finishes what it has', async () => {
  const { plane, setup, held, inFlight } = await heldRequests(3600);
  const pending = get(plane.url);
  await inFlight(1);
  await plane.configure(setup());
  expect((await get(plane.url)).status).toBe(503);
  held[0]?.end('done');
  expect((await pending).body).toBe('done');
});

test('a target registered again after it was drained serves as a new one', async () => {
  const { plane, setup, slow, held, inFlight } = await heldRequests(1);
  await plane.configure(setup(target(slow.port, { drainingSince: Date.now() })));
  await plane.until(([first]) => first?.state === 'unused');
  await plane.configure(setup(target(slow.port, { registeredAt: Date.now() })));
  expect((await plane.report()).targets[0]?.state).not.toBe('unused');
  await plane.untilHealthy();
  const pending = get(plane.url);
  await inFlight(1);
  held[0]?.end('again');
  expect((await pending).body).toBe('again');
});
