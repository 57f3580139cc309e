/** Subnets, VPCs and security groups, in EC2's own protocol: tools look them up before they create a service. */
import { startLocalAws, type LocalAws } from '../local-aws';
import { signed } from '../signed';

let local: LocalAws;

beforeAll(async () => {
  local = await startLocalAws();
  await local.elbv2.createLoadBalancer({ Name: 'zone', Subnets: ['subnet-a', 'subnet-b'], SecurityGroups: ['sg-web'] });
});
afterAll(() => local.close());

async function ec2(form: string): Promise<[number, string]> {
  const body = `Version=2016-11-15&${form}`;
  const response = await fetch(local.aws.endpoint, await signed(local.aws.endpoint, { service: 'ec2', body }));
  return [response.status, await response.text()];
}

test.each([
  ['Action=DescribeSubnets&SubnetId.1=subnet-z', 'InvalidSubnetID.NotFound'],
  ['Action=DescribeVpcs&VpcId.1=vpc-z', 'InvalidVpcID.NotFound'],
  ['Action=DescribeSecurityGroups&GroupId.1=sg-z', 'InvalidGroup.NotFound'],
  ['Action=DescribeSubnets&Filter.1.Name=colour&Filter.1.Value.1=red', 'InvalidParameterValue'],
  ['Action=RunInstances', 'InvalidAction'],
])('%s is refused with %s', async (form, code) => {
  const [status, body] = await ec2(form);
  expect(status).toBe(400);
  expect(body).toContain(
    `<Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><Errors><Error><Code>${code}</Code>`,
  );
});

test('what a load balancer names is there, and is filtered as it is asked for', async () => {
  const [, all] = await ec2('Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-*');
  expect(all).toMatch(/<subnetSet><item><subnetId>subnet-a<\/subnetId>.*<subnetId>subnet-b<\/subnetId>/);
  const [, one] = await ec2('Action=DescribeSubnets&SubnetId.1=subnet-b');
  expect(one).not.toContain('subnet-a');
  expect((await ec2('Action=DescribeSecurityGroups'))[1]).toContain('<groupId>sg-web</groupId>');
  expect((await ec2('Action=DescribeVpcs'))[1]).toContain('<vpcId>vpc-local</vpcId>');
});

test('what is registered by an instance’s ID is an instance, with an address of its own', async () => {
  const { TargetGroups = [] } = await local.elbv2.createTargetGroup({
    Name: 'by-instances',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-local',
    TargetType: 'instance',
  });
  const Targets = [{ Id: 'i-0123456789abc0a0b' }, { Id: 'i-0123456789abc0a0c' }];
  await local.elbv2.registerTargets({ TargetGroupArn: TargetGroups[0]?.TargetGroupArn, Targets });
  const [, found] = await ec2(
    'Action=DescribeInstances&Filter.1.Name=instance-id&Filter.1.Value.1=i-0123456789abc0a0b&Filter.1.Value.2=i-00000000000000000',
  );
  expect(found).toMatch(
    /<reservationSet><item><ownerId>.*<instanceId>i-0123456789abc0a0b<.*<privateIpAddressesSet><item><privateIpAddress>10\.0\.10\.11</,
  );
  expect(found).not.toContain('0a0c');
  expect(await ec2('Action=DescribeInstances&InstanceId.1=i-00000000000000000')).toEqual([
    400,
    expect.stringContaining('InvalidInstanceID.NotFound'),
  ]);
});

test('a subnet is in the zone that its place in the list of who names it first gives it, and until then there is none', async () => {
  const third = 'subnet-0c0c0c0c0c0c0c0c0';
  const asked = `Action=DescribeSubnets&SubnetId.1=subnet-a&SubnetId.2=${third}`;
  const [status, refusal] = await ec2(asked);
  expect([status, /<Message>(.*)<.Message>/.exec(refusal)?.[1]]).toEqual([
    400,
    `The subnet ID &apos;${third}&apos; does not exist`,
  ]);
  await local.elbv2.createLoadBalancer({ Name: 'wider', Subnets: ['subnet-a', 'subnet-b', third] });
  const [, found] = await ec2(asked);
  expect([...found.matchAll(/<availabilityZone>([^<]*)/g)].map(([, zone]) => zone)).toEqual([
    'us-east-1a',
    'us-east-1c',
  ]);
});
