/** The worker's policy allows what the worker does, and nothing else. */
import { actionsOf, neededFor, operationsInCode, policy, policyNames } from './policies';

const worker = policy('worker');

test('every action that the code can ask for is allowed, and none is that it cannot', () => {
  expect(actionsOf(worker)).toEqual(neededFor(operationsInCode()).toSorted());
});

test.each(policyNames)('%s names every action whole, once, and says what for', (name) => {
  const statements = policy(name);
  expect(statements.filter(({ Effect }) => Effect !== 'Allow')).toEqual([]);
  expect(actionsOf(statements)).toEqual([...new Set(actionsOf(statements))]);
  expect(actionsOf(statements).filter((action) => !/^[a-z-]+:[A-Za-z]+$/.test(action))).toEqual([]);
  expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
});

test('only what AWS cannot tie to a resource is allowed on all of them', () => {
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
  const everywhere = worker.filter(({ Resource, Condition }) => Resource === '*' && Condition === undefined);
  expect(actionsOf(everywhere).filter((action) => !action.startsWith('elasticloadbalancing:Describe'))).toEqual([
    'application-autoscaling:DescribeScalableTargets',
    'cloudwatch:GetMetricData',
    'ecs:DescribeTaskDefinition',
    'ecs:ListTaskDefinitions',
    'ecs:RegisterTaskDefinition',
  ]);
});
