/** Gates: a release that does harm is stopped by what is measured, from its first share of traffic to the end of the bake. */
import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Judged } from '../../activities/gates';
import type { GateStanding } from '../../planning/gates/standing';
import { planBlueGreen } from '../../planning/plans/deployment';
import { planRollingUpdate } from '../../planning/plans/rolling-update';
import { recordHistory } from '../suites/replay/histories';
import { inSlotA, observed } from '../planning/zone';
import { holding, waitingForApproval } from './blue-green';
import { planRequest, untilCancelled, type Script } from './scripted-activities';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const gated: Script = {
  planBlueGreen: (asked) => ({ ...planBlueGreen(planRequest(asked), observed(inSlotA())), gates: ['errors'] }),
  planRollingUpdate: (asked) => ({ ...planRollingUpdate(planRequest(asked), observed(inSlotA())), gates: ['errors'] }),
};
const deploy = async (input: object, script: Script, ...strategy: [Parameters<World['deploy']>[3]?]) =>
  await (
    await opening
  ).deploy({ ...quick, approval: 'none', ...input }, inSlotA(), { ...gated, ...script }, ...strategy);

const standing = (verdict: GateStanding['verdict'], more: Partial<GateStanding> = {}): GateStanding => ({
  gate: 'errors',
  verdict,
  says: '40 of 100 requests (40 %) failed, allowed 1 %',
  at: '2026-11-29T12:00:00.000Z',
  failingSince: null,
  ...more,
});
const failing = standing('fails', { failingSince: '2026-11-29T11:59:00.000Z', failing: ['the gate'] });
const why = 'Gate errors failed for 1m: 40 of 100 requests (40 %) failed, allowed 1 %.';
const failGate = () => {
  throw ApplicationFailure.nonRetryable(why, 'GateFailed', { gates: [failing] });
};

test.concurrent('a gate that fails in the bake holds with its numbers, and a retry judges anew', async () => {
  let isSick = false;
  const judge = async () => {
    while (!isSick && !Context.current().cancellationSignal.aborted) await setTimeout(50);
    return isSick ? failGate() : undefined;
  };
  const deployment = await deploy(
    { bake: '1h' },
    { judgeGates: (_, until) => (until === 'passing' ? [standing('passes')] : judge()) },
  );
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  isSick = true;
  const held = await deployment.until(holding);
  expect(held).toMatchObject({ heldIn: 'bake', failure: why, greenPercent: 100, gates: [failing] });
  expect(held.dossier).toMatchObject({ failure: why, gates: [failing] });
  expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
  isSick = false;
  await deployment.handle.executeUpdate('retry', { args: [{}] });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  const judgings = () => deployment.calls.filter((call) => call === 'judgeGates until failed').length;
  while (judgings() < 2) await setTimeout(50);
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', gates: [standing('passes')] });
  await recordHistory('gated', () => deployment.handle.fetchHistory());
});

test.concurrent(
  'one that fails at a share of 10 % gives all traffic back to blue by itself, where that is wanted',
  async () => {
    const shift = [{ percent: 10, bake: '1h' }, { percent: 100 }];
    const deployment = await deploy({ shift, onFailure: 'rollback' }, { judgeGates: failGate });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: why,
      live: { slot: 'a' },
      dossier: { gates: [failing] },
    });
    expect(deployment.calls).not.toContain('setRoute live green 100');
    expect(deployment.calls).toContain('setRoute live before');
  },
);

test.concurrent('one judging goes on from the first share to the end of the bake', async () => {
  const shift = [{ percent: 10, bake: '0s' }, { percent: 50, bake: '0s' }, { percent: 100 }];
  const deployment = await deploy({ shift }, {});
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const judging = deployment.calls.filter((call) => call.startsWith('judgeGates'));
  expect(judging).toEqual(['judgeGates until failed', 'judgeGates until passing']);
  const order = ['examineGates', 'setRoute live green 10', ...judging, 'setDesiredCount service-a 0'];
  const positions = order.map((call) => deployment.calls.indexOf(call));
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
});

test.concurrent('a bake doesn’t end while a gate fails: blue stays for as long', async () => {
  const deployment = await deploy(
    {},
    { judgeGates: (_, until) => (until === 'passing' ? failGate() : untilCancelled()) },
  );
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'bake', failure: why });
  expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
  await deployment.handle.executeUpdate('rollback', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
});

describe('what fails before green has any traffic', () => {
  const asks = 'Before green has any traffic, this fails already: gate errors: cpu rings. Approve to go on.';
  const accepted = standing('fails', { accepted: ['cpu'] });
  const rings: Script = { examineGates: () => ({ standings: [failing], asks, accepted: [accepted] }) };

  test.concurrent(
    'is asked about, whatever the deployment wants, and is known from then on to what judges',
    async () => {
      const judged: Judged[] = [];
      const deployment = await deploy(
        {},
        {
          ...rings,
          judgeGates: (asked, until) => {
            judged.push(asked);
            return until === 'passing' ? [accepted] : untilCancelled();
          },
        },
      );
      const status = await deployment.until(waitingForApproval);
      expect(status).toMatchObject({ waitingFor: expect.stringContaining(asks), gates: [failing] });
      expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
      await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
      expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', approved: { by: 'Ana' } });
      expect(judged.map(({ before }) => before)).toEqual([[accepted], [accepted]]);
    },
  );

  test.concurrent('is a reason to reject, and nothing of live traffic was touched', async () => {
    const deployment = await deploy({}, rings);
    await deployment.until(waitingForApproval);
    await deployment.handle.executeUpdate('reject', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: 'Rejected by Ana.' });
    expect(deployment.calls.filter((call) => call.startsWith('setRoute live green'))).toEqual([]);
  });
});

test.concurrent('a rolling update is judged while its replicas are replaced', async () => {
  const rolling = { new: 1, starting: 1, old: 2, draining: 0, complete: false };
  let looked = 0;
  const deployment = await deploy(
    { strategy: 'rollingUpdate' },
    {
      judgeGates: failGate,
      waitForRollProgress: async () => {
        looked += 1;
        if (looked > 1) await untilCancelled();
        return rolling;
      },
    },
    'rollingUpdate',
  );
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: why, gates: [failing] });
  expect(deployment.calls).toContain('holdRoll');
  await deployment.handle.terminate('enough seen');
});
