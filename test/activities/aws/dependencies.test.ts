import { startLocalZone, type LocalZone } from './local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('a write of another run than the planning one never reaches AWS', async () => {
  const { plan, run, calls } = zone;
  const before = (await calls())['elasticloadbalancing:CreateTargetGroup'] ?? 0;
  await expect(run('createTargetGroup', [plan.site, plan.green.targetGroup], 'run-2')).rejects.toMatchObject({
    type: 'PlanOfAnotherRun',
    message: expect.stringContaining('start a new deployment'),
  });
  expect((await calls())['elasticloadbalancing:CreateTargetGroup'] ?? 0).toBe(before);
});
