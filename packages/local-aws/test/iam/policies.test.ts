/** Policies decide as another implementation of the same rules does. */
import fc from 'fast-check';
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { compilePolicies, type Authorization, type PolicyDocument } from '../../src/iam/policies';

const service = 'arn:aws:ecs:eu-west-1:000000000000:service';
const resources = [`${service}/blue/orders`, `${service}/blue/orders-b`, `${service}/green/orders`];

const some = <Value>(...values: Value[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const actions = some('ecs:UpdateService', 'ecs:updateservice', 'ecs:Update*', 'ecs:DeleteServic?', 'ecs:*', '*');
const patterns = some(...resources, '*', `${service}/blue/*`, `${service}/*`, 'arn:aws:ecs:*:*:service/*/orders');
const texts = some('production', 'prod*', 'PRODUCTION', 'test');
const clusters = some(
  'arn:aws:ecs:eu-west-1:000000000000:cluster/blue',
  'arn:aws:ecs:*:*:cluster/*',
  'arn:aws:ecs:*:*:cluster/green',
);
const stringOperators = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'];
const named = (operators: readonly string[]) =>
  fc.constantFrom(...operators, ...operators.map((name) => `${name}IfExists`));
const conditions = fc.oneof(
  fc.record({
    operator: named(stringOperators),
    key: fc.constantFrom('aws:ResourceTag/stage', 'aws:resourcetag/Stage'),
    values: texts,
  }),
  fc.record({
    operator: named(['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike']),
    key: fc.constant('ecs:cluster'),
    values: clusters,
  }),
  fc.record({
    operator: fc.constant('Null'),
    key: fc.constant('aws:ResourceTag/stage'),
    values: some('true', 'false').map((one) => one.slice(0, 1)),
  }),
  fc.record({
    operator: fc.constantFrom('ForAllValues:StringEquals', 'ForAnyValue:StringLike', 'ForAllValues:StringNotLike'),
    key: fc.constant('aws:TagKeys'),
    values: some('stage', 'st*', 'owner'),
  }),
);
const statements = fc.record({
  Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
  action: fc.tuple(fc.constantFrom('Action', 'Action', 'NotAction'), actions),
  resource: fc.tuple(fc.constantFrom('Resource', 'Resource', 'NotResource'), patterns),
  conditions: fc.array(conditions, { maxLength: 2 }),
});
const documents = fc.array(statements, { minLength: 1, maxLength: 3 }).map((drawn): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: drawn.map(({ Effect, action, resource, conditions: drawnConditions }, index) => ({
    Sid: `S${index}`,
    Effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...(drawnConditions.length > 0 && {
      Condition: Object.fromEntries(drawnConditions.map(({ operator, key, values }) => [operator, { [key]: values }])),
    }),
  })),
}));
const asked = fc
  .record({
    action: fc.constantFrom('ecs:UpdateService', 'ecs:DeleteService'),
    resource: fc.constantFrom(...resources),
    stage: fc.option(fc.constantFrom('production', 'test'), { nil: undefined }),
    cluster: fc.option(fc.constantFrom('blue', 'green'), { nil: undefined }),
    keys: fc.option(some('stage', 'owner'), { nil: undefined }),
  })
  .map(({ action, resource, stage, cluster, keys }): Authorization => ({
    action,
    resource,
    context: {
      ...(stage !== undefined && { 'aws:resourcetag/stage': [stage] }),
      ...(cluster !== undefined && { 'ecs:cluster': [`arn:aws:ecs:eu-west-1:000000000000:cluster/${cluster}`] }),
      ...(keys !== undefined && { 'aws:tagkeys': keys }),
    },
  }));

/** Other people's answer to the same question. */
function simulated(policy: PolicyDocument, { action, resource, context }: Authorization): string {
  const single = Object.entries(context).map(([key, values]) => [
    key,
    key === 'aws:tagkeys' ? [...values] : (values[0] ?? ''),
  ]);
  return runUnsafeSimulation(
    {
      request: {
        principal: 'arn:aws:iam::000000000000:user/local',
        action,
        resource: { resource, accountId: '000000000000' },
        contextVariables: Object.fromEntries(single) as Record<string, string | string[]>,
      },
      identityPolicies: [{ name: 'one', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
}

function decided(policy: PolicyDocument, question: Authorization): string {
  const verdict = compilePolicies([policy])(question);
  if (verdict.allowed) return 'Allowed';
  return verdict.explicitly ? 'ExplicitlyDenied' : 'ImplicitlyDenied';
}

test('whatever statements, resources and conditions there are, the decision is the one that others come to', () => {
  fc.assert(
    fc.property(documents, asked, (policy, question) => {
      expect(decided(policy, question)).toBe(simulated(policy, question));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['a principal', { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }, 'has a Principal'],
  ['no resource', { Effect: 'Allow', Action: '*' }, 'needs either Resource or NotResource'],
  ['no effect', { Action: '*', Resource: '*' }, 'no Effect'],
  ['a resource that is no ARN', { Effect: 'Allow', Action: '*', Resource: 'orders' }, 'not an ARN'],
  [
    'an unknown operator',
    { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringIs: { a: 'b' } } },
    '"StringIs"',
  ],
  [
    'a variable',
    { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringLike: { a: '${aws:username}' } } },
    'variables',
  ],
])('a policy with %s is refused rather than misread', (_what, statement, why) => {
  expect(() => compilePolicies([{ Statement: statement as never }])).toThrow(why);
});
