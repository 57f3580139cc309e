import type { IncomingHttpHeaders } from 'node:http';
import { freePort } from '../free-port';
import { get } from './client';
import {
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  named,
  rule,
  startBackend,
  startDataPlane,
  startServer,
  target,
} from './data-plane';

const cleanUp = cleanUpAfterEach();
const rules = [rule('default', [], forwardTo('g'))];
const inWords = ({ state, reason, description }: { state: string; reason?: string; description?: string }) => [
  state,
  reason,
  description,
];

test('a new target gets nothing until it has passed a check, and one is enough', async () => {
  let status = 500;
  const backend = cleanUp(await startBackend(named('served'), () => status));
  const healthCheck = { ...group('g', []).healthCheck, unhealthyThresholdCount: 100_000, healthyThresholdCount: 10 };
  const plane = cleanUp(await startDataPlane({ groups: [group('g', [target(backend.port)], { healthCheck })], rules }));
  expect((await get(plane.url)).status).toBe(503);
  expect((await plane.report()).targets[0]?.state).toBe('initial');
  status = 200;
  await plane.untilHealthy();
  expect((await get(plane.url)).body).toBe('served');
});

test('a target that answers wrongly, not at all or isn’t there is unhealthy in the load balancer’s words', async () => {
  const failing = cleanUp(await startBackend(named('x'), () => 404));
  const silent = cleanUp(await startBackend(named('x')));
  const hanging = cleanUp(await startServer(() => undefined));
  const targets = [target(failing.port), target(hanging.port), target(await freePort()), target(silent.port)];
  const plane = cleanUp(await startDataPlane({ groups: [group('g', targets)], rules }));
  const found = await plane.until((states) => states.filter(({ state }) => state === 'unhealthy').length === 3);
  expect(found.map(inWords)).toEqual([
    ['unhealthy', 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [404]'],
    ['unhealthy', 'Target.Timeout', 'Request timed out'],
    ['unhealthy', 'Target.FailedHealthChecks', 'Health checks failed'],
    ['healthy', undefined, undefined],
  ]);
});

test('an unhealthy target gets nothing while a healthy one exists; when all are unhealthy, all get requests', async () => {
  const status = { a: 200, b: 500 };
  const a = cleanUp(await startBackend(named('a'), () => status.a));
  const b = cleanUp(await startBackend(named('b'), () => status.b));
  const plane = cleanUp(await startDataPlane({ groups: [group('g', [target(a.port), target(b.port)])], rules }));
  await plane.until(([first, second]) => first?.state === 'healthy' && second?.state === 'unhealthy');
  for (let sent = 0; sent < 6; sent += 1) expect((await get(plane.url)).body).toBe('a');
  status.a = 500;
  await plane.until((targets) => targets.every(({ state }) => state === 'unhealthy'));
  const bodies = new Set([(await get(plane.url)).body, (await get(plane.url)).body]);
  expect(bodies).toEqual(new Set(['a', 'b']));
});

test('a target that recovers serves again', async () => {
  let status = 500;
  const backend = cleanUp(await startBackend(named('x'), () => status));
  const plane = cleanUp(await startDataPlane({ groups: [group('g', [target(backend.port)])], rules }));
  await plane.until(([first]) => first?.state === 'unhealthy');
  status = 200;
  await plane.untilHealthy();
});

test('a group that no rule forwards to is unused and isn’t checked, until a rule does', async () => {
  let checks = 0;
  const backend = cleanUp(await startBackend(named('x'), () => ((checks += 1), 200)));
  const unused = group('other', [target(backend.port)], { inUse: false });
  const plane = cleanUp(await startDataPlane({ groups: [unused], rules: [] }));
  expect(inWords((await plane.report()).targets[0]!)).toEqual([
    'unused',
    'Target.NotInUse',
    'Target group is not configured to receive traffic from the load balancer',
  ]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(checks).toBe(0);
  await plane.configure({ groups: [{ ...unused, inUse: true }], rules });
  expect((await plane.report()).targets[0]?.state).not.toBe('unused');
  await plane.untilHealthy();
});

test('a check names itself, says where it goes and closes its connection', async () => {
  let seen: IncomingHttpHeaders | undefined;
  const { port } = cleanUp(
    await startServer((request, response) => {
      seen = request.headers;
      response.end();
    }),
  );
  cleanUp(await startDataPlane({ groups: [group('g', [target(port)])], rules }));
  expect(await eventually(() => seen)).toMatchObject({
    host: `127.0.0.1:${port}`,
    'user-agent': 'ELB-HealthChecker/2.0',
    connection: 'close',
  });
});

// `npm run bench` checks that none of a thousand targets misses a check, on a machine that does nothing else.
test('all targets of twenty groups of ten are checked in turn while requests are served', async () => {
  const checks = new Map<string, number>();
  const ports: number[] = [];
  for (let made = 0; made < 10; made += 1) {
    const server = await startServer((request, response) => {
      const key = `${request.headers.host} ${request.url}`;
      if (request.url?.startsWith('/health/') === true) checks.set(key, (checks.get(key) ?? 0) + 1);
      response.end('x');
    });
    ports.push(cleanUp(server).port);
  }
  const groups = Array.from({ length: 20 }, (_, index) => {
    const wanted = group(
      `g${index}`,
      ports.map((port) => target(port)),
    );
    return { ...wanted, healthCheck: { ...wanted.healthCheck, path: `/health/${index}` } };
  });
  // The interval of 5 s isn't scaled, which makes 40 checks a second.
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g7'))], timeScale: 1 }));
  await plane.untilHealthy();
  const counts = (): number[] => [...checks.values()];
  while (Math.min(...counts()) < 2) expect((await get(plane.url)).body).toBe('x');
  expect(checks.size).toBe(200);
});
