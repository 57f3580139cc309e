/**
 * Every kind of gate fails at a share of 10 %, in settle, and in the bake: each time all traffic goes back to what served, and no
 * request is lost. The load balancer's own counts come by the minute, and late: only `npm run chaos` has the time for that.
 */
import type { DeploymentRequestInput } from '../../../contract/runbook-requests';
import type { LiveApplication, Release } from '../e2e/live-application';
import { startOwnStack, type OwnStack } from './own-stack';

const container = (version: string) => ({ servedBy: 'container', version });
/** How each moment comes about. A rollback settles for as long. */
const moments: Readonly<Record<string, Partial<DeploymentRequestInput>>> = {
  'at 10 %': { shift: [{ percent: 10, bake: '10m' }, { percent: 100 }], settle: '1s' },
  'in settle': { shift: [{ percent: 100 }], settle: '20s' },
  'in the bake': { shift: [{ percent: 100 }], settle: '1s', bake: '10m' },
};
/** As long as what load balancers count takes to come. */
const longSettle = { settle: '4m' };
const answered = ['prometheus', 'http', 'webhook'] as const;

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(async () => {
  await own.closeHealthy();
});

/** An application's release gets as far as this moment, with green answering users; then `fail`; blue has everything again. */
async function fallsBack(
  application: LiveApplication,
  moment: string,
  release: Release,
  { fail, more }: { readonly fail?: () => Promise<unknown>; readonly more?: Partial<DeploymentRequestInput> },
) {
  const deployment = await application.deploy(release, { ...moments[moment], ...more, onFailure: 'rollback' });
  const phase = moment === 'in settle' ? 'settle' : 'bake';
  await application.until(
    (status) => status.phase === phase && status.gates !== undefined && (status.greenPercent ?? 0) > 0,
  );
  await fail?.();
  const ended = await application.ended(deployment);
  expect(ended).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a', version: '2.0' } } });
  await own.living.moreTraffic(application);
  return 'result' in ended ? ended.result.failure : undefined;
}

test.concurrent.each(Object.keys(moments))(
  'a gate of any kind that fails %s gives all traffic back to blue, and no request is lost',
  async (moment) => {
    const { setAlarm, setGates, startAnswers } = await import('../e2e/gated.js');
    const { expectWhole, inContainers, moreTraffic } = own.living;
    const name = `Fails${moment.replaceAll(/\W|\d/g, '')}`;
    const application = await inContainers(name, [name]);
    await application.traffic.expect(name, [container('2.0'), container('3.0')]);
    for (const kind of answered) {
      const answers = await startAnswers();
      await setGates(name, { [kind]: answers.gates[kind] ?? {} });
      const failure = await fallsBack(
        application,
        moment,
        { version: '3.0' },
        {
          fail: async () => answers.set(kind, false),
        },
      );
      answers.close();
      expect(failure).toMatch(new RegExp(`^Gate ${kind} failed`));
    }
    await setAlarm(name, 'OK');
    await setGates(name, { alarms: { kind: 'alarms', names: [name], every: '1s', failAfter: '1s' } });
    const failure = await fallsBack(
      application,
      moment,
      { version: '3.0' },
      {
        fail: () => setAlarm(name, 'ALARM'),
      },
    );
    expect(failure).toMatch(/^Gate alarms failed/);
    await application.traffic.expect(name, [container('2.0')]);
    await moreTraffic(application);
    await expectWhole(application, [0, 2], 1);
  },
  900_000,
);

test.concurrent.each(Object.keys(moments))(
  'the load balancer’s own counts tell %s that a release fails, though they arrive late',
  async (moment) => {
    const { setGates } = await import('../e2e/gated.js');
    const { inContainers, setFault } = own.living;
    const name = `Counts${moment.replaceAll(/\W|\d/g, '')}`;
    const application = await inContainers(name, [name]);
    await setGates(name, { counts: { kind: 'loadBalancer', every: '5s', failAfter: '0s' } });
    await application.traffic.expect(name, [container('2.0'), container('3.0')]);
    const inTime = await setFault({ kind: 'lateMetrics', lateMs: 30_000 });
    // Users are to see what the release does to them: nobody else makes it fail.
    const more = moment === 'in settle' ? longSettle : {};
    const failure = await fallsBack(application, moment, { version: '3.0', broken: 'errors:60' }, { more });
    await inTime();
    expect(failure).toMatch(
      /^Gate counts failed.*: \d+ of \d+ requests \(.*\) failed(, allowed 5 %| against .* of (blue in the same minutes|the hour before))/,
    );
    const { failures } = await application.judged();
    expect(failures.filter(({ status }) => status !== 500)).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
  },
  900_000,
);
