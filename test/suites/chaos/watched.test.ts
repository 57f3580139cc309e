/**
 * Workers die while green is watched for those who decide: the next one goes on from what was known, and tells nothing twice. A dead
 * watch is noticed after a minute and a half, for which only `npm run chaos` has the time.
 */
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { startOwnStack, type OwnStack } from './own-stack';

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(() => own.closeHealthy());

test('a worker that is killed leaves the watch to the next, and each sickening is told once', async () => {
  const { inContainers, killAndAwaitSuccessor, moreTraffic, stack, stackAws } = own.living;
  const { listening } = await import('../e2e/news.js');
  const application = await inContainers('Watched', ['Watched']);
  const versions = ['2.0', '3.0'].map((version) => ({ servedBy: 'container', version }) as const);
  await application.traffic.expect('Watched', versions);
  const told = await listening('Watched');
  const deployment = await application.deploy({ version: '3.0' }, { approval: 'afterVerify' });
  await application.until(({ commands }) => commands.includes('approve'));
  const green = (await application.services()).find((name) => name.endsWith('-b')) ?? '';
  const scale = async (desiredCount: number) => {
    const { cluster } = stack().aws;
    await stackAws().ecs.send(new UpdateServiceCommand({ cluster, service: green, desiredCount }));
  };

  await killAndAwaitSuccessor('worker');
  await scale(0);
  const sick = await application.until((status) => status.sick !== undefined);
  expect(sick).toMatchObject({ phase: 'approve', live: { slot: 'a', version: '2.0' } });
  expect(sick.sick).toContain(green);

  await killAndAwaitSuccessor('worker');
  await scale(2);
  await application.until((status) => status.sick === undefined);

  await application.deployments.command(application.target, 'approve', { by: 'Ana' });
  expect(await application.ended(deployment)).toMatchObject({ result: { outcome: 'completed' } });
  await moreTraffic(application);
  const kinds = await told.until('completed');
  expect(kinds.filter((kind) => kind === 'sick')).toHaveLength(1);
}, 600_000);
