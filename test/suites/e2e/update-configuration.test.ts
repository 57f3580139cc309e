import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { readdir } from 'node:fs/promises';
import { describeRules, describeTags } from '../../../activities/aws/elb/listener-rules';
import { describeCopies } from '../../../activities/files/configuration-copies';
import { changeSettings } from '../../../local/stack/settings';
import { tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import {
  closeAll,
  configure,
  currentReads,
  expectWhole,
  greetingOf,
  inContainers,
  moreTraffic,
  stack,
  stackAws,
  type LiveApplication,
} from './live-application';

/** The copies of an application's configurations that are in the store. */
async function publishedOf(application: string): Promise<string[]> {
  const { zones, applications } = loadSettings(stack().settings);
  const { zone } = stack();
  const store = zones[zone]?.configuration?.store ?? '';
  const own = await describeCopies(store, { zone, key: applications[application]?.key ?? '' });
  const there = await readdir(store);
  return own.map(({ sha256 }) => sha256).filter((name) => there.includes(name));
}

/** What the settings want on everything of the application from now on. */
const tag = (value: Readonly<Record<string, string>>) =>
  changeSettings(stack().settings, [{ path: ['applications', 'Configured', 'tags'], value }]);

/** Those that the settings want, of each of its services, target groups and live rules. */
async function tagsOf({ services }: LiveApplication): Promise<Readonly<Record<string, string>>[]> {
  await currentReads();
  const { ecs, elb } = stackAws();
  const { cluster } = stack().aws;
  const asked = { cluster, services: await services(), include: ['TAGS' as const] };
  const { services: found = [] } = await ecs.send(new DescribeServicesCommand(asked));
  const groups = found.flatMap(({ loadBalancers = [] }) => loadBalancers.flatMap((one) => one.targetGroupArn ?? []));
  const rules = await describeRules(elb, loadSettings(stack().settings).zones[stack().zone]?.listener ?? '');
  const all = [
    ...found.map(({ tags = [] }) => Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]))),
    ...(await describeTags(elb, groups)).values(),
    ...rules.flatMap(({ tags }) => (tags[tagKeys.application] === 'Configured' ? [tags] : [])),
  ];
  return all.map((tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('cutover:'))));
}

const quick = { approval: 'none', bake: '1s', strategy: 'rollingUpdate' } as const;

afterAll(closeAll);

test('a configuration replaces the other under live traffic, is refused when malformed, and an undo brings it back', async () => {
  const application = await inContainers('Configured', ['Configured']);
  const { deployments, target } = application;
  const update = async () => await deployments.start(target, 'updateConfiguration', quick);
  expect(await deployments.ended(await update())).toEqual({ failure: expect.stringMatching(/has no App\.config/) });

  await tag({ CostCentre: '1', Owner: 'ops' });
  await configure('Configured', 'one');
  expect(await application.ended(await update())).toMatchObject({ result: { outcome: 'completed', note: null } });
  expect(await greetingOf(application)).toBe('one');

  expect(await application.ended(await update())).toMatchObject({
    result: { outcome: 'completed', note: expect.stringMatching(/serves already: nothing was changed/) },
  });

  await configure('Configured', '"');
  expect(await deployments.ended(await update())).toEqual({ failure: expect.stringMatching(/not well-formed XML/) });

  const published = () => publishedOf('Configured');
  const [one] = await published();
  await configure('Configured', 'never served');
  expect(await deployments.ended(await deployments.start(target, 'blueGreen', { image: 'configured:none' }))).toEqual({
    failure: expect.stringMatching(/configured:none/),
  });
  expect(await published()).toHaveLength(2);

  expect(await tagsOf(application)).toEqual(Array(5).fill({ CostCentre: '1', Owner: 'ops' }));
  await tag({ CostCentre: '2' });
  await configure('Configured', 'two');
  expect(await application.ended(await update())).toMatchObject({ result: { outcome: 'completed', note: null } });
  expect(await tagsOf(application)).toEqual(Array(5).fill({ CostCentre: '2' }));
  // What a release of the history has stays, what none ever had is gone.
  expect(await published()).toHaveLength(2);
  expect(await published()).toContain(one);
  expect(await greetingOf(application)).toBe('two');
  await moreTraffic(application);

  const undone = await deployments.start(target, 'undo', quick);
  expect(await application.ended(undone)).toMatchObject({ result: { outcome: 'completed' } });
  expect(await greetingOf(application)).toBe('one');
  await moreTraffic(application);
  await expectWhole(application, [0, 2], 1);
});
