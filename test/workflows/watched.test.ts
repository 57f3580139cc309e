/** Green is watched while people decide: who looks knows at once, nobody is told twice, and nothing moves to a green that is sick. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { newsIdOf } from '../../contract/news';
import type { NewsRequest } from '../../activities/news';
import type { DeploymentRequest } from '../../contract/runbook-requests';
import { planBlueGreen } from '../../planning/plans/deployment';
import { inSlotA, observed } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { holding, made, waitingForApproval } from './blue-green';
import { fails, planRequest, type Script } from './scripted-activities';
import { openWorld, quick } from './world';

const sent: NewsRequest[] = [];
const opening = openWorld({
  activities: {
    describeChannels: () => Promise.resolve([{ channel: 'ops', repeatable: false }]),
    sendNews: (request: NewsRequest) => Promise.resolve(void sent.push(request)),
  },
});
afterAll(async () => {
  const { client, close } = await opening;
  // What it has not told yet, the workers of the next file would.
  await client.workflow.getHandle(newsIdOf('production')).terminate('test');
  await close();
});

const why = 'Target 10.0.0.7:8080 is unhealthy: Target.Timeout.';
const approve = { args: [{ by: 'Ana' }] as unknown[] as [] };

/** Green as the watch finds it, which a test may change. */
function patient(): { sick: string | null; attempts: number; readonly script: Script } {
  const green = {
    sick: null as string | null,
    attempts: 0,
    script: {
      planBlueGreen: (asked: DeploymentRequest) => ({
        ...planBlueGreen(planRequest(asked), observed(inSlotA())),
        notified: true,
      }),
      watchVerified: async (_each: unknown, known: string | null) => {
        green.attempts += 1;
        while (green.sick === known && !Context.current().cancellationSignal.aborted) await sleep(20);
        return green.sick;
      },
    },
  };
  return green;
}

const deployed = async (script: Script, input: object = {}) =>
  await (await opening).deploy({ ...quick, approval: 'afterVerify', ...input }, inSlotA(), script);

test('its sickness and its recovery show in the status, and each sickening is told once', async () => {
  const green = patient();
  const deployment = await deployed(green.script);
  await deployment.until(waitingForApproval);
  green.sick = why;
  const sick = await deployment.until((status) => status.sick !== undefined);
  expect(sick).toMatchObject({ phase: 'approve', sick: why, waitingFor: expect.stringContaining(why) });
  expect(sick.commands).toContain('approve');
  green.sick = null;
  const well = await deployment.until((status) => status.sick === undefined);
  expect(well.waitingFor).not.toContain('sick');
  green.sick = 'Again.';
  await deployment.until((status) => status.sick === 'Again.');
  green.sick = null;
  await deployment.until((status) => status.sick === undefined);
  await deployment.handle.executeUpdate('approve', approve);
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const { workflowId } = deployment.handle;
  const told = () => sent.flatMap(({ entries }) => entries).filter((one) => one.workflow === workflowId);
  while (!told().some(({ event }) => event === 'end')) await sleep(20);
  const sickenings = told().filter(({ event }) => event === 'sick');
  expect(sickenings.map(({ facts }) => facts['failure'])).toEqual([why, 'Again.']);
  await recordHistory('watched', () => deployment.handle.fetchHistory());
});

test('an approval of a green that is sick moves nothing: it holds, and a retry once it is well goes on', async () => {
  const green = patient();
  const deployment = await deployed(green.script);
  await deployment.until(waitingForApproval);
  green.sick = why;
  await deployment.until((status) => status.sick !== undefined);
  deployment.script({ waitForReplicas: fails('GreenUnhealthy', why) });
  expect(await deployment.handle.executeUpdate('approve', approve)).toContain(why);
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: why, greenPercent: 0 });
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
  deployment.script({ waitForReplicas: () => undefined });
  await deployment.handle.executeUpdate('retry', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  await recordHistory('approved-while-sick', () => deployment.handle.fetchHistory());
});

test('it goes back by itself where a failure is to roll back, and blue was never touched', async () => {
  const deployment = await deployed({ ...patient().script }, { onFailure: 'rollback' });
  await deployment.until(waitingForApproval);
  deployment.script({ waitForReplicas: fails('GreenUnhealthy', why) });
  await deployment.handle.executeUpdate('approve', approve);
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: why });
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live green'))).toEqual([]);
});

test('a worker that dies in the watch leaves it to the next, which knows what was told', async () => {
  const green = patient();
  let died = false;
  const watch = green.script.watchVerified!;
  const deployment = await deployed({
    ...green.script,
    watchVerified: async (...args) => {
      // What a worker had found that died before it could tell.
      if (green.sick !== null && !died) {
        died = true;
        throw new Error('The worker died.');
      }
      return await watch(...args);
    },
  });
  await deployment.until(waitingForApproval);
  while (green.attempts === 0) await sleep(20);
  green.sick = why;
  await deployment.until((status) => status.sick === why);
  await deployment.handle.executeUpdate('reject', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  const { workflowId } = deployment.handle;
  const told = () => sent.flatMap(({ entries }) => entries).filter((one) => one.workflow === workflowId);
  while (!told().some(({ event }) => event === 'end')) await sleep(20);
  expect(told().filter(({ event }) => event === 'sick')).toHaveLength(1);
});

test('who can not look says so, and the last look decides', async () => {
  const deployment = await deployed({
    ...patient().script,
    watchVerified: fails('AccessDenied', 'ecs:DescribeServices is not allowed.'),
  });
  const status = await deployment.until((one) => one.sick !== undefined);
  expect(status.sick).toBe('Nobody can look: ecs:DescribeServices is not allowed.');
  await deployment.handle.executeUpdate('approve', approve);
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test('an approval is followed by one look and the cut', async () => {
  const deployment = await deployed(patient().script);
  await deployment.until(waitingForApproval);
  await made(deployment, 'watchVerified');
  const before = deployment.calls.length;
  await deployment.handle.executeUpdate('approve', approve);
  await deployment.outcome();
  expect(deployment.calls.slice(before, deployment.calls.indexOf('setRoute live green 100') + 1)).toEqual([
    'confirmTargetGroups',
    'describeReplicas',
    'count group-green 1',
    expect.stringMatching(/^setDesiredCount Orders-.*-b 3$/),
    'waitForReplicas',
    'verifyModules',
    'setRoute live green 100',
  ]);
});

test('what an attempt may have moved settles before blue is proven, although the next attempt found green sick', async () => {
  const deployment = await deployed({
    ...patient().script,
    cutAtOnce: () => ({ why: 'Orders-b: not every replica is healthy.', isUntouched: false }),
  });
  await deployment.until(waitingForApproval);
  deployment.script({ waitForReplicas: fails('GreenUnhealthy', why) });
  await deployment.handle.executeUpdate('approve', approve);
  await deployment.until(holding);
  deployment.script({ waitForReplicas: () => undefined });
  await deployment.handle.executeUpdate('rollback', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(deployment.calls).toContain('proveReleases blue');
});
