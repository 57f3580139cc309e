/** Temporal can't be reached in a bake, and the new release is bad: only `npm run chaos` stops what everybody needs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { startOwnStack, type OwnStack } from './own-stack';

let own: OwnStack | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(() => own?.close());

/** As an operator with the stack's AWS credentials does. Gives what was printed, also where it was refused. */
async function rollBack(...more: string[]): Promise<Record<string, unknown>> {
  const { aws, settings, temporal } = (own as OwnStack).living.stack();
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    AWS_REGION: aws.region,
  };
  const cutover = join(__dirname, '..', '..', '..', 'bin', 'cutover.js');
  const words = [
    'rollback',
    'Stranded',
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

test('traffic goes back to blue without Temporal, and the deployment that wakes up holds, without a lost request', async () => {
  const { inContainers, stack, stackAws, expectWhole, moreTraffic, currentReads } = (own as OwnStack).living;
  const application = await inContainers('Stranded', ['Stranded']);
  const container = (version: string) => ({ servedBy: 'container', version });
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
