import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findApplication } from '../../../local/platform-server/applications';
import { configure, moveBack, remove, rename } from '../../../local/platform-server/changes';
import { installAndRegister } from '../../../local/platform-server/install';
import { publish, type Platform } from '../../../local/platform-server/publishing';
import { runPlatformServer } from '../../../local/platform-server/server';
import { stackFolders } from '../../../local/stack/folders';
import { inTemporaryFolder } from '../images/bundles';
import { standInForHooks, writeAnswer, type StandIn } from './hooks';

const failure = (message: string) => JSON.stringify({ Error: { Message: message } });
const modules = ['Bestellungen', 'BestellungenAPI'];
const application = 'Bestellungen für Öle';

interface World {
  readonly platform: Platform;
  readonly hooks: StandIn;
  /** The status that the Platform Server itself gives for the first module. */
  readonly own: () => Promise<number>;
  readonly known: () => ReturnType<typeof findApplication>;
  readonly results: () => readonly string[];
}

/** An application of version 1.4.1 is installed, and the tool answers every call with success unless a test changes that. */
async function inWorld(work: (world: World) => Promise<void>, timeoutMs = 60_000): Promise<void> {
  await inTemporaryFolder(async (root) => {
    const { platformServer: folder, targets: target, results: result, configurations: config } = stackFolders(root);
    for (const each of [target, result, config]) mkdirSync(each, { recursive: true });
    await installAndRegister(root, { application, modules, version: '1.4.1' });
    const hooks = await standInForHooks();
    const server = await runPlatformServer({ folder, port: 0 });
    const hookTarget = { hooks: hooks.url, hookSecret: 'geheim & ü', zoneAddress: server.url };
    try {
      await work({
        platform: {
          zone: { ...hookTarget, folders: { target, result, config }, folder, timeoutMs },
          watch: { began: () => undefined, ended: () => undefined },
          signal: new AbortController().signal,
        },
        hooks,
        own: async () => (await fetch(`${server.url}/Bestellungen/`)).status,
        known: async () => await findApplication(folder, application),
        results: () => readdirSync(result),
      });
    } finally {
      await server.close();
      await hooks.close();
    }
  });
}

test('a failed preparation touches neither the database nor the own copy, and its message is shown', async () => {
  await inWorld(async ({ platform, hooks, own, known }) => {
    hooks.react = () => failure('There is no base image.');
    expect(await publish(platform, { application })).toMatchObject({
      succeeded: false,
      version: '1.4.1',
      databaseModel: '1.4.1',
      message: 'There is no base image.',
      steps: [{ step: 'Preparing Deploy', outcome: 'failed' }],
    });
    expect(hooks.calls.map(({ method }) => method)).toEqual(['ContainerBuild']);
    expect([await own(), await known()]).toMatchObject([200, { version: '1.4.1' }]);
  });
});

test('a failed deployment leaves the own copy serving, on the new database model', async () => {
  await inWorld(async ({ platform, hooks, own, known }) => {
    hooks.react = ({ method }) => (method === 'ContainerRun' ? failure('Green is sick.') : '');
    expect(await publish(platform, { application, version: '1.5.0' })).toMatchObject({
      succeeded: false,
      version: '1.4.1',
      databaseModel: '1.5.0',
      message: 'Green is sick.',
    });
    expect([await own(), await known()]).toMatchObject([200, { version: '1.4.1', databaseModel: '1.5.0' }]);
  });
});

test('an answer after the timeout is never read', async () => {
  await inWorld(async ({ platform, hooks, own, results }) => {
    hooks.react = ({ method }) => (method === 'ContainerBuild' ? '' : undefined);
    const report = await publish(platform, { application });
    const [, run] = hooks.calls;
    if (run) writeAnswer(run, '');
    expect(report).toMatchObject({
      succeeded: false,
      message: expect.stringMatching(/no result into .* within 0\.5 s \(External Deployment Tool Timeout\)/),
      steps: [{ outcome: 'succeeded' }, { step: 'Deploying', outcome: 'timedOut' }],
    });
    expect(await own()).toBe(200);
    expect(results()).toHaveLength(2);
  }, 500);
});

