/** Blue-green as the tests of it meet it: what it starts from, and what they wait for. */
import { WorkflowFailedError } from '@temporalio/client';
import { applicationTags, tagKeys } from '../../planning/names';
import type { DeploymentStatus } from '../../workflows/messages';
import { listener, listenerArn, orders, path, release, rule, slot } from '../planning/zone';
import type { Deployment } from './world';

/** An application in containers, slot a. */
export const fromSlotA = () => ({
  live: listener(
    listenerArn,
    rule(
      'live-0',
      1990,
      { conditions: [path('^/(Orders)(/.*)?$')], forward: [{ targetGroupArn: 'group-a', weight: 1 }] },
      { ...applicationTags(orders), [tagKeys.route]: 'live', [tagKeys.rule]: '0' },
    ),
  ),
  slots: [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', { desiredCount: 0 })],
});

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
