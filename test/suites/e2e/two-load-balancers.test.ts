import type { ChildProcess } from 'node:child_process';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import type { StartedDeployment } from '../../../client/deployments';
import { stackFolders } from '../../../local/stack/folders';
import { awsKeys } from '../../../local/stack/secrets';
import type { AccessKey } from '../../../packages/local-aws/src/index';
import type { Allowed, Traffic } from '../../../local/traffic/traffic';
import { tagKeys } from '../../../planning/names';
import {
  closeAll,
  currentReads,
  expectWhole,
  folder,
  liveApplication,
  stack,
  stackAws,
  stackTemporal,
} from './live-application';
import { bothListeners, startOutside } from './public-load-balancer';
import { ended, startWorker } from './worker-process';

/** Who comes through the public load balancer. */
let users: Traffic | undefined;

/** A worker of the zone's own: the stack's does nothing for it but say so. */
let own: ChildProcess | undefined;

afterAll(async () => {
  await ended(own, 'SIGKILL');
  await users?.stop().catch(() => undefined);
  await closeAll();
});

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;

const credentials = ({ accessKeyId, secretAccessKey }: AccessKey) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

/** Every activity but the first, by which the stack's worker said whose the zone is. */
async function expectDoneByOwn({ workflowId, runId }: StartedDeployment): Promise<void> {
  const { workflow } = await stackTemporal();
  const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
  const pids = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started ? [Number(started.identity?.split('@')[0])] : [],
  );
  const [first, ...others] = pids;
  // The stack's own: it may be another process by now, for a test beside this one kills it.
  expect(first).not.toBe(own?.pid);
  expect(new Set(others)).toEqual(new Set([own?.pid]));
  expect(others.length).toBeGreaterThan(10);
}

test('an application behind an internal and a public load balancer moves, rolls, comes back and goes on both without a lost request', async () => {
  const { zone, address, made } = await bothListeners('twofold', { ownWorkers: true });
  const environment = credentials((await awsKeys(stackFolders(folder))).worker);
  own = await startWorker(stack(), { words: ['--zones', zone], environment });
  const application = await liveApplication('Twofold', ['Twofold'], zone);
  const { deployments, target } = application;
  const outside = await startOutside('Twofold', address, made);
  users = outside;
  const expectBoth = async (...allowed: Allowed[]) => {
    await Promise.all([application.traffic, outside].map((one) => one.expect('Twofold', allowed)));
  };
  await expectBoth(platformServer, container('2.0'));
  const moved = await application.deploy({ version: '2.0' });
  expect(await application.ended(moved)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  await expectDoneByOwn(moved);
  await expectBoth(container('2.0'), container('3.0'));
  const rolled = await application.deploy({ version: '3.0' }, { bake: '1h' }, 'rollingUpdate');
  await application.until(({ phase }) => phase === 'bake');
  await expectBoth(container('3.0'));
  await currentReads();
  const healthy = [{ target: { state: 'healthy' } }];
  expect(await deployments.ask({ kind: 'topology', ...target })).toMatchObject({
    rules: [
      { route: 'live' },
      { route: 'test' },
      { route: 'live', through: 'cutover-local-public' },
      { route: 'test', through: 'cutover-local-public' },
    ],
    slots: [{ slot: 'a', tasks: healthy, beside: [{ tasks: healthy }] }, { slot: 'b' }],
  });
  await expectBoth(container('2.0'), container('3.0'));
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(rolled)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  await expectBoth(container('2.0'));
  await currentReads();
  const rules = await describeRules(stackAws().elb, made.live.arn);
  expect(rules.filter(({ tags }) => tags[tagKeys.application] === 'Twofold')).toHaveLength(1);
  await expectBoth(container('2.0'), platformServer);
  const removed = await deployments.start(target, 'removeApplication', { approval: 'none' });
  expect(await application.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
  await expectWhole(application, [], 0);
  const { failures, sent } = await outside.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(0);
});
