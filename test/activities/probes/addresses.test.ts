/** Every node of a load balancer is asked: DNS says where they are. */
import { describeAddresses } from '../../../activities/probes/nodes';
import { startNameServer, type NameServer } from '../../../packages/local-aws/src/name-server';

const route = { protocol: 'HTTP', port: 80, host: 'apps.example.com', headers: {} } as const;
const dnsName = 'internal-main-1.eu-west-1.elb.example.com';
const names = new Map<string, readonly string[]>();
let dns: NameServer;

beforeAll(async () => {
  dns = await startNameServer(0, (name) => names.get(name));
});
afterAll(() => dns.close());

test('the DNS server of the zone is asked for all addresses, and again each time', async () => {
  const resolver = dns.address;
  names.set(dnsName, ['10.0.0.1', '10.0.0.2', '2001:db8::1']);
  const first = await describeAddresses({ ...route, dnsName, resolver });
  expect(first.toSorted()).toEqual(['10.0.0.1', '10.0.0.2', '2001:db8::1']);
  names.set(dnsName, ['10.0.0.2']);
  expect(await describeAddresses({ ...route, dnsName, resolver })).toEqual(['10.0.0.2']);
});

test('a name that the DNS server of the zone does not know is said with both', async () => {
  const asked = describeAddresses({ ...route, dnsName: 'unknown.example.com', resolver: dns.address });
  await expect(asked).rejects.toThrow(`${dns.address} has no address of unknown.example.com`);
});

test('without one the system is asked', async () => {
  expect(await describeAddresses({ ...route, dnsName: '127.0.0.1' })).toEqual(['127.0.0.1']);
});
