/** An organisation's tags: on everything that is made, at its creation, for what isn't tagged then may be denied. */
import { resolveApplication } from '../../../activities/aws/plans/applications';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { parseSettings } from '../../../settings/load';
import { zone } from '../../settings/minimal';
import { tagsAtCreation } from '../../../planning/tags';
import { inSlotA, liveRule, liveTags, listener, listenerArn, observed, request, slot } from '../zone';

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

/** Slot a serves, and all that there is bears these tags. */
const bearing = (tags: Readonly<Record<string, string>>) =>
  observed({
    liveListener: listener(listenerArn, { ...liveRule('group-a', ['Orders']), tags: { ...liveTags(), ...tags } }),
    slots: inSlotA().slots.map(({ slot: name, service }) => ({
      ...slot(name, { ...service, arn: `service-arn-${name}`, tags }),
      targetGroupTags: tags,
    })),
  });

test.each([planBlueGreen, planRollingUpdate])('%p: what exists gets the tags that the settings changed', (plan) => {
  const settings = ", tags: { CostCentre: '42' }";
  const { outdatedTags } = plan(request({}, settings), bearing(tagsAtCreation({ CostCentre: '1', Owner: 'ops' })));
  expect(outdatedTags?.wanted).toEqual({ CostCentre: '42' });
  expect(outdatedTags?.resources.map(({ arn, what, name }) => [arn, what, name])).toEqual([
    ['service-arn-a', 'service', 'service-a'],
    ['group-a', 'target group', 'group-a'],
    ['service-arn-b', 'service', 'service-b'],
    ['group-b', 'target group', 'group-b'],
    ['live-0', 'listener rule', 'priority 1990'],
  ]);
  for (const { changes } of outdatedTags?.resources ?? [])
    expect(changes).toMatchObject({ set: { CostCentre: '42' }, remove: ['Owner'] });
  expect(plan(request({}, settings), bearing(tagsAtCreation({ CostCentre: '42' }))).outdatedTags).toBeUndefined();
});

test('where the settings name no tags any more those that cutover set go', () => {
  const { outdatedTags } = planBlueGreen(request(), bearing({ ...tagsAtCreation({ Owner: 'ops' }), Team: 'web' }));
  expect(outdatedTags?.resources.map(({ changes }) => changes)).toEqual(
    Array(5).fill({ set: {}, remove: ['Owner', 'cutover:tags'] }),
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
