/** Listener rules as a deployer finds them on AWS, beginning with what is refused. */
import type { CreateRuleCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createZone } from '../ecs/zone';
import { startLocalAws, type LocalAws } from '../local-aws';

let local: LocalAws;
let loadBalancerArn: string;
let listenerArn: string;
let groups: string[];
let priority = 1;

beforeAll(async () => {
  local = await startLocalAws();
  const { elbv2 } = local;
  const { LoadBalancers: balancers } = await elbv2.createLoadBalancer({
    Name: 'zone',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  loadBalancerArn = balancers?.[0]?.LoadBalancerArn ?? '';
  groups = [];
  for (const name of ['g0', 'g1', 'g2', 'g3', 'g4', 'g5']) groups.push(await createGroup(name));
  const { Listeners: listeners } = await elbv2.createListener({
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: groups[0] }],
  });
  listenerArn = listeners?.[0]?.ListenerArn ?? '';
});
afterAll(() => local.close());

async function createGroup(Name: string): Promise<string> {
  const { TargetGroups: made } = await local.elbv2.createTargetGroup({
    Name,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-local',
    TargetType: 'ip',
  });
  return made?.[0]?.TargetGroupArn ?? '';
}

function ruleWith(over: Partial<CreateRuleCommandInput>): CreateRuleCommandInput {
  return {
    ListenerArn: listenerArn,
    Priority: priority++,
    Conditions: [{ Field: 'path-pattern', Values: ['/Orders', '/Orders/*'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: groups[1] }],
    ...over,
  };
}

const path = (Values: string[]): CreateRuleCommandInput['Conditions'] => [{ Field: 'path-pattern', Values }];
const rewrite = (Regex: string): CreateRuleCommandInput['Transforms'] => [
  { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex, Replace: '/Orders$1' }] } },
];
const regex = (...RegexValues: string[]): CreateRuleCommandInput['Conditions'] => [
  { Field: 'path-pattern', PathPatternConfig: { RegexValues } },
];
const forward = (...weights: number[]): CreateRuleCommandInput['Actions'] => [
  {
    Type: 'forward',
    ForwardConfig: { TargetGroups: weights.map((Weight, i) => ({ TargetGroupArn: groups[i], Weight })) },
  },
];

const loggedIn: NonNullable<CreateRuleCommandInput['Actions']> = [
  {
    Type: 'authenticate-cognito',
    Order: 1,
    AuthenticateCognitoConfig: { UserPoolArn: 'arn', UserPoolClientId: 'apps', UserPoolDomain: 'apps' },
  },
  { Type: 'fixed-response', Order: 2, FixedResponseConfig: { StatusCode: '200' } },
];

test.each<[string, () => Partial<CreateRuleCommandInput>, string]>([
  ['a priority of 0', () => ({ Priority: 0 }), 'ValidationError'],
  ['a priority above 50000', () => ({ Priority: 50_001 }), 'ValidationError'],
  ['a listener that is not there', () => ({ ListenerArn: `${listenerArn}0` }), 'ListenerNotFoundException'],
  [
    'a target group that is not there',
    () => ({ Actions: [{ Type: 'forward', TargetGroupArn: `${groups[0]}0` }] }),
    'TargetGroupNotFoundException',
  ],
  ['no condition', () => ({ Conditions: [] }), 'ValidationError'],
  ['a condition without a value', () => ({ Conditions: path([]) }), 'ValidationError'],
  [
    'two path conditions',
    () => ({ Conditions: [...(path(['/a']) ?? []), ...(path(['/b']) ?? [])] }),
    'ValidationError',
  ],
  ['six condition values', () => ({ Conditions: path(['/a', '/b', '/c', '/d', '/e', '/f']) }), 'ValidationError'],
  ['four match evaluations in a condition', () => ({ Conditions: path(['/a', '/b', '/c', '/d']) }), 'ValidationError'],
  ['seven wildcards', () => ({ Conditions: path(['/*/*/*', '/*/*/*', '/*']) }), 'ValidationError'],
  ['a value of 129 characters', () => ({ Conditions: path([`/${'a'.repeat(128)}`]) }), 'ValidationError'],
  ['a character that a path cannot have', () => ({ Conditions: path(['/Bestellungen für alle']) }), 'ValidationError'],
  ['look-ahead', () => ({ Conditions: regex('^/(?!Orders)') }), 'ValidationError'],
  ['look-behind', () => ({ Conditions: regex('(?<=/)Orders') }), 'ValidationError'],
  ['a backreference', () => ({ Conditions: regex('^/(a)\\1') }), 'ValidationError'],
  ['a possessive quantifier', () => ({ Conditions: regex('^/a*+') }), 'ValidationError'],
  ['an atomic group', () => ({ Conditions: regex('^/(?>a)') }), 'ValidationError'],
  ['a Unicode property', () => ({ Conditions: regex('^/\\p{L}') }), 'ValidationError'],
  ['an inline flag', () => ({ Conditions: regex('(?i)^/orders') }), 'ValidationError'],
  ['an inline flag of a group', () => ({ Conditions: regex('^/(?i:orders)') }), 'ValidationError'],
  ['an inline flag in a rewrite', () => ({ Transforms: rewrite('(?i)^/orders(.*)$') }), 'ValidationError'],
  ['a regular expression that does not parse', () => ({ Conditions: regex('^/(Orders') }), 'ValidationError'],
  ['a regular expression of 129 characters', () => ({ Conditions: regex(`^/${'a'.repeat(127)}`) }), 'ValidationError'],
  ['a weight of 1000', () => ({ Actions: forward(1000) }), 'ValidationError'],
  ['a negative weight', () => ({ Actions: forward(-1, 1) }), 'ValidationError'],
  ['six target groups in an action', () => ({ Actions: forward(1, 1, 1, 1, 1, 1) }), 'TooManyTargetGroupsException'],
  ['no routing action', () => ({ Actions: [] }), 'InvalidLoadBalancerActionException'],
  ['a login on an HTTP listener', () => ({ Actions: loggedIn }), 'InvalidLoadBalancerActionException'],
])('a rule with %s is refused and leaves nothing behind', async (_, over, code) => {
  const before = await local.elbv2.describeRules({ ListenerArn: listenerArn });
  await expect(local.elbv2.createRule(ruleWith(over()))).rejects.toMatchObject({ name: code });
  const after = await local.elbv2.describeRules({ ListenerArn: listenerArn });
  expect(after.Rules).toEqual(before.Rules);
});