test.each([
  ['refuses', 503, /ContainerBuild answered HTTP 503: Said by the hook/],
  ['answers what is half a file', '{"Error": {"Mess', /result file can't be understood: \{"Error"/],
])('a tool that %s fails the deployment', async (_how, reaction, message) => {
  await inWorld(async ({ platform, hooks, own }) => {
    hooks.react = () => reaction;
    expect(await publish(platform, { application })).toMatchObject({
      succeeded: false,
      message: expect.stringMatching(message),
    });
    expect(await own()).toBe(200);
  });
});

test('a tool that is away fails the deployment', async () => {
  await inWorld(async ({ platform, hooks }) => {
    await hooks.close();
    expect(await publish(platform, { application })).toMatchObject({
      steps: [{ outcome: 'refused', message: expect.stringMatching(/can't be reached: ECONNREFUSED/) }],
    });
  });
});

test('what the platform refuses itself is called nowhere', async () => {
  await inWorld(async ({ platform, hooks }) => {
    await expect(publish(platform, { application: 'New' })).rejects.toThrow('name its modules');
    const stolen = { application: 'New', modules: ['bestellungen'] };
    await expect(publish(platform, stolen)).rejects.toThrow('belongs to the application Bestellungen für Öle');
    await expect(moveBack(platform, application)).rejects.toThrow('runs Bestellungen für Öle itself');
    expect(hooks.calls).toEqual([]);
  });
});

test('a publish calls both hooks of one operation, serves until the last answer, and leaves the newest file', async () => {
  await inWorld(async ({ platform, hooks, own, results }) => {
    hooks.react = async ({ parameters }) => {
      const { ApplicationKey, OperationId, TargetPath = '', ConfigPath = '' } = parameters;
      expect(existsSync(join(TargetPath, `${ApplicationKey}_${OperationId}.zip`))).toBe(true);
      expect(existsSync(join(ConfigPath, ApplicationKey ?? '', 'App.config'))).toBe(true);
      expect(await own()).toBe(200);
      return '';
    };
    const report = await publish(platform, { application });
    expect(report).toMatchObject({ succeeded: true, version: '1.4.2', databaseModel: '1.4.2', message: null });
    expect(await own()).toBe(404);
    const [build, run] = hooks.calls;
    expect([build?.method, run?.method]).toEqual(['ContainerBuild', 'ContainerRun']);
    expect(run?.parameters).toEqual(build?.parameters);
    expect(run).toMatchObject({
      secret: 'geheim & ü',
      parameters: {
        Address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        ApplicationName: application,
        ApplicationKey: report.key,
        ModuleNames: JSON.stringify(modules),
      },
    });
    expect(results()).toEqual([`${report.key}_${report.steps[0]?.operationId}.deploydone`]);
    expect(report.warnings).toEqual([
      expect.stringContaining('/Bestellungen/_ping.aspx answers HTTP 404'),
      expect.any(String),
    ]);
  });
});

test('a configuration is there, whole, when it is to be taken into use', async () => {
  await inWorld(async ({ platform, hooks }) => {
    await publish(platform, { application });
    let written = '';
    hooks.react = ({ parameters: { ConfigPath = '', ApplicationKey = '' } }) => {
      written = readFileSync(join(ConfigPath, ApplicationKey, 'App.config'), 'utf8');
      return '';
    };
    const report = await configure(platform, application, { Greeting: 'A & B "C"', Other: '' });
    expect(report).toMatchObject({ succeeded: true, steps: [{ step: 'Update Configs' }] });
    expect(written).toContain('<add key="Greeting" value="A &amp; B &quot;C&quot;" />');
    await configure(platform, application, { Greeting: 'D' });
    expect(written).toMatch(/"Greeting" value="D"[^]*"Other"/);
  });
});

test('a rename removes the old name after the new one is published, under the same key', async () => {
  await inWorld(async ({ platform, hooks, known }) => {
    await publish(platform, { application });
    hooks.calls.splice(0);
    expect(await rename(platform, application, 'Orders')).toMatchObject({ succeeded: true, application: 'Orders' });
    const seen = hooks.calls.map(({ method, parameters }) => [method, parameters['ApplicationName']]);
    expect(seen).toEqual([
      ['ContainerBuild', 'Orders'],
      ['ContainerRun', 'Orders'],
      ['ContainerRemove', application],
    ]);
    expect(new Set(hooks.calls.map(({ parameters }) => parameters['ApplicationKey'])).size).toBe(1);
    expect(new Set(hooks.calls.map(({ parameters }) => parameters['OperationId'])).size).toBe(2);
    expect(await known()).toBeUndefined();
    expect(await findApplication(platform.zone.folder, 'Orders')).toMatchObject({ hosting: 'containers', modules });
  });
});

test('a rename that can not be deployed removes nothing, and the name stays', async () => {
  await inWorld(async ({ platform, hooks, known }) => {
    await publish(platform, { application });
    hooks.react = ({ method }) => (method === 'ContainerRun' ? failure('No.') : '');
    expect(await rename(platform, application, 'Orders')).toMatchObject({ succeeded: false, message: 'No.' });
    expect(hooks.calls.map(({ method }) => method)).not.toContain('ContainerRemove');
    expect(await known()).toMatchObject({ application, hosting: 'containers' });
  });
});

test.each([
  ['moves back is served before its containers are called away', moveBack, 200],
  ['is removed is gone before its containers are called away', remove, 404],
])('what %s', async (_what, operate, served) => {
  await inWorld(async ({ platform, hooks, own }) => {
    await publish(platform, { application });
    let seen = 0;
    hooks.react = async () => {
      seen = await own();
      return '';
    };
    const report = await operate(platform, application);
    expect(report).toMatchObject({ succeeded: true, steps: [{ step: 'Undeploy' }] });
    expect([seen, await own()]).toEqual([served, served]);
    expect(hooks.calls.at(-1)).toMatchObject({ method: 'ContainerRemove' });
  });
});
