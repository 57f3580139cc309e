/** Bundles, answers and configurations may be in one folder, whatever its name ends with: a whole life of an application goes by it. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { configure, remove } from '../../../local/platform-server/changes';
import { publish, type Platform } from '../../../local/platform-server/publishing';
import { changeSettings } from '../../../local/stack/settings';
import { startOwnStack, type OwnStack } from './own-stack';

let own: OwnStack | undefined;
beforeAll(async () => (own = await startOwnStack({ timeScale: 10 })), 300_000);
afterAll(() => own?.close());

const container = (version: string) => ({ servedBy: 'container', version }) as const;

/** The Platform Server of a zone with one folder instead of three, whose name it writes with a slash at the end. */
async function platformWithOneFolder({ stack, folder }: OwnStack['living']): Promise<Platform> {
  const { platform } = await import('../e2e/publishing.js');
  const shared = join(folder, 'shared');
  const both = { platform: shared, mounted: shared };
  await changeSettings(stack().settings, [
    { path: ['zones', stack().zone, 'folders'], value: { target: both, result: both, config: both } },
  ]);
  const { zone, ...others } = await platform();
  await mkdir(shared);
  const path = `${shared}/`;
  return { ...others, zone: { ...zone, folders: { target: path, result: path, config: path } } };
}

test('a publish, a configuration, the next version and the removal, and each answer is found among the rest', async () => {
  const living = own!.living;
  const platform = await platformWithOneFolder(living);
  const application = await living.liveApplication('Shared', ['Shared']);
  const { traffic, deployments, target } = application;
  await traffic.expect('Shared', [{ servedBy: 'platform-server', version: '1.0' }, container('2.0'), container('3.0')]);
  const succeeded = { succeeded: true, message: null };
  expect(await publish(platform, { application: 'Shared', version: '2.0' })).toMatchObject(succeeded);
  expect(await configure(platform, 'Shared', { Greeting: 'from the one folder' })).toMatchObject(succeeded);
  expect(await living.greetingOf(application)).toBe('from the one folder');
  expect(await publish(platform, { application: 'Shared', version: '3.0' })).toMatchObject(succeeded);
  expect(await deployments.ask({ kind: 'doctor', zone: target.zone })).toContainEqual(
    expect.objectContaining({ check: 'folders.config', state: 'ok' }),
  );
  expect((await application.judged()).failures).toEqual([]);
  expect(await remove(platform, 'Shared')).toMatchObject(succeeded);
  // The platform takes away an operation's earlier answer itself.
  const answers = (await readdir(platform.zone.folders.result)).filter((name) => name.endsWith('done'));
  expect(answers.map((name) => name.replace(/^[^.]*/, '')).toSorted()).toEqual([
    '.configsdone',
    '.deploydone',
    '.deploydone',
    '.undeploydone',
  ]);
}, 600_000);
