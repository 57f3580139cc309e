/** Target groups on the local AWS: each activity is run twice, because Temporal may. */
import { describeTags } from '../../../../activities/aws/elb/listener-rules';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('a target group is made once, and its health check and attributes become as planned', async () => {
  const { plan, run, local, greenGroup, calls } = zone;
  const arn = await greenGroup();
  expect(await greenGroup()).toBe(arn);
  const changed = {
    ...plan.green.targetGroup,
    healthCheck: { ...plan.green.targetGroup.healthCheck, intervalSeconds: 30 },
  };
  await run('setTargetGroup', [plan.site, arn, changed]);
  await run('setTargetGroupAttributes', [plan.site, arn, { 'deregistration_delay.timeout_seconds': '7' }]);
  const { TargetGroups = [] } = await local.elbv2.describeTargetGroups({ TargetGroupArns: [arn] });
  expect(TargetGroups[0]?.HealthCheckIntervalSeconds).toBe(30);
  const writes = (await calls())['elasticloadbalancing:ModifyTargetGroup'];
  await run('setTargetGroup', [plan.site, arn, changed]);
  expect((await calls())['elasticloadbalancing:ModifyTargetGroup']).toBe(writes);
});

test('what exists gets the settings’ tags and loses those that they name no more, nobody else’s, and what is gone is left out', async () => {
  const { plan, run, clients, local, listenerArn, calls } = zone;
  const { site } = plan;
  const group = await zone.greenGroup();
  const { Rules: [rule] = [] } = await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: 8,
    Conditions: [{ Field: 'path-pattern', Values: ['/tagged'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
    Tags: [{ Key: 'Team', Value: 'web' }],
  });
  const arn = rule?.RuleArn ?? '';
  const there = [arn, group];
  const gone = [`${arn.slice(0, -1)}x`, `${group.slice(0, -1)}x`, 'arn:aws:ecs:us-east-1:0:service/outsystems/gone'];
  const own = plan.green.targetGroup.tags;
  const found = async () => [...(await describeTags(clients.elb, there)).values()];
  const set = (wanted: Readonly<Record<string, string>>) => run('setTags', [site, [...gone, ...there], wanted]);

  await set({ CostCentre: '1', Owner: 'ops' });
  expect(await found()).toMatchObject([
    { Team: 'web', CostCentre: '1', Owner: 'ops' },
    { ...own, CostCentre: '1', Owner: 'ops' },
  ]);
  await set({ CostCentre: '2' });
  const writes = async () => {
    const made = await calls();
    return [made['elasticloadbalancing:AddTags'], made['elasticloadbalancing:RemoveTags']];
  };
  const made = await writes();
  await set({ CostCentre: '2' });
  expect(await writes()).toEqual(made);
  const record = { 'cutover:tags': expect.any(String) };
  expect(await found()).toEqual([
    { Team: 'web', CostCentre: '2', ...record },
    { ...own, CostCentre: '2', ...record },
  ]);
  await set({});
  expect(await found()).toEqual([{ Team: 'web' }, own]);
  await local.elbv2.deleteRule({ RuleArn: arn });
});

test('one that can’t be made what is planned is deleted and made anew, once, by the plan that says so', async () => {
  const { plan, run, local, greenGroup } = zone;
  const old = await greenGroup();
  const anew = { ...plan.green.targetGroup, protocol: 'HTTPS' as const, port: 443, replaces: old };
  const made = await run('createTargetGroup', [plan.site, anew]);
  expect(made).not.toBe(old);
  expect(await run('createTargetGroup', [plan.site, anew])).toBe(made);
  const { TargetGroups = [] } = await local.elbv2.describeTargetGroups({ Names: [anew.name] });
  expect(TargetGroups).toMatchObject([{ TargetGroupArn: made, Protocol: 'HTTPS', Port: 443 }]);
});
