import { closeAll, configure, expectWhole, greetingOf, inContainers, moreTraffic } from './live-application';

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

  await configure('Configured', 'two');
  expect(await application.ended(await update())).toMatchObject({ result: { outcome: 'completed' } });
  expect(await greetingOf(application)).toBe('two');
  await moreTraffic(application);

  const undone = await deployments.start(target, 'undo', quick);
  expect(await application.ended(undone)).toMatchObject({ result: { outcome: 'completed' } });
  expect(await greetingOf(application)).toBe('one');
  await moreTraffic(application);
  await expectWhole(application, [0, 2], 1);
});