test('a login is for HTTPS listeners, also as what a listener does by default, and keeps them what they are', async () => {
  const body = JSON.stringify({ names: ['apps.example.com'] });
  const answer = await fetch(`${local.aws.controlUrl}/certificates`, { method: 'POST', body });
  const { arn: CertificateArn } = (await answer.json()) as { arn: string };
  const listenOn = (Protocol: 'HTTP' | 'HTTPS', more: object = {}) =>
    local.elbv2.createListener({
      LoadBalancerArn: loadBalancerArn,
      Protocol,
      Port: 8443,
      DefaultActions: loggedIn,
      ...more,
    });
  const refusal = {
    name: 'InvalidLoadBalancerActionException',
    message: "Actions of type 'authenticate-cognito' are supported only on HTTPS listeners",
  };
  await expect(listenOn('HTTP')).rejects.toMatchObject(refusal);
  const { Listeners: [made] = [] } = await listenOn('HTTPS', { Certificates: [{ CertificateArn }] });
  const toPlain = { ListenerArn: made?.ListenerArn, Protocol: 'HTTP' as const, Certificates: [] };
  await expect(local.elbv2.modifyListener(toPlain)).rejects.toMatchObject(refusal);
  const { Listeners: [still] = [] } = await local.elbv2.describeListeners({ ListenerArns: [made?.ListenerArn ?? ''] });
  expect(still?.Protocol).toBe('HTTPS');
  await local.elbv2.deleteListener({ ListenerArn: made?.ListenerArn });
});

test('a sticky target group shares a rule only where the rule keeps clients on their group, even at weight 0', async () => {
  const sticky = await createGroup('sticky');
  await local.elbv2.modifyTargetGroupAttributes({
    TargetGroupArn: sticky,
    Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
  });
  const shared = (Enabled: boolean): CreateRuleCommandInput['Actions'] => [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: sticky, Weight: 0 },
          { TargetGroupArn: groups[1], Weight: 1 },
        ],
        TargetGroupStickinessConfig: { Enabled, ...(Enabled && { DurationSeconds: 1 }) },
      },
    },
  ];
  await expect(local.elbv2.createRule(ruleWith({ Actions: shared(false) }))).rejects.toThrow(
    /group stickiness must be/,
  );
  await expect(local.elbv2.createRule(ruleWith({ Actions: shared(true) }))).resolves.toMatchObject({ Rules: [{}] });
});

test('an inline flag is taken where the local AWS is started so, and what only looks like one always', async () => {
  const escaped = await local.elbv2.createRule(ruleWith({ Conditions: regex('^/\\(?i[(?i)]$') }));
  await local.elbv2.deleteRule({ RuleArn: escaped.Rules?.[0]?.RuleArn });
  const lenient = await startLocalAws({ allowInlineFlags: true });
  try {
    const { listenerArn: ListenerArn } = await createZone(lenient);
    const Actions = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200' } }];
    const given = { Conditions: regex('(?i)^/orders$'), Transforms: rewrite('(?i)^/orders(.*)$') };
    const made = await lenient.elbv2.createRule({ ListenerArn, Priority: 1, Actions, ...given });
    expect(made.Rules?.[0]?.Conditions?.[0]?.PathPatternConfig?.RegexValues).toEqual(['(?i)^/orders$']);
  } finally {
    await lenient.close();
  }
});

