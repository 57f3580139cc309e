/** Who has policies may do what they allow, and is told of anything else in AWS's words. */
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { recordedDecisions } from '../../src/iam/decisions';
import { startLocalAws, type LocalAws } from '../local-aws';

const service = (name: string) => `arn:aws:ecs:us-east-1:000000000000:service/blue/${name}`;
const allow = (Action: string[], Resource: string, rest = {}) => ({
  Statement: [{ Sid: Action[0]?.replace(':', '') ?? '', Effect: 'Allow' as const, Action, Resource, ...rest }],
});
const policies = [
  allow(['ecs:DescribeServices'], service('*')),
  allow(['elasticloadbalancing:DescribeTargetGroups'], '*'),
  allow(['elasticloadbalancing:CreateTargetGroup'], 'arn:aws:elasticloadbalancing:*:*:targetgroup/*/*'),
  allow(['elasticloadbalancing:AddTags'], '*', {
    Condition: {
      StringEquals: { 'elasticloadbalancing:CreateAction': 'CreateTargetGroup', 'aws:RequestTag/zone': 'live' },
    },
  }),
  allow(['elasticloadbalancing:DeleteTargetGroup'], '*', {
    Condition: { StringEquals: { 'aws:ResourceTag/zone': 'live' } },
  }),
];

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws({
    keys: { NARROW: 'any', anybody: 'any', LATER: 'any' },
    identities: { users: { NARROW: { name: 'deployer', policies } }, roles: { narrow: { policies } } },
  });
});
afterAll(() => local.close());

const settings = (accessKeyId: string) => ({
  endpoint: local.aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'any' },
  maxAttempts: 1,
});
const ecs = (key = 'NARROW') => new ECSClient(settings(key));
const elb = (key = 'NARROW') => new ElasticLoadBalancingV2Client(settings(key));
const group = (Name: string, zone?: string) =>
  new CreateTargetGroupCommand({
    Name,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-0a0a0a0a0a0a0a0a0',
    TargetType: 'ip',
    ...(zone !== undefined && { Tags: [{ Key: 'zone', Value: zone }] }),
  });

test('ECS denies what no policy allows, before it looks whether the service exists', async () => {
  const call = ecs().send(new UpdateServiceCommand({ cluster: 'blue', service: 'orders', desiredCount: 0 }));
  await expect(call).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: arn:aws:iam::000000000000:user/deployer is not authorized to perform: ecs:UpdateService on resource: ${service('orders')} because no identity-based policy allows the ecs:UpdateService action`,
    $metadata: { httpStatusCode: 400 },
  });
});

test('ELBv2 denies in its own way: a tag that the condition does not name', async () => {
  await expect(elb().send(group('of-test', 'test'))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(
      'elasticloadbalancing:AddTags on resource: arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/of-test/*',
    ) as string,
    $metadata: { httpStatusCode: 403 },
  });
  await expect(elb('anybody').send(new DescribeTargetGroupsCommand({ Names: ['of-test'] }))).rejects.toThrow(
    'not found',
  );
});

test('only what bears the tag may go; strangers may do everything', async () => {
  const { TargetGroups: [own] = [] } = await elb().send(group('of-live', 'live'));
  const { TargetGroups: [other] = [] } = await elb('anybody').send(group('of-others'));
  await expect(elb().send(new DeleteTargetGroupCommand({ TargetGroupArn: other?.TargetGroupArn }))).rejects.toThrow(
    'not authorized',
  );
  await elb().send(new DeleteTargetGroupCommand({ TargetGroupArn: own?.TargetGroupArn }));
  await elb('anybody').send(new DeleteTargetGroupCommand({ TargetGroupArn: other?.TargetGroupArn }));
});

test("a role's credentials have the role's policies, and keep them when the local AWS is started again", async () => {
  const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/narrow', RoleSessionName: 'worker' });
  const { Credentials } = await new STSClient(settings('anybody')).send(assume);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  await local.restart();
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const asRole = { ...settings(AccessKeyId), credentials };
  const { Arn } = await new STSClient(asRole).send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe('arn:aws:sts::000000000000:assumed-role/narrow/worker');
  const update = new UpdateServiceCommand({ cluster: 'blue', service: 'orders', desiredCount: 0 });
  const withoutToken = { ...asRole, credentials: { ...credentials, sessionToken: 'another' } };
  await expect(new ECSClient(withoutToken).send(update)).rejects.toThrow('security token');
  await expect(new ECSClient(asRole).send(update)).rejects.toThrow(
    `User: ${Arn} is not authorized to perform: ecs:UpdateService`,
  );
});

test('policies come and change by the control port; one that cannot be read changes nothing', async () => {
  const post = async (body: object) =>
    await fetch(`${local.aws.controlUrl}/identities`, { method: 'POST', body: JSON.stringify(body) });
  const describe = () => ecs('LATER').send(new DescribeServicesCommand({ cluster: 'blue', services: ['orders'] }));
  await post({ users: { LATER: { policies: [] } } });
  await expect(describe()).rejects.toThrow('because no identity-based policy allows the ecs:DescribeServices action');
  const refused = await post({ users: { LATER: { policies: [{ Statement: [{ Effect: 'Allow' }] }] } } });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.stringContaining('needs either Action') as string },
  ]);
  await expect(describe()).rejects.toThrow('not authorized');
  await post({
    users: {
      LATER: {
        policies: [
          {
            Statement: [
              { Effect: 'Allow', Action: '*', Resource: '*' },
              { Effect: 'Deny', Action: 'ecs:Describe*', Resource: '*' },
            ],
          },
        ],
      },
    },
  });
  await expect(describe()).rejects.toThrow('with an explicit deny in an identity-based policy');
});

test('what a policy was needed for is on record, statement by statement', () => {
  const decisions = recordedDecisions(local.folder, 'NARROW');
  expect(decisions).toContainEqual({
    accessKeyId: 'NARROW',
    action: 'elasticloadbalancing:CreateTargetGroup',
    by: ['elasticloadbalancingCreateTargetGroup'],
  });
  expect(decisions).toContainEqual({ accessKeyId: 'NARROW', action: 'ecs:UpdateService', refused: service('orders') });
});
