import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings } from '../../settings/load';
import { stackFolders } from '../../local/stack/folders';
import {
  closeAll,
  expectWhole,
  folder,
  inContainers,
  moreTraffic,
  stack,
  type LiveApplication,
} from './live-application';

const quick = { approval: 'none', bake: '1s', strategy: 'rollingUpdate' } as const;

afterAll(closeAll);

/** Writes an App.config as the platform does. */
async function configure(application: string, greeting: string): Promise<void> {
  const key = loadSettings(stack().settings).applications[application]?.key ?? '';
  const own = join(stackFolders(folder).configurations, key);
  await mkdir(own, { recursive: true });
  await writeFile(
    join(own, 'App.Config'),
    `<configuration><appSettings><add key="Greeting" value="${greeting}"/></appSettings></configuration>`,
  );
}

/** What the module's page tells of the configuration, through the load balancer. */
async function greetingOf({ target }: LiveApplication): Promise<string> {
  const answer = await fetch(`${stack().loadBalancer}/${target.application}/`, { headers: { connection: 'close' } });
  return ((await answer.json()) as { configuration: string }).configuration;
}

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
