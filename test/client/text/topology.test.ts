import { formatTopology } from '../../../client/text/topology';
import { matchTargets, type Topology } from '../../../planning/topology';

const target = (address: string, port: number, state = 'healthy') => ({ address, port, state, reason: null });

test('a target belongs to the task at its port, or at its address where it has a network of its own; the rest drain', () => {
  const bridged = { id: 'one', status: 'RUNNING', addresses: [{ address: '127.0.0.1', port: 8001 }] };
  const own = { id: 'two', status: 'RUNNING', addresses: [{ address: '10.0.0.7', port: null }] };
  const [first, second, old] = [
    target('127.0.0.1', 8001),
    target('10.0.0.7', 80),
    target('127.0.0.1', 8000, 'draining'),
  ];
  expect(matchTargets([bridged, own], [old, second, first])).toEqual({
    tasks: [
      { id: 'one', status: 'RUNNING', target: first },
      { id: 'two', status: 'RUNNING', target: second },
    ],
    otherTargets: [old],
  });
});

test('the tree goes from rules over weights to each task’s health, and hides nothing that is in no rule', () => {
  const service = (name: string, desired: number) => ({
    name,
    desired,
    running: desired,
    pending: 0,
    image: `${name}:1`,
  });
  const task = (id: string, state: string) => ({ id, status: 'RUNNING', target: target('10.0.0.1', 80, state) });
  const topology: Topology = {
    zone: 'production',
    application: 'Orders',
    at: '2026-11-22T00:00:00.000Z',
    defaultTargetGroup: 'platform-server',
    rules: [
      {
        route: 'live',
        priority: 1999,
        catches: ['^/(Orders)(/.*)?$'],
        forwards: [{ targetGroup: 'orders-a', percent: 100 }],
      },
    ],
    slots: [
      {
        slot: 'a',
        targetGroup: 'orders-a',
        service: service('orders-a', 1),
        tasks: [task('1', 'healthy')],
        otherTargets: [],
      },
      {
        slot: 'b',
        targetGroup: 'orders-b',
        service: service('orders-b', 1),
        tasks: [task('2', 'unused')],
        otherTargets: [],
      },
    ],
  };
  const lines = formatTopology(topology);
  expect(lines[0]).toMatch(/live 1999 {2}\^\/\(Orders\)/);
  expect(lines[1]).toMatch(/└─ 100 % → orders-a/);
  expect(lines[3]).toMatch(/10\.0\.0\.1:80 {2}healthy/);
  expect(lines[4]).toMatch(/in no rule → slot b/);
});

test('a service of another tool is shown behind its rule, and the Platform Server is not said to serve', () => {
  const lines = formatTopology({
    zone: 'production',
    application: 'Orders',
    at: '2026-11-22T00:00:00.000Z',
    defaultTargetGroup: 'platform-server',
    rules: [{ route: 'live', priority: 5, catches: ['/Orders*'], forwards: [{ targetGroup: 'legacy', percent: 100 }] }],
    slots: [],
    foreign: {
      targetGroup: 'legacy',
      service: { name: 'legacy-service', desired: 1, running: 1, pending: 0, image: 'orders:1' },
      tasks: [{ id: '1', status: 'RUNNING', target: target('10.0.0.1', 80) }],
      otherTargets: [],
    },
  });
  const tree = lines.join('\n');
  expect(tree).toMatch(/live 5 {2}\/Orders\*\n└─ 100 % → legacy\n {3}└─ legacy-service {2}1 of 1 tasks {2}orders:1\n/);
  expect(tree).not.toContain('Platform Server');
});

test('a service behind two load balancers is shown behind the rules of both, each with its own targets', () => {
  const task = (state: string) => ({ id: '1', status: 'RUNNING', target: target('10.0.0.1', 80, state) });
  const live = { route: 'live', priority: 1999, catches: ['/Orders'] } as const;
  const tree = formatTopology({
    zone: 'production',
    application: 'Orders',
    at: '2026-11-22T00:00:00.000Z',
    defaultTargetGroup: 'platform-server',
    rules: [
      { ...live, forwards: [{ targetGroup: 'orders-a', percent: 100 }] },
      { ...live, through: 'public', forwards: [{ targetGroup: 'orders-a-1', percent: 100 }] },
    ],
    slots: [
      {
        slot: 'a',
        targetGroup: 'orders-a',
        service: { name: 'orders-a', desired: 1, running: 1, pending: 0, image: 'orders:1' },
        tasks: [task('healthy')],
        otherTargets: [],
        beside: [{ targetGroup: 'orders-a-1', tasks: [task('initial')], otherTargets: [] }],
      },
    ],
  });
  expect(tree).toEqual([
    expect.stringMatching(/live 1999 {2}\/Orders/),
    expect.stringMatching(/100 % → orders-a$/),
    expect.stringMatching(/orders-a {2}1 of 1 tasks/),
    expect.stringMatching(/10\.0\.0\.1:80 {2}healthy/),
    expect.stringMatching(/live 1999 through public/),
    expect.stringMatching(/100 % → orders-a-1$/),
    expect.stringMatching(/orders-a {2}1 of 1 tasks/),
    expect.stringMatching(/10\.0\.0\.1:80 {2}initial/),
  ]);
});
