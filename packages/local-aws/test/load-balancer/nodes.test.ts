/** The nodes of a load balancer: each has an address of its own, and DNS has the addresses of all. */
import { Resolver } from 'node:dns/promises';
import { get, oneConnection } from './client';
import {
  addresses,
  cleanUpAfterEach,
  type DataPlane,
  dnsName,
  eventually,
  forwardTo,
  group,
  named,
  rule,
  type Setup,
  startBackend,
  startDataPlane,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();
const [first, second] = addresses;

async function twoNodes(): Promise<{ plane: DataPlane; setup: Setup }> {
  const backend = cleanUp(await startBackend(named('orders')));
  const groups = [group('g', [target(backend.port)], unchecked)];
  const setup = { groups, rules: [rule('default', [], forwardTo('g'))] };
  return { plane: cleanUp(await startDataPlane(setup)), setup };
}

function resolverOf({ proxy }: DataPlane): Resolver {
  const resolver = new Resolver();
  resolver.setServers([proxy.resolver]);
  return resolver;
}

const node = (address: string) => ({ address, zone: 'zone-0' });
const at = ({ port }: DataPlane, address: string) => get(`http://${address}:${port}/`);

test("a load balancer's name has the addresses of all its nodes, and every node serves", async () => {
  const { plane } = await twoNodes();
  expect((await resolverOf(plane).resolve4(dnsName)).toSorted()).toEqual(addresses);
  for (const address of addresses) expect((await at(plane, address)).body).toBe('orders');
});

test('a name that no load balancer has is not found, and one without IPv6 has no such address', async () => {
  const { plane } = await twoNodes();
  await expect(resolverOf(plane).resolve4(`other-${dnsName}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolverOf(plane).resolve6(dnsName)).rejects.toMatchObject({ code: 'ENODATA' });
});

test('of many addresses DNS gives eight, and others the next time', async () => {
  const { plane, setup } = await twoNodes();
  const many = Array.from({ length: 10 }, (_, index) => node(`127.0.1.${index + 1}`));
  await plane.configure({ ...setup, nodes: many });
  const answers = [await resolverOf(plane).resolve4(dnsName), await resolverOf(plane).resolve4(dnsName)];
  expect(answers.map(({ length }) => length)).toEqual([8, 8]);
  expect(answers[0]).not.toEqual(answers[1]);
});

test('a node that leaves is out of DNS at once, serves on for a while, and then neither accepts nor keeps connections', async () => {
  const { plane, setup } = await twoNodes();
  const agent = oneConnection();
  const ask = () => get(`http://${second}:${plane.port}/`, { agent });
  expect((await ask()).body).toBe('orders');
  await plane.configure({ ...setup, nodes: [node(first)] });
  expect(await resolverOf(plane).resolve4(dnsName)).toEqual([first]);
  expect([(await at(plane, second)).body, (await ask()).body]).toEqual(['orders', 'orders']);
  // A connection that comes at the very moment is reset.
  await eventually(async () => ((await at(plane, second)).error === 'ECONNREFUSED' ? true : undefined));
  expect((await ask()).error).toBeDefined();
  expect((await at(plane, first)).body).toBe('orders');
  agent.destroy();
});

test('a node that comes back before it was gone loses nothing; a new one serves by the newest rules', async () => {
  const { plane, setup } = await twoNodes();
  await plane.configure({ ...setup, nodes: [node(first)] });
  await plane.configure(setup);
  const answer = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200', MessageBody: 'new' } };
  const slow = { batchSeconds: 86_400, jitterSeconds: 0 };
  const nodes = [...addresses, '127.0.0.9'].map(node);
  await plane.configure({ ...setup, propagation: slow, nodes, rules: [rule('default', [], answer)] });
  const bodies = await Promise.all(nodes.map(async ({ address }) => (await at(plane, address)).body));
  expect(bodies).toEqual(['orders', 'orders', 'new']);
});

test('with cross-zone load balancing off a node reaches only the targets of its zone, and has a 503 without any', async () => {
  const [one, other] = [cleanUp(await startBackend(named('one'))), cleanUp(await startBackend(named('other')))];
  const setup = (zonal: string, zones: readonly string[]): Setup => ({
    groups: [
      group('g', [target(one.port, { zone: zones[0]! }), target(other.port, { zone: zones[1]! })], {
        ...unchecked,
        attributes: { 'load_balancing.cross_zone.enabled': zonal },
      }),
    ],
    rules: [rule('default', [], forwardTo('g'))],
  });
  const plane = cleanUp(await startDataPlane(setup('false', ['zone-0', 'zone-1'])));
  const bodies = async (address: string) =>
    new Set([await at(plane, address), await at(plane, address)].map(({ body }) => body));
  expect([await bodies(first), await bodies(second)]).toEqual([new Set(['one']), new Set(['other'])]);
  await plane.configure(setup('use_load_balancer_configuration', ['zone-0', 'zone-1']));
  expect(await bodies(second)).toEqual(new Set(['one', 'other']));
  const empty = cleanUp(await startDataPlane(setup('false', ['zone-0', 'zone-0'])));
  expect([(await at(empty, first)).status, (await at(empty, second)).status]).toEqual([200, 503]);
});
