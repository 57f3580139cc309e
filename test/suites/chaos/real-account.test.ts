/**
 * What becomes of an application on a stack at its hardest (hard-zone.ts): first publish, next version, configuration, undo and
 * removal, under traffic that loses nothing, and without a hold that a person must mend. `npm test` does the first two and the
 * last, without logins, whose proof takes minutes; `npm run chaos` all.
 */
import type * as PlatformApplication from '../e2e/platform-application';
import { configure, moveBack } from '../../../local/platform-server/changes';
import { publish, type OperationReport, type Platform } from '../../../local/platform-server/publishing';
import type { LiveApplication } from '../e2e/live-application';
import { hardenZone } from './hard-zone';
import { startOwnStack, type OwnStack } from './own-stack';

const timeScale = 20;
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e5));
const modules = ['Bank', 'BankAPI', 'Vault'];
const isWhole = process.env['CHAOS'] === 'all';
const guarded = isWhole ? ['Vault'] : [];
const platformServer = (version: string) => ({ servedBy: 'platform-server', version }) as const;
const container = (version: string) => ({ servedBy: 'container', version }) as const;

let own: OwnStack;
let harness: typeof PlatformApplication;
let platform: Platform;
let application: LiveApplication;

beforeAll(async () => {
  own = await startOwnStack({ timeScale, seed, profile: 'windows', rates: timeScale / 2 });
  const address = await hardenZone(own, guarded);
  harness = await import('../e2e/platform-application.js');
  const { certificateAuthority } = own.living.stack().aws;
  application = await own.living.liveApplication('Bank', modules, undefined, {
    loadBalancer: address,
    certificateAuthority,
  });
  await harness.hasten('Bank');
  platform = await harness.enterPlatform({ zoneAddress: address, certificateAuthority });
  await application.traffic.expect('Bank', [platformServer('1.0')]);
}, 300_000);
afterAll(async () => {
  try {
    await own.living.expectHealthyToRoute53();
  } finally {
    await own.close();
  }
});

/** The platform has no session: behind the login its ping sees none of the module. */
async function succeeded(operation: Promise<OperationReport>): Promise<void> {
  const report = await operation;
  expect(report).toMatchObject({ succeeded: true, message: null });
  const unexpected = report.warnings.filter((warning) => !guarded.some((module) => warning.includes(`/${module}/`)));
  expect(unexpected).toEqual([]);
  for (const { deployment } of await harness.outcomesOf(report))
    if (deployment !== null) expect(deployment).toMatchObject({ outcome: 'completed' });
}

const whole = isWhole ? test : test.skip;

test(`an application moves into containers (seed ${seed})`, async () => {
  await application.traffic.expect('Bank', [platformServer('1.0'), container('2.0')]);
  await succeeded(publish(platform, { application: 'Bank', version: '2.0' }));
  await application.traffic.expect('Bank', [container('2.0')]);
});

test('it gets its next version', async () => {
  await application.traffic.expect('Bank', [container('2.0'), container('3.0')]);
  await succeeded(publish(platform, { application: 'Bank', version: '3.0' }));
  await application.traffic.expect('Bank', [container('3.0')]);
});

whole('it gets a configuration', async () => {
  await succeeded(configure(platform, 'Bank', { Greeting: 'Hello' }));
});

whole('the configuration is undone: the release before is the same version', async () => {
  const { deployments, target } = application;
  const configured = await deployments.ask({ kind: 'live', ...target });
  const undone = await deployments.start(target, 'undo', { bake: '1s', by: 'Ana' });
  const { version, image } = configured;
  expect(await application.ended(undone)).toMatchObject({
    result: { outcome: 'completed', live: { version, image } },
  });
  await application.traffic.expect('Bank', [container('3.0')]);
});

test('it moves back, and nobody has lost a request', async () => {
  await application.traffic.expect('Bank', undefined);
  await succeeded(moveBack(platform, 'Bank'));
  await own.living.moreTraffic(application);
  await own.living.expectWhole(application, [], 0);
});
