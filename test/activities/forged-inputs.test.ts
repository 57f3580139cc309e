/** Activities that somebody who reaches Temporal starts with what no workflow would give them: each refuses, and touches nothing. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builderActivities } from '../../activities/builders';
import { fileActivities } from '../../activities/files';
import { hookActivities } from '../../activities/hooks';
import { parseSettings } from '../../settings/load';
import { zone } from '../settings/minimal';

const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
const sha256 = 'a'.repeat(64);
let root = '';
let store = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutover-forged-'));
  store = join(root, 'store');
  await mkdir(join(store, sha256), { recursive: true });
  await writeFile(join(store, sha256, 'App.config'), '<kept/>');
  await mkdir(join(store, '.owners', `production ${key}`), { recursive: true });
  await writeFile(join(store, '.owners', `production ${key}`, sha256), 'mark');
  await mkdir(join(root, 'config', key), { recursive: true });
  await writeFile(join(root, 'config', key, 'App.config'), '<own/>');
  await writeFile(join(root, 'App.config'), '<outside/>');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const settings = () => {
  const folder = (name: string) => `{ platform: '/${name}', mounted: '${join(root, name)}' }`;
  return parseSettings(
    `${zone}    service: { launchType: EC2 }
    folders: { target: ${folder('target')}, result: ${folder('result')}, config: ${folder('config')} }
    builder: { kind: command, repository: 'x/{key}', command: [/bin/true] }
    configuration: { store: '${store}', configurationMount: { kind: host, root: '${store}' } }
applications: { Orders: { key: ${key} } }
`,
    'cutover.yaml',
  );
};

const asking = async <T>(work: () => Promise<T>, workflowId = 'production/Orders'): Promise<T> =>
  (await new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'run-1' } }).run(work)) as T;

const refused = { type: 'InvalidRequest', nonRetryable: true };

/** Nothing was written beside what was there, and what was there is as it was. */
async function expectUntouched(): Promise<void> {
  expect((await readdir(root)).toSorted()).toEqual(['App.config', 'config', 'store']);
  expect((await readdir(store)).toSorted()).toEqual(['.owners', sha256]);
  expect(await readFile(join(store, sha256, 'App.config'), 'utf8')).toBe('<kept/>');
  expect(await readdir(join(store, '.owners', `production ${key}`))).toEqual([sha256]);
}

test.each([
  ['../..', 'a key that climbs'],
  ['..', 'the folder above'],
  ['', 'no key'],
  ['x/y', 'a path'],
  [`${key}/../../etc`, 'a key with a path behind it'],
])('a configuration of %j is published for nobody: %s', async (forged) => {
  const { publishConfiguration } = fileActivities({ settings });
  const published = asking(() => publishConfiguration({ name: 'Orders', key: forged }));
  await expect(published).rejects.toMatchObject(refused);
  await expectUntouched();
});

test.each(['nowhere/Orders', '../Orders', '__proto__/Orders', 'Orders', ''])(
  'a run %j has no configuration: its ID names no zone',
  async (workflowId) => {
    const { publishConfiguration } = fileActivities({ settings });
    await expect(asking(() => publishConfiguration({ name: 'Orders', key }), workflowId)).rejects.toMatchObject(
      refused,
    );
    await expectUntouched();
  },
);

const copy = { sha256, mark: 'mark' };
test.each([
  ['another zone’s deployment', { zone: 'production', key }, 'other/Orders'],
  ['no deployment', { zone: 'production', key }, ''],
  ['one that names what is no key', { zone: 'production', key: '../../config' }, 'production/Orders'],
  ['one that names what is no zone', { zone: '../store', key }, '../store/Orders'],
  ['one that names a part of every object', { zone: 'constructor', key }, 'constructor/Orders'],
])('copies of configurations are not taken away for %s', async (_, owner, workflowId) => {
  const { removeCopies } = fileActivities({ settings });
  await asking(() => removeCopies(owner, [copy]), workflowId).catch((error: unknown) =>
    expect(error).toMatchObject(refused),
  );
  await expectUntouched();
});

test('what is no copy is not taken away, whatever its name', async () => {
  const { removeCopies } = fileActivities({ settings });
  const copies = ['..', '../config', `${sha256}/../../config`, '.owners'].map((name) => ({
    sha256: name,
    mark: 'mark',
  }));
  await asking(() => removeCopies({ zone: 'production', key }, copies));
  await expectUntouched();
});

test('a doctor’s look at what is no zone touches no folder', async () => {
  const { examineFiles } = fileActivities({ settings });
  for (const zone of ['../store', '__proto__', 'constructor'])
    expect(await asking(() => examineFiles({ zone }))).toEqual([]);
  await expectUntouched();
});

const call = { zone: 'production', applicationName: 'Orders', applicationKey: key, operationId: key };
const forgedCalls: [string, object][] = [
  ['a key that climbs', { ...call, applicationKey: '../../x' }],
  ['an operation that climbs', { ...call, operationId: `../${key}` }],
  ['a module that climbs', { ...call, modules: ['..'] }],
  ['a name with a line break', { ...call, applicationName: 'Orders\r\nX: 1' }],
  ['no zone', { ...call, zone: '' }],
  ['more than a call has', { ...call, folders: { target: '/' } }],
  ['nothing', {}],
];

describe.each(forgedCalls)('a call with %s', (_, forged) => {
  test('builds nothing, plans nothing, and is looked for nowhere', async () => {
    const never = () => {
      throw new Error('it was about to ask');
    };
    const calls = new Proxy({}, { get: () => never }) as never;
    const hooks = hookActivities({ settings, clientsOf: never, earlierRuns: never, calls } as never);
    const { buildImage } = builderActivities({ settings });
    const built = { image: 'x', digest: null, modules: [] };
    for (const asked of [
      () => buildImage(forged as never),
      () => hooks.planOperation('ContainerRun', forged as never, null),
      () => hooks.prepareRelease(forged as never, built),
      () => hooks.describeBuilt(forged as never),
    ])
      await expect(asking(async () => await asked())).rejects.toMatchObject(refused);
    await expectUntouched();
  });
});

test.each(['constructor', 'Restart', '__proto__', ''])('a call of %j is no hook', async (method) => {
  const hooks = hookActivities({ settings } as never);
  await expect(asking(() => hooks.planOperation(method as never, call, null))).rejects.toMatchObject(refused);
});
