/** Hosted zones whose records are answered as Route 53 answers: by the health of the load balancer that they are aliases of. */
import { Resolver } from 'node:dns/promises';
import { Route53, type Change, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../local-aws';

let local: LocalAws;
let route53: Route53;
let loadBalancer: { arn: string; name: string; zone: string };
beforeAll(async () => {
  local = await startLocalAws();
  route53 = new Route53({
    endpoint: local.aws.endpoint,
    region: 'us-east-1',
    credentials: testCredentials,
    maxAttempts: 1,
  });
  const { LoadBalancers = [] } = await local.elbv2.createLoadBalancer({
    Name: 'apps',
    Subnets: ['subnet-1', 'subnet-2'],
  });
  const { LoadBalancerArn: arn = '', DNSName: name = '', CanonicalHostedZoneId: zone = '' } = LoadBalancers[0] ?? {};
  loadBalancer = { arn, name, zone };
});
afterAll(() => local.close());

const create = async (Name: string, CallerReference = Name) =>
  await route53.createHostedZone({ Name, CallerReference });
const change = async (HostedZoneId: string | undefined, ...Changes: Change[]) =>
  await route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
const to = (Action: Change['Action'], ResourceRecordSet: ResourceRecordSet): Change => ({ Action, ResourceRecordSet });

const primary = (name: string): ResourceRecordSet => ({
  Name: name,
  Type: 'A',
  SetIdentifier: 'first',
  Failover: 'PRIMARY',
  AliasTarget: { HostedZoneId: loadBalancer.zone, DNSName: loadBalancer.name, EvaluateTargetHealth: true },
});
const secondary = (name: string): ResourceRecordSet => ({
  Name: name,
  Type: 'A',
  SetIdentifier: 'second',
  Failover: 'SECONDARY',
  TTL: 60,
  ResourceRecords: [{ Value: '192.0.2.1' }],
});

function resolve(name: string): Promise<string[]> {
  const resolver = new Resolver();
  resolver.setServers([local.aws.hostedZones]);
  return resolver.resolve4(name).catch(({ code }: NodeJS.ErrnoException) => [String(code)]);
}

test('a change is PENDING until the name servers have it, and INSYNC from then on', async () => {
  const { HostedZone, DelegationSet } = await create('Pending.test');
  expect(HostedZone).toMatchObject({ Name: 'pending.test.', ResourceRecordSetCount: 2 });
  expect(DelegationSet?.NameServers).toHaveLength(4);
  const record = { Name: 'www.pending.test', Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '192.0.2.7' }] };
  const { ChangeInfo } = await change(HostedZone?.Id, to('CREATE', record));
  expect(ChangeInfo?.Status).toBe('PENDING');
  expect(await resolve('www.pending.test')).toEqual(['ENOTFOUND']);
  const status = async () => (await route53.getChange({ Id: ChangeInfo?.Id })).ChangeInfo?.Status;
  await eventually(status, (now) => now === 'INSYNC');
  expect(await resolve('WWW.pending.test')).toEqual(['192.0.2.7']);
  expect(await resolve('other.pending.test')).toEqual(['ENOTFOUND']);
});

test('a failover alias gives way while the load balancer is unhealthy, and comes back', async () => {
  const { HostedZone } = await create('failover.test');
  await change(HostedZone?.Id, to('CREATE', primary('failover.test')), to('UPSERT', secondary('failover.test')));
  const nodes = await eventually(
    () => resolve('failover.test'),
    ([first = '']) => first.startsWith('127.'),
  );
  expect(nodes).not.toContain('192.0.2.1');
  const { TargetGroups = [] } = await local.elbv2.createTargetGroup({
    Name: 'slow',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
  });
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn;
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  await local.elbv2.createListener({ LoadBalancerArn: loadBalancer.arn, Protocol: 'HTTP', Port: 80, DefaultActions });
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: 9 }] });
  await eventually(
    () => resolve('failover.test'),
    (answer) => answer.join() === '192.0.2.1',
  );
  await local.elbv2.deregisterTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: 9 }] });
  await eventually(
    () => resolve('failover.test'),
    ([first = '']) => first.startsWith('127.'),
  );
});

