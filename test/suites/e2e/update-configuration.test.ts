import { readdir } from 'node:fs/promises';
import { describeCopies } from '../../../activities/files/configuration-copies';
import { loadSettings } from '../../../settings/load';
import { closeAll, configure, stack, expectWhole, greetingOf, inContainers, moreTraffic } from './live-application';

/** The copies of an application's configurations that are in the store. */
async function publishedOf(application: string): Promise<string[]> {
  const { zones, applications } = loadSettings(stack().settings);
  const { zone } = stack();
  const store = zones[zone]?.configuration?.store ?? '';
  const own = await describeCopies(store, { zone, key: applications[application]?.key ?? '' });
  const there = await readdir(store);
  return own.map(({ sha256 }) => sha256).filter((name) => there.includes(name));
}

const quick = { approval: 'none', bake: '1s', strategy: 'rollingUpdate' } as const;

afterAll(closeAll);

test('a configuration replaces the other under live traffic, is refused when malformed, and an undo brings it back', async () => {
  const application = await inContainers('Configured', ['Configured']);
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

  await configure('Configured', 'two');
  expect(await application.ended(await update())).toMatchObject({ result: { outcome: 'completed', note: null } });
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
