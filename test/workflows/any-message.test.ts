/** What nobody can read never wedges a run: it gets a sentence, and the run goes on. */
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSigned } from '../../contract/approvals';
import { parseEntries, parseTrail } from '../../contract/audit';
import { parseCountersigning } from '../../contract/countersigning';
import { commandNames, parseCommandInput } from '../../contract/commands';
import { parseHookCallRequest, parseReport, type HookCallStatus } from '../../contract/hook-calls';
import type { Parsed } from '../../contract/parsing';
import { parseQuestion } from '../../contract/questions';
import {
  parseConfigurationRequest,
  parseDeploymentRequest,
  parseKeepWarmRequest,
  parseRemovalRequest,
  parseRetirementRequest,
  parseUndoRequest,
} from '../../contract/runbook-requests';
import { readMessage } from '../../workflows/payload-converter';
import {
  parseTurnsRequest,
  parseEntering,
  parseLeaving,
  parseStarted,
  parseOver,
  parseTold,
  parseAwaited,
} from '../../contract/turns';
import { parseStageRequest } from '../../contract/staging';
import { parseZoneNews } from '../../contract/news';
import { waitingForApproval } from './blue-green';
import { anyPayload, asIs, jsonPayload, unreadable } from './messages';
import { openWorld, quick } from './world';

const opening = openWorld();
afterAll(async () => (await opening).close());

/** How the message of each workflow type, and each message, is read. */
const parsers: Readonly<Record<string, (input: unknown) => Parsed<unknown>>> = {
  blueGreen: parseDeploymentRequest,
  rollingUpdate: parseDeploymentRequest,
  undo: parseUndoRequest,
  updateConfiguration: parseConfigurationRequest,
  removeApplication: parseRemovalRequest,
  keepWarm: parseKeepWarmRequest,
  retireWarm: parseRetirementRequest,
  auditTrail: parseTrail,
  zoneNews: parseZoneNews,
  countersign: parseCountersigning,
  describe: parseQuestion,
  stage: parseStageRequest,
  turns: parseTurnsRequest,
  containerBuild: parseHookCallRequest,
  containerRun: parseHookCallRequest,
  containerRemove: parseHookCallRequest,
  updateConfigurations: parseHookCallRequest,
};
const index = readFileSync(join(__dirname, '../../workflows/index.ts'), 'utf8');
const types = [...index.matchAll(/^export \{ (.+) \}/gm)].flatMap(([, names = '']) => names.split(', '));

const halves = /\p{Surrogate}/u;
const month = 30 * 24 * 3_600_000;
function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

/** Nothing but an array of entries is taken, and anything else by nobody. */
const readEntries = (input: unknown): Parsed<unknown> => ({ value: parseEntries(input) ?? null });

const messages: typeof parsers = {
  ...Object.fromEntries(commandNames.map((name) => [name, parseCommandInput])),
  countersign: parseSigned,
  abort: parseCommandInput,
  entries: readEntries,
  report: parseReport,
  enter: parseEntering,
  started: parseStarted,
  leave: parseLeaving,
  over: parseOver,
  turn: parseTold,
  awaited: parseAwaited,
};
/** Whatever comes with these, only that it came counts. */
const unread = ['supersede'];

