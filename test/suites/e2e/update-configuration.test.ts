import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { readdir } from 'node:fs/promises';
import { describeRules, describeTags } from '../../../activities/aws/elb/listener-rules';
import { describeCopies } from '../../../activities/files/configuration-copies';
import { changeSettings } from '../../../local/stack/settings';
import { fromEcsTags, tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import {
  closeAll,
  configure,
  currentReads,
  expectWhole,
  greetingOf,
  liveApplication,
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

type Tags = Readonly<Record<string, string>>;

/** What differs of the tags that the settings want on everything of the application, by kind. */
async function tagsOf({ services }: LiveApplication): Promise<Readonly<Record<string, Tags[]>>> {
  await currentReads();
  const { ecs, elb } = stackAws();
  const { cluster } = stack().aws;
  const include = ['TAGS' as const];
  const { services: found = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster, services: await services(), include }),
  );
  const groups = found.flatMap(({ loadBalancers = [] }) => loadBalancers.flatMap((one) => one.targetGroupArn ?? []));
  const rules = await describeRules(elb, loadSettings(stack().settings).zones[stack().zone]?.listener ?? '');
  const definitions: Tags[] = [];
  const tasks: Tags[] = [];
  for (const { serviceName, taskDefinition } of found) {
    definitions.push(
      fromEcsTags((await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include }))).tags),
    );
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName }));
    if (taskArns.length === 0) continue;
    const running = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns, include }));
    tasks.push(...(running.tasks ?? []).map(({ tags }) => fromEcsTags(tags)));
  }
  const all: Readonly<Record<string, Tags[]>> = {
    services: found.map(({ tags }) => fromEcsTags(tags)),
    groups: [...(await describeTags(elb, groups)).values()],
    rules: rules.flatMap(({ tags }) => (tags[tagKeys.application] === 'Configured' ? [tags] : [])),
    definitions,
    tasks,
  };
  return Object.fromEntries(Object.entries(all).map(([kind, tags]) => [kind, different(tags)]));
}

const different = (all: readonly Tags[]): Tags[] => {
  const own = all.map((tags) => Object.entries(tags).filter(([key]) => !/^(cutover|aws):/.test(key)));
  const written = new Set(
    own.map((tags) => JSON.stringify(Object.fromEntries(tags.toSorted(([one], [other]) => one.localeCompare(other))))),
  );
  return [...written].map((one) => JSON.parse(one) as Tags);
};

const everywhere = (tags: Tags) => ({
  services: [tags],
  groups: [tags],
  rules: [tags],
  definitions: [tags],
  tasks: [tags],
});

const quick = { approval: 'none', bake: '1s', strategy: 'rollingUpdate' } as const;

afterAll(closeAll);

test('a configuration replaces the other under live traffic, is refused when malformed, and an undo brings it back', async () => {
  const application = await liveApplication('Configured', ['Configured']);
  const fromTheStart = { CostCentre: '1', Owner: 'ops' };
  await tag(fromTheStart);
  await changeSettings(stack().settings, [
    { path: ['applications', 'Configured', 'service'], value: { propagateTags: 'SERVICE' } },
  ]);
  const moved = await application.ended(await application.deploy({ version: '2.0' }));
  expect(moved).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } } });
  await application.traffic.expect('Configured', [{ servedBy: 'container', version: '2.0' }]);
  expect(await tagsOf(application)).toEqual(everywhere(fromTheStart));
  const { deployments, target } = application;
  const update = async () => await deployments.start(target, 'updateConfiguration', quick);
  expect(await deployments.ended(await update())).toEqual({ failure: expect.stringMatching(/has no App\.config/) });

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

  expect(await tagsOf(application)).toEqual(everywhere(fromTheStart));
  await tag({ CostCentre: '2' });
  await configure('Configured', 'two');
  expect(await application.ended(await update())).toMatchObject({ result: { outcome: 'completed', note: null } });
  expect(await tagsOf(application)).toEqual(everywhere({ CostCentre: '2' }));
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
