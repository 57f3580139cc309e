/** Where the load balancer isn't enabled, as EC2 and Elastic Load Balancing say it, against the local AWS. */
import { describeUnserved } from '../../../../activities/aws/ec2/subnets';
import { describeListener } from '../../../../activities/aws/elb/listener-rules';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => {
  zone = await startLocalZone();
});
afterAll(() => zone.close());

const third = 'subnet-0c0c0c0c0c0c0c0c0';
const calls = async () => (await zone.calls())['ec2:DescribeSubnets'] ?? 0;

test('a subnet that does not exist is named', async () => {
  const through = [await describeListener(zone.clients.elb, zone.listenerArn)];
  for (const missing of ['subnet-typo', third])
    await expect(describeUnserved(zone.clients, ['subnet-1', missing], through)).rejects.toMatchObject({
      type: 'NotFound',
      message: expect.stringContaining(`The subnet ID '${missing}' does not exist`),
    });
});

test('a third subnet is in a zone where the load balancer is not enabled, and one call tells', async () => {
  const through = [await describeListener(zone.clients.elb, zone.listenerArn)];
  const subnets = ['subnet-1', 'subnet-2', third];
  await zone.local.elbv2.createLoadBalancer({ Name: 'wider', Subnets: subnets });
  const before = await calls();
  expect(await describeUnserved(zone.clients, subnets, through)).toMatchObject([{ subnet: third, zone: 'us-east-1c' }]);
  expect(await calls()).toBe(before + 1);
});

test('for the load balancer’s own subnets EC2 is not asked', async () => {
  const before = await calls();
  const through = [await describeListener(zone.clients.elb, zone.listenerArn)];
  expect(await describeUnserved(zone.clients, ['subnet-2'], through)).toEqual([]);
  expect(await calls()).toBe(before);
});
