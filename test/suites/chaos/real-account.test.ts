/**
 * What becomes of an application on a stack at its hardest (hard-zone.ts): first publish, next version, configuration, undo and
 * removal, under traffic that loses nothing, and without a hold that a person must mend. `npm test` does the first and the last,
 * without logins, whose proof takes minutes; `npm run chaos` all.
 */
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type * as PlatformApplication from '../e2e/platform-application';
import { configure, moveBack } from '../../../local/platform-server/changes';
import { publish, type OperationReport, type Platform } from '../../../local/platform-server/publishing';
import type { LiveApplication } from '../e2e/live-application';
import { loadSettings } from '../../../settings/load';
import { drawSeed as seed, runsAll } from '../../drawn';
import { hardenZone } from './hard-zone';
import { startOwnStack, type OwnStack } from './own-stack';

const timeScale = 20;
const modules = ['Bank', 'BankAPI', 'Vault'];
const guarded = runsAll ? ['Vault'] : [];
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
afterAll(() => own.closeHealthy());

/** The platform has no session: behind the login its ping sees none of the module. */
async function succeeded(operation: Promise<OperationReport>): Promise<void> {
  const report = await operation;
  expect(report).toMatchObject({ succeeded: true, message: null });
  const unexpected = report.warnings.filter((warning) => !guarded.some((module) => warning.includes(`/${module}/`)));
  expect(unexpected).toEqual([]);
  for (const { deployment } of await harness.outcomesOf(report))
    if (deployment !== null) expect(deployment).toMatchObject({ outcome: 'completed' });
}

const whole = runsAll ? test : test.skip;

test(`an application moves into containers (seed ${seed})`, async () => {
  await application.traffic.expect('Bank', [platformServer('1.0'), container('2.0')]);
  await succeeded(publish(platform, { application: 'Bank', version: '2.0', os: 'windows' }));
  await application.traffic.expect('Bank', [container('2.0')]);
  expect(await definitionOf(application)).toMatchObject({
    runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' },
    containerDefinitions: [{ mountPoints: [{ containerPath: 'c:\\configs', readOnly: true }] }],
  });
});

whole('it gets its next version', async () => {
  await application.traffic.expect('Bank', [container('2.0'), container('3.0')]);
  await succeeded(publish(platform, { application: 'Bank', version: '3.0', os: 'windows' }));
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

/** What the tasks of the slot that serves are made from. */
async function definitionOf({ services }: LiveApplication) {
  const { currentReads, stack, stackAws } = own.living;
  await currentReads();
  const { ecs } = stackAws();
  const { services: found = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: stack().aws.cluster, services: await services() }),
  );
  const taskDefinition = found.find(({ desiredCount = 0 }) => desiredCount > 0)?.taskDefinition;
  return (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
}

/** What the settings of a zone are like, as they are written. */
type Written = Readonly<Record<string, never>>;

const without = (zone: Written, ...members: readonly string[]) =>
  Object.fromEntries(Object.entries(zone).filter(([member]) => !members.includes(member)));

whole.each<[string, (zone: Written) => object, object]>([
  [
    'instances with Windows’ own NAT',
    (zone) => without(zone, 'network', 'folders', 'builder', 'configuration'),
    { networkMode: 'bridge', containerDefinitions: [{ portMappings: [{ hostPort: 0 }] }] },
  ],
  [
    'Fargate with Windows, which mounts nothing',
    ({ taskDefinition, ...zone }) => ({
      ...without(zone, 'service', 'folders', 'builder', 'configuration'),
      taskDefinition: { ...without(taskDefinition ?? {}, 'containerDefinitions'), cpu: '1024', memory: '2048' },
    }),
    { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
  ],
])('an application moves to %s, gets its next version, and goes back', async (where, differing, defined) => {
  const { addZone, closeOpened, liveApplication, stack } = own.living;
  await closeOpened();
  const name = where.startsWith('Fargate') ? 'Branch' : 'Desk';
  const zone = await addZone(name.toLowerCase(), (local) => differing(local) as typeof local);
  const { certificateAuthority } = stack().aws;
  const loadBalancer = loadSettings(stack().settings).zones[zone]?.address ?? '';
  const moving = await liveApplication(name, [name], zone, { loadBalancer, certificateAuthority });
  await moving.traffic.expect(name, [platformServer('1.0'), container('2.0')]);
  const moved = await moving.deploy({ version: '2.0', os: 'windows' });
  expect(await moving.ended(moved)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  const runtimePlatform = { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' };
  expect(await definitionOf(moving)).toMatchObject({ runtimePlatform, ...defined });
  await moving.traffic.expect(name, [container('2.0'), container('3.0')]);
  const next = await moving.deploy({ version: '3.0', os: 'windows' });
  expect(await moving.ended(next)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  await moving.traffic.expect(name, [container('3.0'), platformServer('1.0')]);
  const removed = await moving.deployments.start(moving.target, 'removeApplication', { approval: 'none' });
  expect(await moving.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
  expect((await moving.judged()).failures).toEqual([]);
});
