/**
 * Every kind of gate fails at a share of 10 %, in settle, and in the bake: each time all traffic goes back to what served, and no
 * request is lost. The load balancer's own counts come by the minute, and late: only `npm run chaos` has the time for that.
 */
import type { LiveApplication } from '../e2e/live-application';
import type { Answers } from '../e2e/gated';
import { startOwnStack, type OwnStack } from './own-stack';

const container = (version: string) => ({ servedBy: 'container', version });
/** How each moment comes about. */
const moments = {
  'at 10 %': { shift: [{ percent: 10, bake: '10m' }, { percent: 100 }], settle: '1s' },
  'in settle': { shift: [{ percent: 100 }], settle: '15m' },
  'in the bake': { shift: [{ percent: 100 }], settle: '1s', bake: '10m' },
} satisfies Readonly<Record<string, object>>;
type Moment = keyof typeof moments;

let own: OwnStack;
const opened: Answers[] = [];

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(async () => {
  for (const answers of opened) answers.close();
  await own.close();
});

/** Deploys 3.0 until this moment. */
async function deployUntil(application: LiveApplication, moment: Moment, broken?: string) {
  const phase = moment === 'in settle' ? 'settle' : 'bake';
  const release = { version: '3.0', ...(broken !== undefined && { broken }) };
  const deployment = await application.deploy(release, { ...moments[moment], onFailure: 'rollback' });
  await application.until(
    (status) => status.phase === phase && status.gates !== undefined && (status.greenPercent ?? 0) > 0,
  );
  return deployment;
}

const kinds = ['prometheus', 'http', 'webhook', 'alarms'] as const;

describe.each(kinds)('a gate of the kind %s', (kind) => {
  test.concurrent.each(Object.keys(moments) as Moment[])(
    'that fails %s gives all traffic back to blue',
    async (moment) => {
      const { startAnswers, setAlarm, setGates } = await import('../e2e/gated.js');
      const { inContainers } = own.living;
      const name = `${kind}${moment.replaceAll(/\W|\d/g, '')}`;
      const application = await inContainers(name, [name]);
      const answers = await startAnswers();
      opened.push(answers);
      const alarms = { kind: 'alarms', names: [name], every: '1s', failAfter: '1s' };
      await setAlarm(name, 'OK');
      await setGates(name, { ...answers.gates, alarms });
      await application.traffic.expect(name, [container('2.0'), container('3.0')]);
      const deployment = await deployUntil(application, moment);
      if (kind === 'alarms') await setAlarm(name, 'ALARM');
      else answers.set(kind, false);
      expect(await application.ended(deployment)).toMatchObject({
        result: {
          outcome: 'rolledBack',
          live: { slot: 'a', version: '2.0' },
          failure: expect.stringMatching(new RegExp(`^Gate ${kind} failed`)),
        },
      });
      await application.traffic.expect(name, [container('2.0')]);
      await own.living.moreTraffic(application);
      await own.living.expectWhole(application, [0, 2], 1);
    },
    600_000,
  );
});

describe('the load balancer’s own counts', () => {
  test.concurrent.each(Object.keys(moments) as Moment[])(
    'tell %s that a release fails, though they arrive late',
    async (moment) => {
      const { setGates } = await import('../e2e/gated.js');
      const { inContainers, setFault, moreTraffic } = own.living;
      const name = `counts${moment.replaceAll(/\W|\d/g, '')}`;
      const application = await inContainers(name, [name]);
      await setGates(name, { counts: { kind: 'loadBalancer', every: '5s', failAfter: '0s' } });
      const inTime = await setFault({ kind: 'lateMetrics', lateMs: 30_000 });
      // Users are to see what it does to them.
      const deployment = await deployUntil(application, moment, 'errors:60');
      expect(await application.ended(deployment)).toMatchObject({
        result: {
          outcome: 'rolledBack',
          live: { slot: 'a', version: '2.0' },
          failure: expect.stringMatching(
            /^Gate counts failed.*: \d+ of \d+ requests \(.*\) failed against .* of (blue in the same minutes|the hour before)/,
          ),
        },
      });
      await inTime();
      await moreTraffic(application);
      const { failures } = await application.judged();
      // Nothing failed but what the release itself failed.
      expect(failures.filter(({ status }) => status !== 500)).toEqual([]);
      expect(failures.length).toBeGreaterThan(0);
    },
    900_000,
  );
});
