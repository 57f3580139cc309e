/** What the command line answers about a zone, as a program reads it; none of it changes anything. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { temporal } from '@temporalio/proto';
import { changeSettings, type SettingsChange } from '../../../local/stack/settings';
import { stackFolders } from '../../../local/stack/folders';
import {
  closeAll,
  folder,
  liveApplication,
  setFault,
  stack,
  stackAws,
  stackTemporal,
  type LiveApplication,
} from './live-application';

afterAll(closeAll);

const cutover = join(__dirname, '..', '..', '..', 'bin', 'cutover.js');

interface Said {
  readonly status: number;
  readonly output: string;
}

const run = (...words: string[]): Promise<Said> =>
  new Promise((resolve) => {
    const environment = { ...process.env, CUTOVER_SETTINGS: stack().settings, NO_COLOR: '1' };
    const child = execFile(process.execPath, [cutover, ...words], { env: environment }, (_, output, errors) =>
      resolve({ status: child.exitCode ?? -1, output: `${output}${errors}` }),
    );
  });

const json = ({ output }: Said): unknown => JSON.parse(output);

test('list, plan, logs, status and doctor tell what is, and touch nothing', async () => {
  const application = await liveApplication('Asked', ['Asked', 'AskedAPI'], stack().zone, {
    loadBalancer: stack().loadBalancer,
    headers: { 'x-origin-verify': secret },
  });
  await haveItsOwn('Asked');
  const image = await application.image({ version: '2.0' });
  const move = await run('plan', 'Asked', '--image', image, '--json');
  expect(move.status).toBe(2);
  expect(move.output).toContain('http-header X-Origin-Verify: …');
  expect(json(move)).toMatchObject({ upToDate: false, live: { servedBy: 'platform-server' } });
  expect(await application.onAws()).toEqual({ liveRules: 0, testRules: 0, desiredCounts: [] });

  await application.traffic.expect('Asked', [
    { servedBy: 'platform-server', version: '1.0' },
    { servedBy: 'container', version: '2.0' },
  ]);
  await application.ended(await application.deploy({ version: '2.0' }));
  expect(await run('plan', 'Asked', '--image', image)).toMatchObject({
    status: 0,
    output: expect.stringContaining('This is live already.'),
  });
  expect(await run('plan', 'Asked', '--undo')).toMatchObject({
    status: 1,
    output: expect.stringContaining('There is no release of Asked before asked:2.0'),
  });
  const removal = await run('plan', 'Asked', '--remove', '--json');
  expect(removal.status).toBe(2);
  expect(json(removal)).toMatchObject({
    changes: expect.arrayContaining([expect.objectContaining({ action: 'delete', what: 'listener rule' })]),
  });
  expect(json(await run('history', 'Asked', '--json'))).toMatchObject([{ image: 'asked:2.0', live: true }]);
  await expectItsOwn(application);
  // CloudWatch isn't asked twice for one answer.
  const failed = async () =>
    (await application.deployments.ask({ kind: 'history', ...application.target }))[0]?.failedRequests;
  let known = await failed();
  while (known === null) known = await failed();
  expect(known).toBe(0);
  expect(json(await run('status', 'Asked', '--json'))).toMatchObject({ outcome: 'completed', live: { slot: 'a' } });
  expect(json(await run('logs', 'Asked', '--json'))).toMatchObject([{ status: 'RUNNING' }, { status: 'RUNNING' }]);
  expect(json(await run('list', '--json'))).toMatchObject({
    applications: expect.arrayContaining([expect.objectContaining({ application: 'Asked', deployment: null })]),
  });
  expect((await run('logs', 'Asked', '--lines', '2')).output).toMatch(/\(RUNNING\)\n.*Asked 2\.0 listens/);
  expect((await run('status', 'Asked')).output).toMatch(/Live: slot a, asked:2\.0/);
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [2] });
});

/** What only comes through the CDN bears. */
const secret = 'a-secret-of-the-cdn';

/** Sizes, a variable and a condition of the application's own, over its zone's. */
async function haveItsOwn(name: string): Promise<void> {
  const file = join(folder, 'origin-verify');
  await writeFile(file, `${secret}\n`);
  const own = (member: string, value: NonNullable<SettingsChange['value']>) => ({
    path: ['applications', name, member],
    value,
  });
  await changeSettings(stack().settings, [
    own('taskDefinition', { cpu: '512' }),
    own('container', { environment: { SHOP: 'on' } }),
    own('targetGroup', { healthCheck: { healthyThreshold: 3 } }),
    own('conditions', [{ header: 'X-Origin-Verify', values: [{ file }] }]),
  ]);
}

/** The application has what is its own and what is its zone's, users without the header don't reach it, and nobody tells the secret. */
async function expectItsOwn({ target, services }: LiveApplication): Promise<void> {
  const { ecs } = stackAws();
  const { services: found } = await ecs.send(
    new DescribeServicesCommand({ cluster: stack().aws.cluster, services: await services() }),
  );
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: found?.[0]?.taskDefinition }),
  );
  expect(taskDefinition).toMatchObject({
    cpu: '512',
    memory: '512',
    containerDefinitions: [{ environment: [{ name: 'SHOP', value: 'on' }] }],
  });
  const plain = await fetch(`${stack().loadBalancer}/Asked/`, { headers: { connection: 'close' } });
  expect(await plain.json()).toMatchObject({ servedBy: 'platform-server' });
  expect(json(await run('settings', 'Asked', '--json'))).toMatchObject({
    settings: expect.arrayContaining([
      { path: ['taskDefinition', 'cpu'], value: '512', from: 'application', place: expect.any(String) },
      { path: ['taskDefinition', 'memory'], value: '512', from: 'zone', place: expect.any(String) },
    ]),
  });
  const { workflow } = await stackTemporal();
  const history = await workflow.getHandle(`${target.zone}/${target.application}`).fetchHistory();
  const recorded = Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
  expect(recorded).toContain('origin-verify');
  const logs = stackFolders(folder).logs;
  const logged = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'latin1'));
  expect([recorded, ...logged].filter((text) => text.includes(secret))).toEqual([]);
}

test('doctor names a permission that was taken away, and where it is granted', async () => {
  const restore = await setFault({ kind: 'accessDenied', operation: 'logs:GetLogEvents' });
  const ill = await run('doctor');
  await restore();
  expect(ill).toMatchObject({
    status: 1,
    output: expect.stringMatching(/error +permissions: GetLogEvents: AWS refused/),
  });
  expect(ill.output).toContain("Allow logs:GetLogEvents in the worker's role.");
  const { output } = await run('doctor');
  expect(output).toMatch(/ok +permissions: none of \d+ is denied; not asked for: iam:PassRole/);
  for (const well of [
    'folders.target',
    'folders.result',
    'folders.config',
    'configuration.store',
    'builder',
    'hook listener',
    'availability zones',
    'logins',
  ])
    expect(output).toMatch(new RegExp(`ok +${well}: `));
});

test.each([
  [['plan', 'Asked'], /Say what to plan: --image REFERENCE, --undo, --update-configuration or --remove/],
  [['approve', 'Asked'], /No deployment of local\/Asked runs now/],
  [['deploy', 'Asked', '--image', 'x:1', '--shift', '5%'], /Expected percents, each with a bake or none/],
  [['plan', 'Nobody', '--image', 'x:1'], /There is no application Nobody in .*: add it under "applications"/],
  [['list', '--zone', 'elsewhere'], /There is no zone elsewhere: the settings know local/],
])('%j is refused with what to do', async (words, sentence) => {
  expect(await run(...words)).toMatchObject({ status: 1, output: expect.stringMatching(sentence) });
});
