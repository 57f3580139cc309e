/** What a signal does to a command that follows a deployment. */
import type { Deployments, Ending } from '../../client/deployments';
import { startAndFollow } from '../../client/start';

const started = { workflowId: 'production/Orders', runId: 'run' };
const step = { phase: 'verify', started: '2026-11-22T12:00:00Z', ended: null };

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
      return { steps: [step], failure: null, waitingFor: null, ignored: [] };
    },
    ended: () => new Promise<Ending>((resolve) => (end = resolve)),
  } as unknown as Deployments;
  try {
    const following = startAndFollow({
      deployments,
      target: { zone: 'production', application: 'Orders' },
      runbook: 'blueGreen',
      input: { image: 'orders:2.0' },
      options: { wait: true },
    });
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
