/**
 * An application behind an internal and a public load balancer, through everything that a deployment can do: adopted from another
 * tool, given back to it, kept warm, undone, rolled back, retired and removed. Each lets in whom it will: the internal one some
 * addresses, the public one what bears a CDN's header. `npm test` has a short walk in `e2e/two-load-balancers`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { deploymentIdOf } from '../../../contract/ids';
import { stackFolders } from '../../../local/stack/folders';
import type { Allowed, Traffic } from '../../../local/traffic/traffic';
import { tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import type { ZoneSettings } from '../../../settings/schema';
import { deployByAnotherTool, described, listenersOf, rulesOf, scalingOf } from './another-tool';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Twofold';
const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;

const secrets = { cdn: 'a-secret-of-the-cdn', test: 'a-secret-of-the-test' };
const testVariable = 'TWOFOLD_TEST_ROUTE';
const header = 'X-Origin-Verify';

let own: OwnStack;
let outside: Traffic | undefined;

beforeAll(async () => {
  process.env[testVariable] = secrets.test;
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(async () => {
  await outside?.stop().catch(() => undefined);
  await own.closeHealthy();
});

function zoneOf(zone: string): ZoneSettings {
  const found = loadSettings(own.living.stack().settings).zones[zone];
  if (!found) throw new Error('There is no zone.');
  return found;
}

/** Who answers a visitor from an address that no rule of the application's lets in. */
async function servedToStrangers(): Promise<string> {
  const url = `${own.living.stack().loadBalancer}/${name}/`;
  const answer = await new Promise<string>((resolve, reject) => {
    get(url, { localAddress: '127.0.0.9', agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
  return (JSON.parse(answer) as { servedBy: string }).servedBy;
}

/** Everything that is written down of the deployments that were, but for the settings themselves. */
async function writtenDown(workflowId: string): Promise<string[]> {
  const { folder, stackTemporal } = own.living;
  const history = await (await stackTemporal()).workflow.getHandle(workflowId).fetchHistory();
  const recorded = Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
  const { logs } = stackFolders(folder);
  return [recorded, ...readdirSync(logs).map((file) => readFileSync(join(logs, file), 'latin1'))];
}

test('through both load balancers it is adopted, given back, kept warm, undone, rolled back, retired and removed', async () => {
  const { bothListeners, startOutside } = await import('../e2e/public-load-balancer.js');
  const { scaledSlots } = await import('../e2e/scaled.js');
  const { currentReads, folder, liveApplication, stackAws } = own.living;
  const file = join(folder, 'origin-verify');
  await writeFile(file, `${secrets.cdn}\n`);
  const guards = { sourceIp: ['127.0.0.1/32', '::1/128'], header, value: secrets.cdn, file, testVariable };
  // On Fargate, where no folder of this machine can be mounted.
  const both = await bothListeners('twofold', {}, guards, ['service', 'configuration', 'folders', 'builder']);
  const application = await liveApplication(name, [name], both.zone);
  const { deployments, target } = application;
  const users = (outside = await startOutside(name, both.address, both.made, { [header]: secrets.cdn }));
  const expectBoth = async (...allowed: Allowed[]) => {
    await Promise.all([application.traffic, users].map((one) => one.expect(name, allowed)));
  };
  const zone = zoneOf(both.zone);
  const aws = stackAws();
  const rules = async () => {
    await currentReads();
    return await described(aws, listenersOf(zone));
  };
  const ownRules = async (route: 'live' | 'test') => {
    await currentReads();
    return (await rulesOf(aws, listenersOf(zone))).map(
      (on) => on.filter(({ tags }) => tags[tagKeys.application] === name && tags[tagKeys.route] === route).length,
    );
  };
  const expectScaledIn = async (slot: 'a' | 'b') => {
    const scaled = { slot, minimum: 1, suspended: false, counts: [slot], scheduled: [] };
    expect(await scaledSlots(application)).toEqual([scaled]);
    const services = await application.services();
    const { policies } = await scalingOf(aws, zone.cluster, services.find((one) => one.endsWith(`-${slot}`)) ?? '');
    expect(policies.map(({ ResourceLabel }) => ResourceLabel)).toEqual([
      expect.stringMatching(/^app\/cutover-local-public\/.*\/targetgroup\//),
    ]);
  };

  await expectBoth(platformServer, container('1.5'));
  const theirs = await deployByAnotherTool(own.living, { application, zone, guards });
  await currentReads();
  const before = { rules: await rules(), scaling: await scalingOf(aws, zone.cluster, theirs.service) };
  const rejected = await application.deploy({ version: '2.0' }, { approval: 'afterVerify' });
  await application.until(({ commands }) => commands.includes('approve'));
  // By now every node has the rules that the other tool made.
  await expectBoth(container('1.5'));
  await deployments.command(target, 'reject', { by: 'Ana' });
  expect(await deployments.ended(rejected)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect({ rules: await rules(), scaling: await scalingOf(aws, zone.cluster, theirs.service) }).toEqual(before);

  await expectBoth(container('1.5'), container('2.0'));
  const returned = await application.deploy({ version: '2.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(returned)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect({ rules: await rules(), scaling: await scalingOf(aws, zone.cluster, theirs.service) }).toEqual(before);

  const adopted = await application.deploy({ version: '2.0' });
  expect(await application.ended(adopted)).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } },
  });
  await expectBoth(container('2.0'));
  await currentReads();
  expect(await theirs.desiredCount()).toBe(0);
  await expectScaledIn('a');
  expect(await theirs.carriedTo(await application.services(), 'a')).toEqual(theirs.carried);
  expect(await servedToStrangers()).toBe('platform-server');
  expect((await fetch(`${both.address}/${name}/`)).status).toBe(403);

  await expectBoth(container('2.0'), container('3.0'));
  const kept = await application.deploy({ version: '3.0' }, { keepWarm: '1h' });
  expect(await application.ended(kept)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  // The public one's test rule is on its live listener.
  expect([await ownRules('live'), await ownRules('test')]).toEqual([
    [1, 0, 1],
    [0, 1, 1],
  ]);
  await expectScaledIn('b');
  expect(await theirs.carriedTo(await application.services(), 'b')).toEqual(theirs.carried);
  const undone = await deployments.start(target, 'undo', { bake: '1s' });
  expect(await application.ended(undone)).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } },
  });
  await expectScaledIn('a');

  await expectBoth(container('2.0'), container('3.0'));
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  await expectScaledIn('a');
  await expectBoth(container('2.0'), container('4.0'));
  const replaced = await application.deploy({ version: '4.0' }, { keepWarm: '1s' });
  expect(await application.ended(replaced)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  await expectBoth(container('4.0'));
  while ((await ownRules('test')).some((count) => count > 0)) await currentReads();
  expect(await ownRules('live')).toEqual([1, 0, 1]);
  expect(await application.onAws()).toMatchObject({ desiredCounts: [0, 1] });
  await expectScaledIn('b');
  const written = await writtenDown(deploymentIdOf(target));
  for (const secret of Object.values(secrets)) expect(written.filter((text) => text.includes(secret))).toEqual([]);

  await expectBoth(container('4.0'), platformServer);
  const removed = await deployments.start(target, 'removeApplication', { approval: 'none' });
  expect(await application.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
  await expectBoth(platformServer);
  expect([await ownRules('live'), await ownRules('test')].flat().filter(Boolean)).toEqual([]);
  for (const traffic of [application.traffic, users]) {
    const { failures, sent } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(0);
  }
}, 900_000);
