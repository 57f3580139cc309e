/** An organisation's tags: on everything that is made, at its creation, for what isn't tagged then may be denied. */
import { resolveApplication } from '../../../activities/aws/plans/applications';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { parseSettings } from '../../../settings/load';
import { zone } from '../../settings/minimal';
import { observed, request } from '../zone';

test('the zone’s tags are on the service, the task definition, the target group and the rules, beside cutover’s own', () => {
  const settings =
    ", tags: { CostCentre: '42' }, taskDefinition: { tags: [{ key: Team, value: a }, { key: CostCentre, value: '1' }] }";
  const plan = planBlueGreen(request({}, settings), observed());
  expect(plan.green.service.tags).toMatchObject({ CostCentre: '42', 'cutover:zone': 'production' });
  expect(plan.green.targetGroup.tags).toEqual(plan.green.service.tags);
  for (const route of [plan.liveRoute, plan.testRoute]) expect(route.tags).toEqual({ CostCentre: '42' });
  expect(plan.taskDefinition.tags).toEqual(
    expect.arrayContaining([
      { key: 'Team', value: 'a' },
      { key: 'CostCentre', value: '42' },
      { key: 'cutover:zone', value: 'production' },
    ]),
  );
});

test('an application’s tags win over its zone’s', () => {
  const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
  const text = `${zone}    tags: { CostCentre: '42', Owner: ops }\napplications: { Orders: { key: ${key}, tags: { CostCentre: '7' } } }\n`;
  const known = resolveApplication(parseSettings(text, 'cutover.yaml'), 'production/Orders');
  expect(known.zone.tags).toEqual({ CostCentre: '7', Owner: 'ops' });
});

test.each(["'aws:x': a", "'cutover:zone': a", "'a<b': a", "a: 'b<c'"])(
  'a tag that AWS or cutover keeps to itself is refused: %s',
  (tag) => {
    expect(() => parseSettings(`${zone}    tags: { ${tag} }\n`, 'cutover.yaml')).toThrow(
      /:8: .*tags.*expected a tag’s/,
    );
  },
);
