/** Blue-green as the tests of it meet it: what they wait for, and how it ends. */
import { WorkflowFailedError } from '@temporalio/client';
import type { DeploymentStatus } from '../../contract/status';
import { findForeignRoute } from '../../planning/adoption/foreign-route';
import type { Observed } from '../../planning/observed/observed';
import { listener, listenerArn, orders, path, rule, slot } from '../planning/zone';
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

/** What another tool made, behind rules of its own. */
export function theirs(): Partial<Observed> {
  const rules = [
    rule('r1', 1, { conditions: [path('^/Orders')], forward: [{ targetGroupArn: 'old', weight: 1 }] }),
    rule('r2', 2, { conditions: [path('^/Never')], forward: [{ targetGroupArn: 'old', weight: 1 }] }),
  ];
  const live = listener(listenerArn, ...rules);
  const route = findForeignRoute(orders, live, ['/Orders', '/OrdersAPI'], ['apps.example.com']);
  const service = { ...slot('a', { name: 'legacy', targetGroupArns: ['old'] }).service!, image: 'orders:latest' };
  const foreign = route && { route, service, targetGroupArn: 'old', attributes: {} };
  return { liveListener: live, ...(foreign && { foreign }) };
}
