/** Blue-green as the tests of it meet it: what they wait for, and how it ends. */
import { WorkflowFailedError } from '@temporalio/client';
import type { DeploymentStatus } from '../../contract/status';
import type { Deployment } from './world';

export const waitingForApproval = (status: DeploymentStatus) =>
  status.phase === 'approve' && status.commands.includes('approve');
export const holding = (status: DeploymentStatus) => status.phase === 'hold' && status.commands.includes('retry');
export const failureOf = async (deployment: Deployment): Promise<Error | undefined> =>
  await deployment.outcome().then(
    () => undefined,
    (error: unknown) => (error instanceof WorkflowFailedError ? (error.cause ?? error) : (error as Error)),
  );

/** What was called from the moment that traffic went back. */
export const restored = (calls: readonly string[]) => calls.slice(calls.indexOf('setRoute live before'));

/** Polls until a call was made that begins so. */
export async function made({ calls }: Pick<Deployment, 'calls'>, start: string): Promise<void> {
  while (!calls.some((call) => call.startsWith(start))) await new Promise((resolve) => setTimeout(resolve, 20));
}
