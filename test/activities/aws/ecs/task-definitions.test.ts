/** Task definitions on the local AWS: each activity is run twice, because Temporal may. */
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('a task definition is registered once a run, however often it is tried', async () => {
  const { plan, planFor, run } = zone;
  const first = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  expect(await run('registerTaskDefinition', [plan.site, plan.taskDefinition])).toBe(first);
  const next = await planFor('run-9');
  expect(await run('registerTaskDefinition', [next.site, next.taskDefinition], 'run-9')).not.toBe(first);
});
