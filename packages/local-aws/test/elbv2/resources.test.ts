/** Load balancers, listeners and target groups: what is refused, and that creating the same one twice creates only one. */
import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { startLocalAws, type LocalAws } from '../local-aws';

let local: LocalAws;
let loadBalancerArn: string;

beforeAll(async () => {
  local = await startLocalAws();
  const made = await local.elbv2.createLoadBalancer({ Name: 'zone', Subnets: ['subnet-a', 'subnet-b'] });
  loadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
});
afterAll(() => local.close());

const group = { Name: 'orders', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-local', TargetType: 'ip' } as const;
const notFound = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }] as const;

test.each<[string, Partial<CreateTargetGroupCommandInput>, string]>([
  ['a name of 33 characters', { Name: 'a'.repeat(33) }, "cannot be longer than '32' characters"],
  ['a name with an underscore', { Name: 'my_group' }, 'can only contain characters that are alphanumeric'],
  ['a name that begins with a hyphen', { Name: '-orders' }, "cannot begin or end with '-'"],
  ['a port of 0', { Port: 0 }, 'Member must have value between 1 and 65535'],
  ['no VPC', { VpcId: undefined }, 'A VPC ID must be specified'],
  ['an interval of 4 s', { HealthCheckIntervalSeconds: 4 }, "Health check interval '4' must be between 5 and 300"],
  [
    'a timeout as long as the interval',
    { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 },
    'must be smaller',
  ],
  ['a threshold of 1', { UnhealthyThresholdCount: 1 }, 'must be between 2 and 10'],
  ['a matcher of 500', { Matcher: { HttpCode: '500' } }, "must be within '200-499'"],
])('a target group with %s is refused', async (_, over, words) => {
  const call = local.elbv2.createTargetGroup({ ...group, Name: 'refused', ...over });
  await expect(call).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining(words) });
});

test('a target group of the same name is the same one, or another with other settings is refused', async () => {
  const first = await local.elbv2.createTargetGroup(group);
  const second = await local.elbv2.createTargetGroup(group);
  expect(second.TargetGroups).toEqual(first.TargetGroups);
  await expect(local.elbv2.createTargetGroup({ ...group, Port: 81 })).rejects.toMatchObject({
    name: 'DuplicateTargetGroupNameException',
  });
});

test('a target group in use stays, one that is gone may be deleted again', async () => {
  const made = await local.elbv2.createTargetGroup({ ...group, Name: 'busy' });
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn;
  const listener = await local.elbv2.createListener({
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8081,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  });
  await expect(local.elbv2.deleteTargetGroup({ TargetGroupArn })).rejects.toMatchObject({
    name: 'ResourceInUseException',
  });
  const described = await local.elbv2.describeTargetGroups({ TargetGroupArns: [TargetGroupArn ?? ''] });
  expect(described.TargetGroups?.[0]?.LoadBalancerArns).toEqual([loadBalancerArn]);
  await local.elbv2.deleteListener({ ListenerArn: listener.Listeners?.[0]?.ListenerArn });
  await local.elbv2.deleteTargetGroup({ TargetGroupArn });
  await local.elbv2.deleteTargetGroup({ TargetGroupArn });
  await expect(local.elbv2.describeTargetGroups({ Names: ['busy'] })).rejects.toMatchObject({
    name: 'TargetGroupNotFoundException',
  });
});

test('a port of a load balancer has one listener, and its default actions are those of its default rule', async () => {
  const wanted = {
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8082,
    DefaultActions: [...notFound],
  } as const;
  const first = await local.elbv2.createListener({ ...wanted, DefaultActions: [...notFound] });
  const second = await local.elbv2.createListener({ ...wanted, DefaultActions: [...notFound] });
  expect(second.Listeners).toEqual(first.Listeners);
  const gone = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '410' } }];
  await expect(local.elbv2.createListener({ ...wanted, DefaultActions: gone })).rejects.toMatchObject({
    name: 'DuplicateListenerException',
  });
  const ListenerArn = first.Listeners?.[0]?.ListenerArn;
  await local.elbv2.modifyListener({ ListenerArn, DefaultActions: gone });
  const { Rules: rules } = await local.elbv2.describeRules({ ListenerArn });
  expect(rules).toEqual([
    expect.objectContaining({ IsDefault: true, Priority: 'default', Conditions: [], Actions: gone }),
  ]);
});

test('attributes are known ones with legal values, and none is set when one is not', async () => {
  const made = await local.elbv2.createTargetGroup({ ...group, Name: 'attributes' });
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn;
  const set = async (...pairs: [string, string][]): Promise<unknown> =>
    await local.elbv2.modifyTargetGroupAttributes({
      TargetGroupArn,
      Attributes: pairs.map(([Key, Value]) => ({ Key, Value })),
    });
  const delay = 'deregistration_delay.timeout_seconds';
  for (const [key, value] of [
    ['no.such.key', '1'],
    [delay, '3601'],
    [delay, '-1'],
    ['slow_start.duration_seconds', '29'],
    ['stickiness.enabled', 'yes'],
  ] as const) {
    await expect(set([delay, '7'], [key, value])).rejects.toMatchObject({ name: 'ValidationError' });
  }
  const { Attributes: attributes } = await local.elbv2.describeTargetGroupAttributes({ TargetGroupArn });
  expect(attributes?.find(({ Key }) => Key === delay)?.Value).toBe('300');
});

test('the 101st unique target group of a load balancer is refused', async () => {
  const { Listeners: listeners } = await local.elbv2.createListener({
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8083,
    DefaultActions: [...notFound],
  });
  const ListenerArn = listeners?.[0]?.ListenerArn;
  const outcomes: string[] = [];
  for (let index = 0; index < 21; index++) {
    const TargetGroups = [];
    for (const part of index < 20 ? [0, 1, 2, 3, 4] : [0]) {
      const made = await local.elbv2.createTargetGroup({ ...group, Name: `many-${index}-${part}` });
      TargetGroups.push({ TargetGroupArn: made.TargetGroups?.[0]?.TargetGroupArn, Weight: 1 });
    }
    const rule = {
      ListenerArn,
      Priority: index + 1,
      Conditions: [{ Field: 'path-pattern', Values: [`/${index}`] }],
      Actions: [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }],
    };
    outcomes.push(
      await local.elbv2.createRule(rule).then(
        () => 'made',
        (error: Error) => error.name,
      ),
    );
  }
  expect(outcomes.slice(0, 20)).toEqual(Array(20).fill('made'));
  expect(outcomes[20]).toBe('TooManyUniqueTargetGroupsPerLoadBalancerException');
});
