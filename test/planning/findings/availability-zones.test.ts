import {
  areServed,
  findUnserved,
  subnetsOfNext,
  unservedSentence,
  unservedSubnets,
} from '../../../planning/findings/availability-zones';
import { slot, zoneSettings } from '../zone';

const listener = (loadBalancerDnsName: string, zonesOfSubnets?: Record<string, string>) => ({
  loadBalancerDnsName,
  ...(zonesOfSubnets && { zonesOfSubnets }),
});
const front = listener('front', { 'subnet-1': 'eu-west-1a', 'subnet-2': 'eu-west-1b' });
const inside = listener('inside', { 'subnet-1': 'eu-west-1a', 'subnet-9': 'eu-west-1c' });
const tasks = { 'subnet-3': 'eu-west-1b', 'subnet-4': 'eu-west-1c' };

test('a subnet in a zone where a load balancer is not enabled is an error, for each of the load balancers', () => {
  expect(unservedSubnets(tasks, [front, inside])).toEqual([
    { subnet: 'subnet-4', zone: 'eu-west-1c', loadBalancer: 'front' },
    { subnet: 'subnet-3', zone: 'eu-west-1b', loadBalancer: 'inside' },
  ]);
  const [found] = unservedSubnets(tasks, [front]);
  expect(findUnserved([found!])).toMatchObject([
    {
      state: 'error',
      says: expect.stringMatching(
        /^tasks may be placed in subnet-4, in eu-west-1c, where the load balancer front is not/,
      ),
      next: expect.stringMatching(/^Enable eu-west-1c for the load balancer, or leave that subnet out/),
    },
  ]);
  expect(unservedSentence(found!)).toMatch(/^Tasks may be placed in subnet-4, .*healthy\. Enable eu-west-1c for/);
  expect(findUnserved([])).toMatchObject([{ state: 'ok' }]);
});

test('EC2 is asked only where a subnet is not one of the load balancers’ own', () => {
  expect(areServed(['subnet-1'], [front, inside])).toBe(true);
  expect(areServed(['subnet-1', 'subnet-2'], [front, inside])).toBe(false);
  expect(areServed([], [front])).toBe(true);
  expect(areServed(['subnet-7'], [listener('of unknown zones')])).toBe(true);
});

test('the subnets are those of the settings, else those of the services that are there', () => {
  const settings = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-3', 'subnet-4'] } } };
  const services = ['a', 'b'].map((name) => slot(name as 'a', { settings }).service!);
  expect(subnetsOfNext(undefined, services)).toEqual(['subnet-3', 'subnet-4']);
  expect(subnetsOfNext(zoneSettings(', network: { subnets: [subnet-1] }').network, services)).toEqual(['subnet-1']);
  // On instances tasks are where the instances are.
  expect(subnetsOfNext(undefined, [slot('a', {}).service!])).toEqual([]);
});
