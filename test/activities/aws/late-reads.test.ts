/**
 * Reads that show what was there before our own last change of it, as AWS's do for a second or two: no change is left out for
 * having been made before, none is made twice, and nothing of ours is taken for somebody else's.
 */
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { routeRules } from '../../../planning/routing/rule-set';
import { orders } from '../../planning/zone';
import { startLocalZone, type LocalZone } from './local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterEach(() => fetch(`${zone.local.aws.controlUrl}/faults`, { method: 'DELETE' }));
afterAll(() => zone.close());

/** So many reads from now on show what there is now, whatever changes meanwhile. */
async function lateReads(operation: string, times: number): Promise<void> {
  const fault = { kind: 'staleReads', operation, staleMs: 600_000, times };
  await fetch(`${zone.local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
}

const ours = async () => routeRules(await describeRules(zone.clients.elb, zone.listenerArn), orders, 'live');
const groups = async () => ({ blue: zone.plan.blue.targetGroupArn, green: await zone.greenGroup() });
const toGreen = { blue: 0, green: 100 } as const;
const halved = { blue: 50, green: 50 } as const;

test('a rule whose creation was not answered is found again, and none is made beside it', async () => {
  const { plan, run } = zone;
  const given = await groups();
  await lateReads('elasticloadbalancing:DescribeRules', 2);
  await run('setRoute', [plan.site, plan.liveRoute, halved, given]);
  // The second attempt doesn't see the rule of the first one.
  await run('setRoute', [plan.site, plan.liveRoute, toGreen, given]);
  const rules = await ours();
  expect(rules.map(({ priority }) => priority)).toEqual(plan.liveRoute.rules.map(({ priority }) => priority));
  expect(rules[0]?.forward).toMatchObject([{ targetGroupArn: given.green }]);
});

test('of two rules with one index the later one goes, and counts as a change until it has gone', async () => {
  const { plan, run, local, listenerArn } = zone;
  const given = await groups();
  const [rule] = await ours();
  const { Tags } = (await local.elbv2.describeTags({ ResourceArns: [rule?.arn ?? ''] })).TagDescriptions?.[0] ?? {};
  const { Rules = [] } = await local.elbv2.describeRules({ RuleArns: [rule?.arn ?? ''] });
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: Number(rule?.priority) + 1,
    Conditions: Rules[0]?.Conditions?.map(({ Field, PathPatternConfig }) => ({ Field, PathPatternConfig })),
    Actions: [{ Type: 'forward', TargetGroupArn: given.green }],
    Tags,
  });
  const expected = { route: plan.liveRoute, traffic: toGreen, groups: given, retired: null };
  await expect(run('confirmRoute', [plan.site, expected])).rejects.toMatchObject({ type: 'RouteChangedByOthers' });
  await run('setRoute', [plan.site, plan.liveRoute, toGreen, given]);
  expect((await ours()).map(({ arn }) => arn)).toEqual([rule?.arn]);
  await run('confirmRoute', [plan.site, expected]);
});

test('the way back is not taken for gone already, because a read shows the rules from before the cut', async () => {
  const { plan, run } = zone;
  const given = await groups();
  await run('setRoute', [plan.site, plan.liveRoute, 'before', given]);
  expect(await ours()).toEqual([]);
  await lateReads('elasticloadbalancing:DescribeRules', 3);
  await run('setRoute', [plan.site, plan.liveRoute, toGreen, given]);
  await run('setRoute', [plan.site, plan.liveRoute, 'before', given]);
  expect(await ours()).toEqual([]);
});

test('a test rule that a late read still shows after its deletion is made anew', async () => {
  const { plan, run } = zone;
  const given = await groups();
  const testRules = async () =>
    routeRules(await describeRules(zone.clients.elb, plan.testRoute.listenerArn), orders, 'test');
  await run('setRoute', [plan.site, plan.testRoute, toGreen, given]);
  await lateReads('elasticloadbalancing:Describe*', 4);
  await run('setRoute', [plan.site, plan.testRoute, 'gone', given]);
  await run('setRoute', [plan.site, plan.testRoute, toGreen, given]);
  await fetch(`${zone.local.aws.controlUrl}/faults`, { method: 'DELETE' });
  expect(await testRules()).toHaveLength(plan.testRoute.rules.length);
  await run('setRoute', [plan.site, plan.testRoute, 'gone', given]);
});

test('a target group that no read shows yet gets its attributes', async () => {
  const { plan, run, local } = zone;
  await lateReads('elasticloadbalancing:DescribeTargetGroup*', 1);
  const arn = await run('createTargetGroup', [plan.site, { ...plan.green.targetGroup, name: 'unseen' }]);
  await lateReads('elasticloadbalancing:DescribeTargetGroupAttributes', 1);
  await run('setTargetGroupAttributes', [plan.site, arn, { 'deregistration_delay.timeout_seconds': '9' }]);
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'DELETE' });
  const { Attributes = [] } = await local.elbv2.describeTargetGroupAttributes({ TargetGroupArn: arn });
  expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '9' });
});

test('a count is set that a read shows as set, and a service is rolled back that a read shows as it was', async () => {
  const { plan, run, local } = zone;
  const { cluster } = plan.site;
  const register = () => run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  const [first, second] = [await register(), await register()];
  await local.ecs.createService({
    cluster,
    serviceName: 'late',
    taskDefinition: first,
    desiredCount: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
  const service = async () => (await local.ecs.describeServices({ cluster, services: ['late'] })).services?.[0];
  const bounds = { minimumHealthyPercent: 100, maximumPercent: 200 };
  const roll = (taskDefinitionArn: string, expected: readonly string[]) =>
    run('rollService', [plan.site, { service: 'late', taskDefinitionArn, expected, bounds }]);
  await roll(first, [first]);
  await lateReads('ecs:DescribeServices', 4);
  await run('setDesiredCount', [plan.site, { service: 'late', desiredCount: 0 }]);
  await run('setDesiredCount', [plan.site, { service: 'late', desiredCount: 2 }]);
  await roll(second, [first]);
  await roll(first, [first, second]);
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'DELETE' });
  expect(await service()).toMatchObject({ desiredCount: 2, taskDefinition: first });
});
