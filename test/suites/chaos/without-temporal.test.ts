/** Temporal can't be reached in a bake, and the new release is bad: only `npm run chaos` stops what everybody needs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { awsEnvironment, temporalEnvironment } from '../../../local/stack/environment';
import { startOwnStack, type OwnStack } from './own-stack';

let own: OwnStack | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(() => own?.close());

/** As an operator with the stack's AWS credentials does. Gives what was printed, also where it was refused. */
async function rollBackOf(application: string, ...more: string[]): Promise<Record<string, unknown>> {
  const report = (own as OwnStack).living.stack();
  const { settings } = report;
  const env = { ...process.env, ...temporalEnvironment(report), ...awsEnvironment(report) };
  const cutover = join(__dirname, '..', '..', '..', 'bin', 'cutover.js');
  const words = [
    'rollback',
    application,
    '--zone',
    'local',
    '--without-temporal',
    '--json',
    '--settings',
    settings,
    ...more,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [cutover, ...words], { env }).catch(
    (error: { stdout: string }) => error,
  );
  return JSON.parse(stdout) as Record<string, unknown>;
}

const rollBack = (...more: string[]) => rollBackOf('Stranded', ...more);
const container = (version: string) => ({ servedBy: 'container', version }) as const;

test('traffic goes back to blue without Temporal, and the deployment that wakes up holds, without a lost request', async () => {
  const { inContainers, stack, stackAws, expectWhole, moreTraffic, currentReads } = (own as OwnStack).living;
  const application = await inContainers('Stranded', ['Stranded']);
  await application.traffic.expect('Stranded', [container('2.0'), container('3.0')]);
  const deployment = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  expect(await rollBack('--yes')).toMatchObject({
    error: expect.stringMatching(/^Temporal answers at .* "cutover rollback local\/Stranded"/),
  });

  const server = stack().processes.temporal?.pid ?? 0;
  process.kill(server, 'SIGSTOP');
  try {
    const blue = (await application.services()).find((name) => name.endsWith('-a')) ?? '';
    await stackAws().ecs.send(
      new UpdateServiceCommand({ cluster: stack().aws.cluster, service: blue, desiredCount: 0 }),
    );
    await currentReads();
    expect(await rollBack()).toEqual({ error: expect.stringMatching(/^Nothing was written: say --yes/) });
    expect(await rollBack('--yes')).toMatchObject({
      from: { version: '3.0' },
      to: { version: '2.0' },
      written: true,
      changes: [
        expect.stringMatching(/^scale service .*-a from 0 to 2 replicas/),
        expect.stringMatching(/^change listener rule/),
      ],
    });
    await application.traffic.expect('Stranded', [container('2.0')]);
    await moreTraffic(application);
    await currentReads();
    expect(await rollBack('--yes')).toMatchObject({ written: false, changes: [] });
  } finally {
    process.kill(server, 'SIGCONT');
  }

  await application.deployments.command(application.target, 'promote', { by: 'Ana' });
  const held = await application.until(({ phase }) => phase === 'hold');
  expect(held.failure).toMatch(/changed by somebody else/);
  await application.deployments.command(application.target, 'rollback', { by: 'Ana' });
  expect(await application.deployments.ended(deployment)).toMatchObject({ result: { outcome: 'rolledBack' } });
  await expectWhole(application, [0, 2], 1);
});

test('a first deployment goes back to the Platform Server, and one that has ended to the release before it', async () => {
  const { inContainers, liveApplication, stack, moreTraffic, currentReads } = (own as OwnStack).living;
  const first = await liveApplication('Newcomer', ['Newcomer']);
  const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
  await first.traffic.expect('Newcomer', [platformServer, container('2.0')]);
  await first.deploy({ version: '2.0' }, { bake: '1h' });
  await first.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  const over = await inContainers('Finished', ['Finished']);
  await over.traffic.expect('Finished', [container('2.0'), container('3.0')]);
  expect(await over.ended(await over.deploy({ version: '3.0' }))).toMatchObject({ result: { outcome: 'completed' } });
  await currentReads();

  const server = stack().processes.temporal?.pid ?? 0;
  process.kill(server, 'SIGSTOP');
  try {
    expect(await rollBackOf('Newcomer', '--yes')).toMatchObject({ to: { servedBy: 'platform-server' }, written: true });
    expect(await rollBackOf('Finished', '--yes')).toMatchObject({
      to: { version: '2.0' },
      written: true,
      changes: [
        expect.stringMatching(/^create test listener rules/),
        expect.stringMatching(/^scale service/),
        expect.stringMatching(/^change listener/),
      ],
    });
    await first.traffic.expect('Newcomer', [platformServer]);
    await over.traffic.expect('Finished', [container('2.0')]);
    for (const one of [first, over]) await moreTraffic(one);
    await currentReads();
    expect(await rollBackOf('Newcomer', '--yes')).toMatchObject({ error: expect.stringMatching(/no live rules/) });
  } finally {
    process.kill(server, 'SIGCONT');
  }

  await first.deployments.command(first.target, 'rollback', { by: 'Ana' });
  while ((await first.deployments.running(first.target)) !== undefined)
    await new Promise((done) => setTimeout(done, 100));
  expect(await first.deployments.status(first.target)).toMatchObject({ outcome: 'rolledBack' });
  await over.traffic.expect('Finished', [container('2.0'), container('4.0')]);
  const next = await over.ended(await over.deploy({ version: '4.0' }));
  expect(next).toMatchObject({ result: { outcome: 'completed', live: { version: '4.0' } } });
  for (const one of [first, over]) expect((await one.judged()).failures).toEqual([]);
});
