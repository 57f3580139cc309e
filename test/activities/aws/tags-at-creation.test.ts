/** An organisation may deny what isn't tagged as it is made: every call that makes something bears the settings' tags itself. */
import { tagsAtCreation } from '../../../planning/tags';
import { allSuspended } from '../../../planning/scaling/scaling';
import { startLocalZone, type LocalZone } from './local-zone';

let zone: LocalZone;
beforeAll(async () => void (zone = await startLocalZone()));
afterAll(() => zone.close());

type Given = Readonly<Record<string, unknown>>;

/** The inputs of the calls that make something, as they leave for AWS. */
function recordCreations(): Map<string, Given> {
  const made = new Map<string, Given>();
  const { ecs, elb, scaling } = zone.clients;
  for (const { middlewareStack } of [ecs, elb, scaling])
    (middlewareStack as typeof ecs.middlewareStack).add(
      (next, { commandName = '' }) =>
        (call) => {
          if (/^(Create|Register)/.test(commandName)) made.set(commandName, call.input as Given);
          return next(call);
        },
      { step: 'initialize' },
    );
  return made;
}

const tagsIn = ({ tags, Tags }: Given): Given => {
  const found = tags ?? Tags;
  if (!Array.isArray(found)) return (found ?? {}) as Given;
  return Object.fromEntries((found as Given[]).map(({ key, Key, value, Value }) => [key ?? Key, value ?? Value]));
};

test('task definition, target group, rules, service and scalable target have the settings’ tags from the call that makes them', async () => {
  const { plan, run } = zone;
  const { site, green, taskDefinition, testRoute } = plan;
  const wanted = { CostCentre: '42', Owner: 'ops' };
  const tagged = tagsAtCreation(wanted);
  const made = recordCreations();
  const definition = await run('registerTaskDefinition', [
    site,
    { ...taskDefinition, tags: Object.entries(tagged).map(([key, value]) => ({ key, value })) },
  ]);
  const group = await run('createTargetGroup', [
    site,
    { ...green.targetGroup, tags: { ...green.targetGroup.tags, ...wanted } },
  ]);
  const groups = { blue: null, green: group };
  await run('setRoute', [site, { ...testRoute, tags: wanted }, { blue: 0, green: 100 }, groups]);
  const service = { ...green.service, desiredCount: 0, tags: { ...green.service.tags, ...wanted } };
  await run('setService', [site, service, definition, group]);
  const scaled = { minimum: 0, maximum: 2, suspended: allSuspended, policies: [], scheduled: [], tags: wanted };
  const to = { service: green.service.name, targetGroupArns: [group] };
  await run('makeScaling', [site, scaled, to, { service: 'blue', targetGroupArns: [null] }]);

  expect([...made.keys()].toSorted()).toEqual([
    'CreateRuleCommand',
    'CreateServiceCommand',
    'CreateTargetGroupCommand',
    'RegisterScalableTargetCommand',
    'RegisterTaskDefinitionCommand',
  ]);
  for (const [command, input] of made)
    expect([command, tagsIn(input)]).toEqual([command, expect.objectContaining(wanted)]);
});