test('records and tags are listed, survive a restart, and a zone goes only when its records are gone', async () => {
  const { HostedZone: { Id } = {} } = await create('tagged.test');
  await change(Id, to('CREATE', primary('tagged.test')), to('CREATE', secondary('tagged.test')));
  await route53.changeTagsForResource({
    ResourceType: 'hostedzone',
    ResourceId: Id?.replace('/hostedzone/', ''),
    AddTags: [
      { Key: 'team', Value: 'sales' },
      { Key: 'gone', Value: '' },
    ],
    RemoveTagKeys: ['gone'],
  });
  await local.restart();
  route53 = new Route53({ endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials });
  const { ResourceTagSet } = await route53.listTagsForResource({
    ResourceType: 'hostedzone',
    ResourceId: Id?.slice(12),
  });
  expect(ResourceTagSet?.Tags).toEqual([{ Key: 'team', Value: 'sales' }]);
  const first = await route53.listResourceRecordSets({ HostedZoneId: Id, MaxItems: 3 });
  expect(first).toMatchObject({ IsTruncated: true, NextRecordName: 'tagged.test.' });
  const rest = await route53.listResourceRecordSets({
    HostedZoneId: Id,
    StartRecordName: first.NextRecordName,
    StartRecordType: first.NextRecordType,
    StartRecordIdentifier: first.NextRecordIdentifier,
  });
  const sets = [...(first.ResourceRecordSets ?? []), ...(rest.ResourceRecordSets ?? [])];
  expect(sets.map(({ Type, SetIdentifier = '' }) => `${Type}${SetIdentifier}`)).toEqual([
    'Afirst',
    'Asecond',
    'NS',
    'SOA',
  ]);
  await expect(route53.deleteHostedZone({ Id })).rejects.toMatchObject({ name: 'HostedZoneNotEmpty' });
  await change(Id, ...sets.slice(0, 2).map((set) => to('DELETE', set)));
  await route53.deleteHostedZone({ Id });
  const { HostedZones = [] } = await route53.listHostedZones({});
  expect(HostedZones.map(({ Id: id }) => id)).not.toContain(Id);
  await expect(route53.getHostedZone({ Id })).rejects.toMatchObject({ name: 'NoSuchHostedZone' });
});

test('what Route 53 refuses is refused with its code, and nothing of the batch is done', async () => {
  const { HostedZone: { Id } = {} } = await create('refused.test');
  await change(Id, to('CREATE', secondary('refused.test')));
  const refusals: [Change, string, RegExp][] = [
    [to('CREATE', secondary('refused.test')), 'InvalidChangeBatch', /but it already exists/],
    [to('DELETE', primary('refused.test')), 'InvalidChangeBatch', /but it was not found/],
    [to('DELETE', { ...secondary('refused.test'), TTL: 5 }), 'InvalidChangeBatch', /do not match the current values/],
    [to('CREATE', secondary('elsewhere.test')), 'InvalidChangeBatch', /is not permitted in zone refused.test./],
    [
      to('CREATE', { ...secondary('a.refused.test'), ResourceRecords: [{ Value: 'x' }] }),
      'InvalidChangeBatch',
      /IllegalIPAddress/,
    ],
    [
      to('CREATE', {
        ...primary('a.refused.test'),
        AliasTarget: { HostedZoneId: 'Z1', DNSName: 'x.test', EvaluateTargetHealth: true },
      }),
      'InvalidChangeBatch',
      /does not lie within the target zone/,
    ],
    [to('CREATE', { ...secondary('a.refused.test'), Weight: 1 }), 'InvalidInput', /no Weight/],
    [to('CREATE', { ...secondary('a.refused.test'), Type: 'TXT' }), 'InvalidInput', /A and AAAA only/],
  ];
  for (const [wrong, name, message] of refusals)
    await expect(change(Id, to('CREATE', primary('b.refused.test')), wrong)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  expect((await route53.getHostedZone({ Id })).HostedZone?.ResourceRecordSetCount).toBe(3);
  await expect(create('other.test', 'refused.test')).rejects.toMatchObject({ name: 'HostedZoneAlreadyExists' });
  await expect(create('test')).rejects.toMatchObject({ name: 'InvalidDomainName' });
  await expect(route53.getChange({ Id: 'C1' })).rejects.toMatchObject({ name: 'NoSuchChange' });
});
