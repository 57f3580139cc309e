/** Which failed starts may go well the next time. */
import { mayStartNextTime, toleratedStarts } from '../../../../activities/aws/ecs/failed-tasks';

const didNotStart = (stoppedReason: string) => mayStartNextTime({ stopCode: 'TaskFailedToStart', stoppedReason });

test.each([
  'Timeout waiting for network interface provisioning to complete.',
  'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref: dial tcp: i/o timeout',
  'CannotPullContainerError: toomanyrequests: Rate exceeded',
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: RequestError: send request failed',
  'CannotStartContainerError: Error response from daemon: context deadline exceeded',
])('%s', (reason) => expect(didNotStart(reason)).toBe(true));

test.each([
  'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref orders:2: orders:2: not found',
  'CannotPullContainerError: Error response from daemon: manifest unknown: Requested image not found',
  'CannotPullContainerError: pull access denied for orders, repository does not exist or may require docker login',
  "ResourceInitializationError: unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  'ResourceInitializationError: unable to retrieve secrets from ssm: invalid ssm parameters: /orders/password',
  'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: The specified log group does not exist.',
])('never: %s', (reason) => expect(didNotStart(reason)).toBe(false));

test('a container that ran and ended is no failed start, and a container’s own reason counts too', () => {
  expect(mayStartNextTime({ stopCode: 'EssentialContainerExited' })).toBe(false);
  const containers = [{ reason: 'CannotPullContainerError: orders:2: not found' }];
  expect(mayStartNextTime({ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start', containers })).toBe(
    false,
  );
});

test('three starts may fail, or half of the replicas where that is more', () => {
  expect([1, 2, 6, 7, 8, 20].map(toleratedStarts)).toEqual([3, 3, 3, 3, 4, 10]);
});
