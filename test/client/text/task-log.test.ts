import { formatNoTask } from '../../../client/text/task-log';

test('the Platform Server is said to serve only where it does', () => {
  expect(formatNoTask('Orders', { servedBy: 'platform-server' })).toBe(
    'Orders has no task in containers: the Platform Server serves it.',
  );
  expect(formatNoTask('Orders', { servedBy: 'container' })).toBe(
    'Orders has no task, and none that stopped within the last hour.',
  );
});
