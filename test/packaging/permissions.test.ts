/** The worker's policy allows what the worker does, and nothing else. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill, stackPlaceholders } from '../../local/stack/policies';
import { compilePolicies, type PolicyDocument } from '../../packages/local-aws/src/iam/policies';
import { actionsOf, neededFor, operationsInCode, policy, policyNames, unneeded } from './policies';

const root = join(__dirname, '..', '..');
const worker = policy('worker');

test('every action that the code can ask for is allowed, and none is that it cannot', () => {
  expect(actionsOf(worker)).toEqual(neededFor(operationsInCode()).toSorted());
});

test('the audit trail needs what its policy allows, and nothing that takes a line away', () => {
  const allowed = actionsOf(policy('worker-audit'));
  expect(allowed).toEqual(neededFor(operationsInCode('audit')).toSorted());
  expect(allowed.filter((action) => /Delete|Retention|Policy/.test(action))).toEqual([]);
});

test('news needs what its policy allows', () => {
  expect(actionsOf(policy('worker-news'))).toEqual(neededFor(operationsInCode('news')).toSorted());
});

test('the codec needs what the policies of keys allow: to read, and to have one made', () => {
  const both = [...actionsOf(policy('codec')), ...actionsOf(policy('codec-new-key'))];
  expect(both).toEqual(neededFor(operationsInCode('codec')).toSorted());
});

test.each(policyNames)('%s names every action whole, once, and says what for', (name) => {
  const statements = policy(name);
  expect(statements.filter(({ Effect }) => Effect !== 'Allow')).toEqual([]);
  const listed = statements.flatMap(({ Action, Resource, Condition }) =>
    Action.map((action) => `${action} on ${String(Resource)} ${JSON.stringify(Condition)}`),
  );
  expect(listed).toEqual([...new Set(listed)]);
  expect(actionsOf(statements).filter((action) => !/^[a-z][a-z0-9-]*:[A-Za-z]+$/.test(action))).toEqual([]);
  expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
});

test('only what AWS cannot tie to a resource is allowed on all of them', () => {
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
  const everywhere = worker.filter(({ Resource, Condition }) => Resource === '*' && Condition === undefined);
  expect(actionsOf(everywhere).filter((action) => !action.startsWith('elasticloadbalancing:Describe'))).toEqual([
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:DescribeScalingPolicies',
    'application-autoscaling:DescribeScheduledActions',
    'cloudwatch:GetMetricData',
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
    'ecs:DescribeTaskDefinition',
    'ecs:ListTaskDefinitions',
    'ecs:RegisterTaskDefinition',
  ]);
});

const filled = (name: string, placeholders = stackPlaceholders('us-east-1', 'os')): PolicyDocument =>
  JSON.parse(fill(JSON.stringify({ Statement: policy(name) }), placeholders)) as PolicyDocument;
const targetGroup = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/crm/0123456789abcdef';
const rule = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/os/1/2/*';
const ofZone = { 'aws:resourcetag/cutover:zone': ['live'] };

test.each<[string, string, string, Record<string, string[]>, boolean]>([
  ["another team's target group can't be deleted", 'elasticloadbalancing:DeleteTargetGroup', targetGroup, {}, false],
  [
    "another team's target group can't be changed",
    'elasticloadbalancing:ModifyTargetGroupAttributes',
    targetGroup,
    {},
    false,
  ],
  ['a target group of a zone can', 'elasticloadbalancing:DeleteTargetGroup', targetGroup, ofZone, true],
  [
    "another team's target group can't be made a zone's by a tag",
    'elasticloadbalancing:AddTags',
    targetGroup,
    { 'aws:requesttag/cutover:zone': ['live'] },
    false,
  ],
  [
    'a target group gets tags when it is made',
    'elasticloadbalancing:AddTags',
    targetGroup,
    { 'elasticloadbalancing:createaction': ['CreateTargetGroup'] },
    true,
  ],
  ['a target group of a zone gets tags later', 'elasticloadbalancing:AddTags', targetGroup, ofZone, true],
  ['and loses them', 'elasticloadbalancing:RemoveTags', targetGroup, ofZone, true],
  ["another team's loses none", 'elasticloadbalancing:RemoveTags', targetGroup, {}, false],
  [
    "another cluster's services lose no tag",
    'ecs:UntagResource',
    'arn:aws:ecs:us-east-1:000000000000:service/shop/crm',
    {},
    false,
  ],
  [
    'a rule gets tags when it is made',
    'elasticloadbalancing:AddTags',
    rule,
    { 'elasticloadbalancing:createaction': ['CreateRule'] },
    true,
  ],
  [
    "another load balancer's rules are out of reach",
    'elasticloadbalancing:ModifyRule',
    rule.replace('/os/', '/shop/'),
    {},
    false,
  ],
  [
    "another cluster's services are out of reach",
    'ecs:UpdateService',
    'arn:aws:ecs:us-east-1:000000000000:service/shop/crm',
    {},
    false,
  ],
  [
    'no role but the two is passed',
    'iam:PassRole',
    'arn:aws:iam::000000000000:role/admin',
    { 'iam:passedtoservice': ['ecs-tasks.amazonaws.com'] },
    false,
  ],
])('%s', (_what, action, resource, context, allowed) => {
  expect(compilePolicies([filled('worker')])({ action, resource, context }).allowed).toBe(allowed);
});

test('where adopted services are deleted, the policy for that is added, and then their target groups may go', () => {
  const both = compilePolicies([filled('worker'), filled('worker-deleting-adopted')]);
  expect(both({ action: 'elasticloadbalancing:DeleteTargetGroup', resource: targetGroup, context: {} }).allowed).toBe(
    true,
  );
});

test('an action that no call needed is found, and one that another statement allows as well', () => {
  const statements = [
    { Sid: 'Read', Effect: 'Allow', Action: ['ecs:ListTasks', 'ecs:DescribeTasks'] },
    { Sid: 'All', Effect: 'Allow', Action: ['ecs:ListTasks'] },
  ];
  const decisions = [
    { accessKeyId: 'K', action: 'ecs:ListTasks', by: ['Read', 'All'] },
    { accessKeyId: 'K', action: 'ecs:DescribeTasks', by: ['Read', 'ofAnotherPolicy'] },
  ];
  expect(unneeded(statements, decisions)).toEqual(['Read ecs:ListTasks', 'All ecs:ListTasks']);
});

test('the commands of set-it-up.md fill in every placeholder, as the local stack does', async () => {
  const place = await mkdtemp(join(tmpdir(), 'cutover-policies-'));
  await symlink(join(root, 'docs'), join(place, 'docs'));
  const [, script = ''] =
    /```sh\n(EXTERNAL_ID=[\s\S]*?)```/.exec(readFileSync(join(root, 'docs/set-it-up.md'), 'utf8')) ?? [];
  const env = { PATH: process.env['PATH'], PARTITION: 'aws', AWS_REGION: 'us-east-1', ACCOUNT: '000000000000' };
  execFileSync('sh', ['-euc', script], { cwd: place, env });
  const made = policyNames.map((name) => readFileSync(join(place, 'policies', `${name}.json`), 'utf8'));
  await rm(place, { recursive: true });
  const left = made.join().match(/\b(?!AWS\b)[A-Z]{2,}(?:_[A-Z]+)*\b/g) ?? [];
  expect([...new Set(left)]).toEqual([]);
  const name = { CLUSTER: 'outsystems', LOAD_BALANCER: 'outsystems', LOG_GROUP: '/ecs/outsystems' };
  const placeholders = { ...stackPlaceholders('us-east-1', 'outsystems'), ...name };
  const worker = policyNames.indexOf('worker');
  expect(JSON.parse(made[worker] ?? '')).toEqual({ Version: '2012-10-17', ...filled('worker', placeholders) });
});
