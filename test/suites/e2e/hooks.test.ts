import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings } from '../../../settings/load';
import { hookCallIdOf, type HookCallOutcome } from '../../../contract/hook-calls';
import { closeAll, folder, liveApplication, stack, stackTemporal } from './live-application';
import { compiled, setDeployment, type Publish } from './publishing';

afterAll(closeAll);

const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
const container = (version: string) => ({ servedBy: 'container', version }) as const;

async function prepared(application: string, version: string): Promise<Publish> {
  const publish = await compiled(application, version);
  await publish.call('ContainerBuild');
  expect(await publish.answer('.preparedone')).toBe('');
  return publish;
}

test('an idle connection to the listener outlives what a load balancer before it, or the platform, keeps', async () => {
  const { headers } = await fetch(`${stack().hooks}/healthz`);
  expect(headers.get('keep-alive')).toBe('timeout=120');
});

test('a newer publish takes the place of one that waits, and an answer that can’t be written comes when it can', async () => {
  const application = await liveApplication('Hooked', ['Hooked', 'HookedAPI']);
  const { deployments, target, traffic } = application;
  await traffic.expect('Hooked', [platformServer, container('3.0')]);
  await setDeployment('Hooked', { approval: 'afterVerify', bake: '1s' });

  const older = await prepared('Hooked', '2.0');
  // The same call five times at once is one operation.
  await Promise.all(Array.from({ length: 5 }, async () => await older.call('ContainerRun')));
  await application.until(({ commands }) => commands.includes('approve'));

  const newer = await prepared('Hooked', '3.0');
  // A folder of the result file's name, with something in it, makes it unwritable.
  const blocked = newer.resultFile('.deploydone');
  await mkdir(join(blocked, 'kept'), { recursive: true });
  await newer.call('ContainerRun');
  expect(JSON.parse(await older.answer('.deploydone'))).toEqual({
    Error: {
      Message: expect.stringMatching(/rolled back\. Rolled back by a newer operation of the platform: ContainerRun of/),
    },
  });
  while (!(await deployments.status(target)).commands.includes('approve')) await sleep(50);
  await deployments.command(target, 'approve', { by: 'test' });
  const temporal = await stackTemporal();
  const operation = temporal.workflow.getHandle(
    hookCallIdOf('ContainerRun', { applicationKey: keyOf('Hooked'), operationId: newer.operationId }),
  );
  await triedToAnswer(operation);
  // At once: the worker takes an empty folder away itself.
  await rename(blocked, join(folder, 'unblocked'));
  expect(await newer.answer('.deploydone')).toBe('');
  expect((await operation.result()) as HookCallOutcome).toMatchObject({
    answered: 'success',
    deployment: { outcome: 'completed' },
  });

  expect([...(await older.files()), ...(await newer.files())].map((name) => name.split('.').at(-1))).toEqual([
    'deploydone',
    'preparedone',
    'deploydone',
    'preparedone',
  ]);
  expect((await application.judged()).failures).toEqual([]);
  await expectNoSecret(temporal, [operation.workflowId, `local/Hooked`]);
}, 300_000);

const keyOf = (application: string) => loadSettings(stack().settings).applications[application]?.key ?? '';

type Operation = ReturnType<Awaited<ReturnType<typeof stackTemporal>>['workflow']['getHandle']>;

/** Resolves once an attempt to write the answer has failed. */
async function triedToAnswer(operation: Operation): Promise<void> {
  for (;;) {
    const { raw } = await operation.describe();
    const writing = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'writeAnswer');
    if (writing && (writing.attempt ?? 0) > 1) return;
    await sleep(50);
  }
}

/** The URLs' secret is in no log, no history and no result. */
async function expectNoSecret(
  temporal: Awaited<ReturnType<typeof stackTemporal>>,
  workflowIds: readonly string[],
): Promise<void> {
  const { hookSecret, folders } = stack();
  const logs = join(folder, 'logs');
  const files = [
    ...(await readdir(logs)).map((name) => join(logs, name)),
    ...(await readdir(folders.result)).map((name) => join(folders.result, name)),
  ];
  for (const file of files)
    expect([file, (await readFile(file, 'latin1')).includes(hookSecret)]).toEqual([file, false]);
  for (const workflowId of workflowIds) {
    const history = JSON.stringify(await temporal.workflow.getHandle(workflowId).fetchHistory());
    expect([
      workflowId,
      history.includes(hookSecret),
      history.includes(Buffer.from(hookSecret).toString('base64')),
    ]).toEqual([workflowId, false, false]);
  }
}
