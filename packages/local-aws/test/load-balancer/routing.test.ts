import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { get } from './client';
import {
  cleanUpAfterEach,
  forwardTo,
  group,
  named,
  path,
  rule,
  split,
  startBackend,
  startDataPlane,
  target,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

/** Two groups of one target each: the default rule forwards to `old`, the rule under test to `new`. */
async function twoGroups(conditions: readonly RuleCondition[]) {
  const [oldOne, newOne] = [cleanUp(await startBackend(named('old'))), cleanUp(await startBackend(named('new')))];
  const groups = [group('old', [target(oldOne.port)]), group('new', [target(newOne.port)])];
  const rules = [rule(10, conditions, forwardTo('new')), rule('default', [], forwardTo('old'))];
  const plane = cleanUp(await startDataPlane({ groups, rules }));
  await plane.untilHealthy();
  return plane;
}

const regexPath = (...values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { RegexValues: values },
});

describe('a condition sends to the new group only what it means', () => {
  test.each<[string, RuleCondition, string[], string[]]>([
    ['a path is matched whole', path('/Orders'), ['/Orders', '/Orders?a=1'], ['/Orders/', '/OrdersAdmin', '/x/Orders']],
    ['a path is case-sensitive', path('/Orders/*'), ['/Orders/', '/Orders/a/b'], ['/orders/', '/Orders']],
    ['a trailing star catches siblings', path('/Orders*'), ['/Orders', '/OrdersAdmin/x'], ['/orders']],
    ['a question mark is one character', path('/v?/x'), ['/v1/x'], ['/v/x', '/v12/x']],
    ['one of several paths is enough', path('/a', '/b/*'), ['/a', '/b/'], ['/b']],
    ['dots are dots', path('/a.b*'), ['/a.bc'], ['/aXb']],
    ['an anchored expression is exact', regexPath('^/(Orders|API)(/.*)?$'), ['/Orders', '/API/x'], ['/OrdersAdmin']],
    ['an expression is case-sensitive', regexPath('^/Orders$'), ['/Orders'], ['/orders']],
    ['unless it says otherwise', regexPath('(?i)^/orders(/.*)?$'), ['/Orders', '/ORDERS/x'], ['/ordersAdmin']],
    [
      'or has classes',
      regexPath('^/([Oo][rR][dD][eE][rR][sS])(/.*)?$'),
      ['/orders', '/ORDERS/x', '/oRdErS/'],
      ['/ordersAdmin', '/rders'],
    ],
    ['an expression that is none matches nothing', regexPath('(['), [], ['/', '/([']],
  ])('%s', async (_, condition, matching, others) => {
    const plane = await twoGroups([condition]);
    for (const url of matching) expect([url, (await get(plane.url + url)).body]).toEqual([url, 'new']);
    for (const url of others) expect([url, (await get(plane.url + url)).body]).toEqual([url, 'old']);
  });

  test('a host is compared without its port and without case, and a star doesn’t stand for nothing before a dot', async () => {
    const plane = await twoGroups([{ Field: 'host-header', HostHeaderConfig: { Values: ['*.Example.com'] } }]);
    const ask = async (Host: string) => (await get(plane.url, { headers: { Host } })).body;
    expect(await ask('a.example.COM:8080')).toBe('new');
    expect(await ask('example.com')).toBe('old');
  });

  test('a header is found by any case of its name and value, and an absent one matches no star', async () => {
    const plane = await twoGroups([
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Release-Test', Values: ['secret-*'] } },
    ]);
    expect((await get(plane.url, { headers: { 'x-release-test': 'SECRET-1' } })).body).toBe('new');
    expect((await get(plane.url, { headers: { 'x-release-test': 'other' } })).body).toBe('old');
    expect((await get(plane.url)).body).toBe('old');
  });

  test('a method is compared exactly', async () => {
    const plane = await twoGroups([{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['POST'] } }]);
    expect((await get(plane.url, { method: 'POST' })).body).toBe('new');
    expect((await get(plane.url, { method: 'PUT' })).body).toBe('old');
  });

  test('a query parameter is compared by key and value, or by value alone', async () => {
    const Values = [{ Key: 'Version', Value: 'v2' }, { Value: 'beta-?' }];
    const plane = await twoGroups([{ Field: 'query-string', QueryStringConfig: { Values } }]);
    const ask = async (query: string) => (await get(`${plane.url}/?${query}`)).body;
    expect(await ask('a=1&version=V2')).toBe('new');
    expect(await ask('anything=beta-1')).toBe('new');
    expect(await ask('version=v3&b=beta-')).toBe('old');
  });

  test('the source is the peer, whatever X-Forwarded-For claims', async () => {
    const plane = await twoGroups([{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }]);
    expect((await get(plane.url, { headers: { 'X-Forwarded-For': '10.1.2.3' } })).body).toBe('old');
    const local = await twoGroups([{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8', '127.0.0.1/32'] } }]);
    expect((await get(local.url)).body).toBe('new');
  });

  test('all conditions of a rule have to hold', async () => {
    const header = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-T', Values: ['1'] } };
    const plane = await twoGroups([path('/Orders'), header]);
    expect((await get(`${plane.url}/Orders`, { headers: { 'X-T': '1' } })).body).toBe('new');
    expect((await get(`${plane.url}/Orders`)).body).toBe('old');
    expect((await get(plane.url, { headers: { 'X-T': '1' } })).body).toBe('old');
  });
});

test('the first rule by priority wins, and the default rule comes last', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(async (name) => cleanUp(await startBackend(named(name)))));
  const groups = [group('a', [target(a!.port)]), group('b', [target(b!.port)]), group('c', [target(c!.port)])];
  const rules = [
    rule(1, [path('/x/y')], forwardTo('a')),
    rule(2, [path('/x/*')], forwardTo('b')),
    rule('default', [], forwardTo('c')),
  ];
  const plane = cleanUp(await startDataPlane({ groups, rules }));
  await plane.untilHealthy();
  const ask = async (url: string) => (await get(plane.url + url)).body;
  expect([await ask('/x/y'), await ask('/x/z'), await ask('/')]).toEqual(['a', 'b', 'c']);
});

