/** What someone who follows a deployment is told. */
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { Deployments, Ending } from '../../client/deployments';
import { startAndFollow } from '../../client/start';
import { follow } from '../../client/follow';
import { endedByPeople, Refused, Unanswered } from '../../client/errors';
import type { DeploymentStatus } from '../../contract/status';

const target = { zone: 'production', application: 'Orders' };
const started = { workflowId: 'production/Orders', runId: 'run' };
const at = (phase: string): Partial<DeploymentStatus> => ({
  steps: [{ phase, started: '2026-11-22T12:00:00Z', ended: null }] as unknown as DeploymentStatus['steps'],
  failure: null,
  waitingFor: null,
  ignored: [],
});

/** Answers one after the other; the deployment ends with the last of them. */
function answering(...answers: readonly (Partial<DeploymentStatus> | Error)[]): Pick<Deployments, 'status' | 'ended'> {
  let asked = 0;
  let end: ((ending: Ending) => void) | undefined;
  const ending = new Promise<Ending>((resolve) => (end = resolve));
  return {
    status: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (asked >= answers.length) end?.({ failure: 'over' });
      if (answer instanceof Error) throw answer;
      return answer as DeploymentStatus;
    },
    ended: () => ending,
  };
}

async function told(deployments: Pick<Deployments, 'status' | 'ended'>): Promise<string[]> {
  const lines: string[] = [];
  await follow(deployments, target, started, (line) => lines.push(line));
  return lines;
}

test('a worker that is away for a while is told of once, and following goes on', async () => {
  const away = new Unanswered('No worker answers for production/Orders: start one with "cutover worker".');
  expect(await told(answering(at('prepare'), away, away, at('verify')))).toEqual([
    '12:00:00  prepare',
    expect.stringMatching(/No worker answers.*goes on as soon as one is there/),
    '12:00:00  verify',
  ]);
});

test('Temporal being away is told as that, and following goes on', async () => {
  const away = new Unanswered('Temporal does not answer: see whether it runs.', 'as soon as it does');
  expect(await told(answering(at('prepare'), away, away, at('verify')))).toEqual([
    '12:00:00  prepare',
    '          Temporal does not answer: see whether it runs. The deployment goes on as soon as it does.',
    '12:00:00  verify',
  ]);
});

test('what can not be asked at all ends the following', async () => {
  const gone = new Refused('Temporal can not be reached at 127.0.0.1:7233.');
  await expect(told(answering(at('prepare'), gone, at('verify')))).rejects.toThrow(/can not be reached/);
});

test.each([
  ['Ctrl-C', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
] as const)('%s ends only the following, and says once that the deployment goes on', async (_, signal, exitStatus) => {
  const others = process.listenerCount(signal);
  const said: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const exited = new Promise<unknown>((resolve) => {
    jest.spyOn(process, 'exit').mockImplementation(((status: unknown) => resolve(status)) as never);
  });
  let end: (ending: Ending) => void = () => undefined;
  const deployments = {
    start: async () => started,
    status: async () => {
      if (said.length === 0) process.emit(signal);
      return at('verify');
    },
    ended: () => new Promise<Ending>((resolve) => (end = resolve)),
  } as unknown as Deployments;
  try {
    const following = startAndFollow(deployments, target, 'blueGreen', { image: 'orders:2.0' }, { wait: true });
    expect(await exited).toBe(exitStatus);
    expect(said).toEqual([
      expect.stringMatching(/^\n?The deployment goes on: .*"cutover status production\/Orders"\.\n$/),
    ]);
    // Had the process gone on, nothing would be left that keeps the next Ctrl-C from ending it.
    expect(process.listenerCount(signal)).toBe(others);
    end({ failure: 'over' });
    await following;
  } finally {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  }
});

test('a limit that is a day away is told with its day', async () => {
  const asked = { ...at('approve'), waitingFor: 'Approve or reject.', deadline: '2026-11-23T12:00:00.000Z' };
  expect(await told(answering({ ...asked, afterDeadline: 'It goes back.' }))).toContain(
    '          Approve or reject. Else, at 2026-11-23 12:00:00 UTC: It goes back.',
  );
});

test('a run that was cancelled was rolled back, and one that was terminated was not', () => {
  expect(endedByPeople(new CancelledFailure('Workflow canceled'))).toMatchObject({ outcome: 'rolledBack' });
  expect(endedByPeople(new TerminatedFailure('Workflow terminated'))).toMatchObject({ outcome: 'terminated' });
  expect(endedByPeople(ApplicationFailure.nonRetryable('bad input'))).toBeUndefined();
});