test('the default rule can be neither modified nor deleted nor moved', async () => {
  const { Rules: rules } = await local.elbv2.describeRules({ ListenerArn: listenerArn });
  const RuleArn = rules?.at(-1)?.RuleArn ?? '';
  const denied = { name: 'OperationNotPermittedException' };
  await expect(local.elbv2.deleteRule({ RuleArn })).rejects.toMatchObject(denied);
  await expect(local.elbv2.modifyRule({ RuleArn, Actions: forward(1) })).rejects.toMatchObject(denied);
  await expect(local.elbv2.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 7 }] })).rejects.toMatchObject(
    denied,
  );
});

test('a priority in use is refused, a whole swap in one call is not', async () => {
  const first = await local.elbv2.createRule(ruleWith({ Priority: 1000 }));
  const second = await local.elbv2.createRule(ruleWith({ Priority: 1001 }));
  await expect(local.elbv2.createRule(ruleWith({ Priority: 1000 }))).rejects.toMatchObject({
    name: 'PriorityInUseException',
    message: "Priority '1000' is currently in use",
  });
  const [RuleArn = '', other = ''] = [first, second].map(({ Rules: rules }) => rules?.[0]?.RuleArn);
  await expect(local.elbv2.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 1001 }] })).rejects.toMatchObject({
    name: 'PriorityInUseException',
  });
  await local.elbv2.setRulePriorities({
    RulePriorities: [
      { RuleArn, Priority: 1001 },
      { RuleArn: other, Priority: 1000 },
    ],
  });
  const { Rules: rules } = await local.elbv2.describeRules({ RuleArns: [RuleArn, other] });
  expect(rules?.map((rule) => rule.Priority)).toEqual(['1001', '1000']);
});

test('rules come by priority over all pages, the default one last', async () => {
  await local.elbv2.createRule(ruleWith({ Priority: 40_000 }));
  await local.elbv2.createRule(ruleWith({ Priority: 30_000 }));
  const priorities: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await local.elbv2.describeRules({ ListenerArn: listenerArn, PageSize: 2, Marker });
    priorities.push(...(page.Rules ?? []).map((rule) => rule.Priority ?? ''));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  expect(priorities.at(-1)).toBe('default');
  const numbers = priorities.slice(0, -1).map(Number);
  expect(numbers).toEqual(numbers.toSorted((one, two) => one - two));
  expect(numbers).toEqual(expect.arrayContaining([30_000, 40_000]));
});

test('a rule keeps what a modification does not name, and replaces lists whole', async () => {
  const Transforms = [
    { Type: 'url-rewrite' as const, UrlRewriteConfig: { Rewrites: [{ Regex: '^/a', Replace: '/b' }] } },
  ];
  const made = await local.elbv2.createRule(ruleWith({ Conditions: regex('^/(Orders|OrdersAPI)(/.*)?$'), Transforms }));
  const RuleArn = made.Rules?.[0]?.RuleArn ?? '';
  const cut = await local.elbv2.modifyRule({ RuleArn, Actions: forward(0, 100) });
  expect(cut.Rules?.[0]?.Conditions).toEqual(made.Rules?.[0]?.Conditions);
  expect(cut.Rules?.[0]?.Transforms).toEqual(Transforms);
  expect(cut.Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight)).toEqual([0, 100]);
  const reset = await local.elbv2.modifyRule({ RuleArn, ResetTransforms: true });
  expect(reset.Rules?.[0]?.Transforms).toEqual([]);
});

test('a path given in the older way is described in both', async () => {
  const made = await local.elbv2.createRule(ruleWith({ Conditions: path(['/Crm']) }));
  expect(made.Rules?.[0]?.Conditions).toEqual([
    { Field: 'path-pattern', Values: ['/Crm'], PathPatternConfig: { Values: ['/Crm'] } },
  ]);
});

test('a target group of one load balancer cannot serve another', async () => {
  const { LoadBalancers: others } = await local.elbv2.createLoadBalancer({
    Name: 'other',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  await expect(
    local.elbv2.createListener({
      LoadBalancerArn: others?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 8081,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: groups[0] }],
    }),
  ).rejects.toMatchObject({ name: 'TargetGroupAssociationLimitException' });
});

test('the 101st rule of a load balancer is refused', async () => {
  const { Rules: had } = await local.elbv2.describeRules({ ListenerArn: listenerArn });
  for (let count = (had?.length ?? 1) - 1; count < 100; count++)
    await local.elbv2.createRule(ruleWith({ Priority: 2000 + count }));
  await expect(local.elbv2.createRule(ruleWith({ Priority: 5000 }))).rejects.toMatchObject({
    name: 'TooManyRulesException',
  });
});
