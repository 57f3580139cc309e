import { get, type Received } from './client';
import {
  type Setup,
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  named,
  rule,
  split,
  startBackend,
  startDataPlane,
  target,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

const cookieHeader = ({ headers }: Received) =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

describe('a rule that keeps clients on their target group', () => {
  async function sticky(durationSeconds: number) {
    const [blue, green] = [cleanUp(await startBackend(named('blue'))), cleanUp(await startBackend(named('green')))];
    const groups = [group('blue', [target(blue.port)]), group('green', [target(green.port)])];
    const weights = (shares: Record<string, number>): Setup => ({
      groups,
      rules: [rule('default', [], split(shares, durationSeconds))],
    });
    const plane = cleanUp(await startDataPlane(weights({ blue: 1, green: 0 })));
    await plane.untilHealthy();
    const Cookie = cookieHeader(await get(plane.url));
    return { plane, weights, groups, Cookie };
  }

  test('lets them stay on blue at weight 0, while new clients meet green', async () => {
    const { plane, weights, Cookie } = await sticky(604_800);
    expect(Cookie).toMatch(/^AWSALBTG=\S+; AWSALBTGCORS=\S+$/);
    await plane.configure(weights({ blue: 0, green: 1 }));
    expect((await get(plane.url, { headers: { Cookie } })).body).toBe('blue');
    expect((await get(plane.url)).body).toBe('green');
  });

  test('lets them stay on a group that has nobody left to serve', async () => {
    const { plane, weights, groups, Cookie } = await sticky(604_800);
    const [blue, green] = groups;
    await plane.configure({ ...weights({ blue: 0, green: 1 }), groups: [{ ...blue!, targets: [] }, green!] });
    expect((await get(plane.url, { headers: { Cookie } })).status).toBe(503);
  });

  test('lets go of them when it names a single other group, and when the time is over', async () => {
    const { plane, groups, Cookie } = await sticky(604_800);
    await plane.configure({ groups, rules: [rule('default', [], forwardTo('green'))] });
    expect((await get(plane.url, { headers: { Cookie } })).body).toBe('green');
    const brief = await sticky(1);
    await brief.plane.configure(brief.weights({ blue: 0, green: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await get(brief.plane.url, { headers: { Cookie: brief.Cookie } })).body).toBe('green');
  });
});

describe('a group that keeps clients on their target', () => {
  async function three(attributes: Record<string, string>, setCookie?: string) {
    const backends = await Promise.all(
      ['1', '2', '3'].map(async (name) =>
        cleanUp(
          await startBackend((_, response) => {
            if (setCookie !== undefined) response.setHeader('Set-Cookie', setCookie);
            response.end(name);
          }),
        ),
      ),
    );
    const setup = (targets: ReturnType<typeof target>[]): Setup => ({
      groups: [group('g', targets, { attributes: { 'stickiness.enabled': 'true', ...attributes } })],
      rules: [rule('default', [], forwardTo('g'))],
    });
    const targets = backends.map(({ port }) => target(port));
    const plane = cleanUp(await startDataPlane(setup(targets)));
    await plane.untilHealthy();
    return { plane, setup, targets };
  }

  test('sends them there again, and elsewhere with a new cookie once the target drains', async () => {
    const { plane, setup, targets } = await three({ 'stickiness.type': 'lb_cookie' });
    const first = await get(plane.url);
    const Cookie = cookieHeader(first);
    expect(Cookie).toMatch(/^AWSALB=\S+; AWSALBCORS=\S+$/);
    for (let sent = 0; sent < 5; sent += 1) {
      expect((await get(plane.url, { headers: { Cookie } })).body).toBe(first.body);
    }
    const drained = targets.map((each, index) =>
      index === Number(first.body) - 1 ? { ...each, drainingSince: Date.now() } : each,
    );
    await plane.configure(setup(drained));
    const moved = await get(plane.url, { headers: { Cookie } });
    expect([moved.status, moved.body === first.body]).toEqual([200, false]);
    expect((await get(plane.url, { headers: { Cookie: cookieHeader(moved) } })).body).toBe(moved.body);
  });

  test('by a cookie of the application’s does so only where the application set it', async () => {
    const attributes = { 'stickiness.type': 'app_cookie', 'stickiness.app_cookie.cookie_name': 'session' };
    const { plane } = await three(attributes, 'session=abc; Path=/');
    const first = await get(plane.url);
    const Cookie = cookieHeader(first);
    expect(Cookie).toMatch(/session=abc; AWSALBAPP-0=\S+$/);
    for (let sent = 0; sent < 5; sent += 1) {
      expect((await get(plane.url, { headers: { Cookie } })).body).toBe(first.body);
    }
    const without = await three(attributes, 'other=abc');
    expect(cookieHeader(await get(without.plane.url))).toBe('other=abc');
  });
});

test('a cookie that somebody made up is ignored', async () => {
  const backend = cleanUp(await startBackend(named('served')));
  const attributes = { 'stickiness.enabled': 'true' };
  const groups = [group('g', [target(backend.port)], { attributes })];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], split({ g: 1 }, 60))] }));
  await plane.untilHealthy();
  for (const made of ['AWSALB=x', 'AWSALBTG=bnVsbA', 'AWSALB=bnVsbA; AWSALBTG=%%%']) {
    expect((await get(plane.url, { headers: { Cookie: made } })).body).toBe('served');
  }
});

describe('picking', () => {
  test('least outstanding requests sends to the target with the fewest in flight', async () => {
    const busy = cleanUp(await startBackend(() => undefined));
    const free = cleanUp(await startBackend(named('free')));
    const attributes = { 'load_balancing.algorithm.type': 'least_outstanding_requests' };
    const groups = [group('g', [target(busy.port), target(free.port)], { attributes })];
    const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))] }));
    await plane.untilHealthy();
    // Sooner or later a request reaches the target that never answers; any other is answered before the next is sent.
    while (busy.requests() === 0) {
      let answered = false;
      void get(plane.url).then(() => (answered = true));
      await eventually(() => answered || busy.requests() > 0 || undefined);
    }
    const bodies: string[] = [];
    for (let sent = 0; sent < 5; sent += 1) bodies.push((await get(plane.url)).body);
    expect(bodies).toEqual(['free', 'free', 'free', 'free', 'free']);
    expect(busy.requests()).toBe(1);
  });

  test('slow start gives a target that joins a warm one a growing share, and in the end its full one', async () => {
    const [warm, fresh] = [cleanUp(await startBackend(named('warm'))), cleanUp(await startBackend(named('fresh')))];
    const setup = (slowStartSeconds: string, ...targets: ReturnType<typeof target>[]): Setup => ({
      groups: [group('g', targets, { attributes: { 'slow_start.duration_seconds': slowStartSeconds } })],
      rules: [rule('default', [], forwardTo('g'))],
    });
    const plane = cleanUp(await startDataPlane(setup('900', target(warm.port))));
    await plane.untilHealthy();
    for (let sent = 0; sent < 5; sent += 1) expect((await get(plane.url)).body).toBe('warm');
    const isWarm = async (joined: typeof warm) => {
      const before = joined.requests();
      for (let sent = 0; sent < 20; sent += 1) await get(plane.url);
      return joined.requests() - before === 10 ? true : undefined;
    };
    // The 30 s of the cookie are 300 ms here.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await plane.configure(setup('30', target(warm.port), target(fresh.port)));
    await plane.untilHealthy();
    for (let sent = 0; sent < 10; sent += 1) await get(plane.url);
    expect(fresh.requests()).toBeLessThan(warm.requests());
    await eventually(() => isWarm(fresh));
  });
});