test('every message that a workflow takes is among them', () => {
  const folder = join(__dirname, '../../contract');
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const defined = texts.flatMap((text) =>
    [...text.matchAll(/define(?:Signal|Update)<[^(]*\('?(\w+)/g)].map(([, name = '']) => name),
  );
  expect(defined).toContain('enter');
  // `name` are the commands, each of which is there.
  expect(new Set([...defined.filter((name) => name !== 'name'), ...commandNames])).toEqual(
    new Set([...Object.keys(messages), ...unread]),
  );
});

test.each([...types, ...Object.keys(messages)])(
  '%s takes any message: a value of finite times, or a short sentence',
  (type) => {
    const parse = { ...parsers, ...messages }[type]!;
    fc.assert(
      fc.property(anyPayload, (payload) => {
        const parsed = parse(readMessage(payload));
        if ('error' in parsed) {
          expect(parsed.error.length).toBeLessThan(1_800);
          expect(parsed.error).not.toMatch(halves);
        } else {
          for (const leaf of leavesOf(parsed.value)) expect(`${leaf as string}`).not.toMatch(halves);
          expect(
            leavesOf(parsed.value).filter((leaf) => typeof leaf === 'number' && !(Math.abs(leaf) <= month)),
          ).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  },
);

test('an escaped backslash before "ud800" begins no character', () => {
  expect(readMessage(jsonPayload('"\\\\ud800 \\ud83d\\ude00 \\ud83d"'))).toBe('\\ud800 \u{1f600} \ufffd');
});

describe.each(types)('a start of %s', (type) => {
  test.concurrent.each(Object.entries(unreadable))('that is %s fails with a sentence', async (_, { payload, why }) => {
    const { client } = await opening;
    const started = client.workflow.execute(type, {
      workflowId: `production/unread ${type} ${randomUUID()}`,
      taskQueue: 'cutover',
      args: [asIs(payload)],
    });
    await expect(started).rejects.toMatchObject({
      cause: { type: 'InvalidRequest', nonRetryable: true, message: expect.stringContaining(`The input ${why}`) },
    });
  });
});

test('a deployment ignores and tells signals that nobody can read, refuses such updates, and goes on', async () => {
  const deployment = await (await opening).deploy(quick);
  await deployment.until(waitingForApproval);
  const { handle } = deployment;
  for (const { payload, why } of Object.values(unreadable)) {
    await handle.signal('approve', asIs(payload));
    await handle.signal('supersede', asIs(payload));
    const { ignored } = await deployment.until((status) => status.ignored.at(-1)?.why.includes(why) ?? false);
    expect(ignored.at(-1)).toMatchObject({ name: 'approve', why: expect.stringContaining(`its input ${why}`) });
    await expect(handle.executeUpdate('approve', { args: [asIs(payload)] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`approve was refused: its input ${why}`) },
    });
    expect(await handle.query('status', asIs(payload))).toMatchObject({ phase: 'approve' });
  }
  await handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test('a deployment that waits takes any command with any input, and answers afterwards', async () => {
  const deployment = await (await opening).deploy(quick);
  await deployment.until(waitingForApproval);
  const { handle } = deployment;
  const commands = commandNames.filter((name) => !['approve', 'reject', 'rollback'].includes(name));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...commands, 'supersede', 'awaited', 'nobody'),
      anyPayload,
      async (name, payload) => {
        await handle.signal(name, asIs(payload));
        if (!['supersede', 'awaited'].includes(name))
          await handle.executeUpdate(name, { args: [asIs(payload)] }).catch((error: Error) => {
            expect(error).toMatchObject({ name: 'WorkflowUpdateFailedError' });
          });
        expect(await deployment.status()).toMatchObject({ phase: 'approve' });
      },
    ),
    { numRuns: 60 },
  );
  await handle.signal('resume');
  await handle.executeUpdate('approve');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test('a call of the platform ignores reports that nobody sent', async () => {
  let pinned = () => {};
  const pin = new Promise<void>((resolve) => (pinned = resolve));
  const call = await (
    await opening
  ).call('ContainerRun', { enterTurns: () => pin.then(() => ({ turn: 'taken' as const })) });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('report', 'turn'), anyPayload, async (name, payload) => {
      await call.handle.signal(name, asIs(payload));
    }),
    { numRuns: 60 },
  );
  expect(await call.handle.query<HookCallStatus>('status')).toMatchObject({ answered: null });
  pinned();
});

const glass = {
  workflow: 'production/Any',
  run: 'run-1',
  demand: { minimum: 1, approvers: ['Ana'], starter: null, plan: 'sha256:1', image: null, says: [], timed: false },
  application: { name: 'Any', key: randomUUID() },
  breaker: 'Ana',
  reason: 'checkout is down',
  at: new Date().toISOString(),
};

test.concurrent.each([
  ['auditTrail', 'audit/any', { zone: 'any' }, ['entries'], []],
  ['zoneNews', 'news/any', { zone: 'any' }, ['entries'], []],
  ['turns', 'turns:any', {}, ['started', 'leave', 'over', 'awaited'], ['enter']],
  ['countersign', 'countersign/production/Any/run-1', glass, ['countersign'], ['countersign']],
] as const)(
  '%s, which runs for years, goes on whatever it is sent',
  async (type, workflowId, input, signals, updates) => {
    const { client } = await opening;
    const handle = await client.workflow.start(type, { workflowId, taskQueue: 'cutover', args: [input] });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signals), anyPayload, async (name, payload) => {
        await handle.signal(name, asIs(payload));
        for (const update of updates)
          await handle.executeUpdate(update, { args: [asIs(payload)] }).catch((error: Error) => {
            expect(error).toMatchObject({ name: 'WorkflowUpdateFailedError' });
          });
      }),
      { numRuns: 40 },
    );
    // A run that is wedged, or that ended, answers no update and no query.
    await expect(handle.query('__temporal_workflow_metadata')).resolves.toMatchObject({ definition: { type } });
    const { status, raw } = await handle.describe();
    expect([status.name, raw.pendingWorkflowTask?.attempt ?? 1]).toEqual(['RUNNING', 1]);
    await handle.terminate('test');
  },
);
