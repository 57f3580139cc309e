/** What runs tell the audit trail of their zone: it may be away for as long as it likes, and nothing waits, and nothing is lost. */
import { ApplicationFailure } from '@temporalio/common';
import type { AppendRequest } from '../../activities/audit';
import { trailIdOf, trailQuery, type AuditEntry } from '../../contract/audit';
import type { DeploymentRequest } from '../../contract/runbook-requests';
import { planBlueGreen } from '../../planning/plans/deployment';
import { taskQueues } from '../../contract/ids';
import { chained, verifyTrail, type Head } from '../../settings/audit/chain';
import { inSlotA, observed } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { waitingForApproval } from './blue-green';
import { planRequest, type Script } from './scripted-activities';
import { openWorld, quick } from './world';

const zone = 'production';
const lines: string[] = [];
const written: AuditEntry[] = [];
let isAway = false;

/** As the real one, into memory. */
function appendAudit({ head, entries }: AppendRequest): Promise<Head> {
  if (isAway) return Promise.reject(new Error('the bucket is away'));
  const next = chained(zone, head, entries);
  lines.push(...next.lines);
  written.push(...entries);
  return Promise.resolve(next.head);
}

const opening = openWorld({ activities: { appendAudit } });
afterAll(async () => {
  const { client, close } = await opening;
  await client.workflow.getHandle(trailIdOf(zone)).terminate('test');
  await close();
});

const audited: Script = {
  planBlueGreen: (asked: DeploymentRequest) => ({
    ...planBlueGreen(planRequest(asked), observed(inSlotA())),
    audited: true,
  }),
};

const deploy = async (input: object = {}, script = audited) =>
  await (await opening).deploy({ ...quick, by: 'Eva', ...input }, inSlotA(), script);

/** What was written of a run, once so much was. */
async function writtenOf(run: string | undefined, count: number): Promise<AuditEntry[]> {
  for (;;) {
    const own = written.filter((entry) => entry.run === run);
    if (own.length >= count) return own;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const runOf = ({ handle }: Awaited<ReturnType<typeof deploy>>) =>
  (handle as typeof handle & { firstExecutionRunId: string }).firstExecutionRunId;

test('a deployment goes on to its end while the trail is away, and all of it is written once that is back', async () => {
  isAway = true;
  const deployment = await deploy();
  await deployment.until(waitingForApproval);
  await deployment.handle.signal('retry', { by: 'Rui' });
  await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana', reason: 'tested' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  expect(lines).toEqual([]);
  const trail = (await opening).client.workflow.getHandle(trailIdOf(zone));
  expect((await trail.query(trailQuery)).waiting).toBeGreaterThan(0);

  isAway = false;
  const own = await writtenOf(runOf(deployment), 8);
  expect(
    own.map(({ event, facts }) => [event, facts['by'] ?? facts['outcome'] ?? facts['greenPercent'] ?? null]),
  ).toEqual([
    ['start', 'Eva'],
    ['command', null],
    ['command', 'Ana'],
    ['approval', 'Ana'],
    ['cut', null],
    ['cut', 100],
    ['served', null],
    ['end', 'completed'],
  ]);
  expect(own[1]?.facts).toEqual({ command: 'retry', ignored: 'No step holds now.' });
  await recordHistory('audited', () => deployment.handle.fetchHistory());
});

test('runs at the same time, a rollback and a refused start are in one chain, each line once', async () => {
  const refused = () => {
    const details = [{ audited: true }];
    throw ApplicationFailure.create({
      message: 'There is no such image.',
      type: 'InvalidRequest',
      nonRetryable: true,
      details,
    });
  };
  const [one, other, third, silent] = await Promise.all([
    deploy({ approval: 'none' }),
    deploy(),
    deploy({ by: 'Mallory' }, { planBlueGreen: refused }),
    // Its settings name no audit.
    deploy({ approval: 'none' }, {}),
  ]);
  await other.until(waitingForApproval);
  await other.handle.executeUpdate('reject', { args: [{ by: 'Rui' }] });
  expect(await one.outcome()).toMatchObject({ outcome: 'completed' });
  expect(await other.outcome()).toMatchObject({ outcome: 'rolledBack' });
  await expect(third.outcome()).rejects.toThrow('Workflow execution failed');
  expect((await writtenOf(runOf(third), 2)).map(({ event }) => event)).toEqual(['start', 'end']);
  expect((await writtenOf(runOf(other), 4)).map(({ event }) => event)).toEqual(['start', 'command', 'rollback', 'end']);
  await writtenOf(runOf(one), 5);

  const trail = (await opening).client.workflow.getHandle(trailIdOf(zone));
  const { head } = await trail.query(trailQuery);
  expect(verifyTrail(lines, { zone, head: head ?? undefined, final: true })).toMatchObject({
    repeated: 0,
    findings: [],
  });
  const numbers = written.map(({ run, number }) => `${run} ${number}`);
  expect(new Set(numbers).size).toBe(numbers.length);

  // What a stranger sends, and what comes a second time, is no line.
  const before = lines.length;
  await trail.signal('entries', [{ event: 'approval', by: 'Ana' }]);
  await trail.signal('entries', [written[0]]);
  await trail.signal('entries', [{ ...written[0], run: 'run-2', number: 1 }]);
  await writtenOf('run-2', 1);
  expect(lines.length).toBe(before + 1);
  await silent.outcome();
  expect(written.filter(({ run }) => run === runOf(silent))).toEqual([]);
  await recordHistory('audit-trail', () => trail.fetchHistory());
});

test('a trail that begins anew carries what waits, knows what it wrote, and takes nothing twice', async () => {
  const { client } = await opening;
  const [first] = written;
  const entry = (number: number) => ({ ...first!, run: 'run-1', number });
  const head = { sequence: 7, hash: 'ab'.repeat(32) };
  const input = {
    zone: 'other',
    head,
    carried: [entry(3)],
    seen: [['run-1', 3]],
    entries: [entry(2), entry(3), entry(4)],
  };
  const trail = await client.workflow.start('auditTrail', {
    workflowId: trailIdOf('other'),
    taskQueue: taskQueues.workflows,
    args: [input],
  });
  expect((await writtenOf('run-1', 2)).map(({ number }) => number)).toEqual([3, 4]);
  while ((await trail.query(trailQuery)).head?.sequence !== 9) await new Promise((resolve) => setTimeout(resolve, 20));
  await trail.terminate('test');
});
