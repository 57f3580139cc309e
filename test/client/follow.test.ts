/** What is shown to someone who follows a deployment. */
import type { Deployments, Ending } from '../../client/deployments';
import { follow } from '../../client/follow';
import { Refused, Unanswered } from '../../client/errors';
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

async function linesShown(deployments: Pick<Deployments, 'status' | 'ended'>): Promise<string[]> {
  const lines: string[] = [];
  await follow(deployments, target, started, (line) => lines.push(line));
  return lines;
}

test('a worker that is away for a while is reported once, and following goes on', async () => {
  const away = new Unanswered('No worker answers for production/Orders: start one with "cutover worker".');
  expect(await linesShown(answering(at('prepare'), away, away, at('verify')))).toEqual([
    '12:00:00  prepare',
    expect.stringMatching(/No worker answers.*goes on as soon as one is there/),
    '12:00:00  verify',
  ]);
});

test('Temporal being away is reported as that, and following goes on', async () => {
  const away = new Unanswered('Temporal does not answer: see whether it runs.', 'as soon as it does');
  expect(await linesShown(answering(at('prepare'), away, away, at('verify')))).toEqual([
    '12:00:00  prepare',
    '          Temporal does not answer: see whether it runs. The deployment goes on as soon as it does.',
    '12:00:00  verify',
  ]);
});

test('what can not be asked at all ends the following', async () => {
  const gone = new Refused('Temporal can not be reached at 127.0.0.1:7233.');
  await expect(linesShown(answering(at('prepare'), gone, at('verify')))).rejects.toThrow(/can not be reached/);
});

test('a limit that is a day away is shown with its day', async () => {
  const asked = { ...at('approve'), waitingFor: 'Approve or reject.', deadline: '2026-11-23T12:00:00.000Z' };
  expect(await linesShown(answering({ ...asked, afterDeadline: 'It goes back.' }))).toContain(
    '          Approve or reject. Else, at 2026-11-23 12:00:00 UTC: It goes back.',
  );
});