test('weights share requests by their ratio, and 0 means none', async () => {
  const [blue, green] = [cleanUp(await startBackend(named('blue'))), cleanUp(await startBackend(named('green')))];
  const idle = cleanUp(await startBackend(named('idle')));
  const groups = [
    group('blue', [target(blue.port)]),
    group('green', [target(green.port)]),
    group('idle', [target(idle.port)]),
  ];
  const rules = [rule('default', [], split({ blue: 3, green: 1, idle: 0 }))];
  const plane = cleanUp(await startDataPlane({ groups, rules }));
  await plane.untilHealthy();
  for (let sent = 0; sent < 400; sent += 1) await get(plane.url);
  expect(blue.requests() + green.requests()).toBe(400);
  expect(green.requests()).toBeGreaterThan(50);
  expect(green.requests()).toBeLessThan(160);
});

test('the targets of a group take turns', async () => {
  const backends = await Promise.all([1, 2, 3].map(async (n) => cleanUp(await startBackend(named(String(n))))));
  const groups = [
    group(
      'g',
      backends.map(({ port }) => target(port)),
    ),
  ];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))] }));
  await plane.untilHealthy();
  for (let sent = 0; sent < 30; sent += 1) await get(plane.url);
  expect(backends.map(({ requests }) => requests())).toEqual([10, 10, 10]);
});

test('a fixed response and a redirect are given without any target', async () => {
  const rules = [
    rule(1, [path('/gone')], {
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '410', ContentType: 'text/css', MessageBody: 'gone' },
    }),
    rule(2, [path('/old/*')], {
      Type: 'redirect',
      RedirectConfig: {
        StatusCode: 'HTTP_301',
        Host: 'new.#{host}',
        Path: '/moved/#{path}',
        Port: '8443',
        Protocol: 'HTTPS',
      },
    }),
    rule('default', [], { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302' } }),
  ];
  const plane = cleanUp(await startDataPlane({ groups: [], rules }));
  const gone = await get(`${plane.url}/gone`);
  expect([gone.status, gone.headers['content-type'], gone.body]).toEqual([410, 'text/css', 'gone']);
  const moved = await get(`${plane.url}/old/a?b=c`, { headers: { Host: 'example.com' } });
  expect([moved.status, moved.headers.location]).toEqual([301, 'https://new.example.com:8443/moved/old/a?b=c']);
  expect((await get(`${plane.url}/x`)).headers.location).toBe(`${plane.url}/x`);
});

test('a transform changes what the target sees, not which rule matches', async () => {
  const backend = cleanUp(
    await startBackend((request, response) => void response.end(`${request.headers.host} ${request.url}`)),
  );
  const rules = [
    rule(1, [path('/api/*')], forwardTo('g'), [
      { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/api/(.*)$', Replace: '/internal/$1' }] } },
      {
        Type: 'host-header-rewrite',
        HostHeaderRewriteConfig: { Rewrites: [{ Regex: '^(.+)\\.example\\.com$', Replace: '$1.example.org' }] },
      },
    ]),
    rule(2, [path('/broken')], forwardTo('g'), [
      { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/', Replace: 'no path ' }] } },
    ]),
    rule('default', [], forwardTo('g')),
  ];
  const plane = cleanUp(await startDataPlane({ groups: [group('g', [target(backend.port)])], rules }));
  await plane.untilHealthy();
  const ask = (url: string, Host: string) => get(plane.url + url, { headers: { Host } });
  expect((await ask('/api/a?b=1', 'shop.example.com')).body).toBe('shop.example.org /internal/a?b=1');
  expect((await ask('/internal/a', 'shop.example.com')).body).toBe('shop.example.com /internal/a');
  expect((await ask('/broken', 'shop.example.com')).status).toBe(500);
});
