/** Target groups on the local AWS: each activity is run twice, because Temporal may. */
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
