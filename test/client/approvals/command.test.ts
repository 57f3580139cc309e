/** What `cutover approve` prints: who approves a green that is sick is told so in the same line. */
import { formatApproved } from '../../../client/approvals/command';
import type { DeploymentStatus } from '../../../contract/status';

const status = (more: object = {}) => ({ phase: 'shift', heldIn: null, ...more }) as unknown as DeploymentStatus;

test('an approval of a green that is well says where the deployment is', () => {
  expect(formatApproved({}, status())).toBe('approve accepted; the deployment is in shift.');
  expect(formatApproved({}, status({ phase: 'hold', heldIn: 'shift' }))).toBe(
    'approve accepted; the deployment is in hold (shift).',
  );
});

test('an approval of one that is sick says why, and what follows', () => {
  const sick = 'Target 10.0.0.7:8080 is unhealthy: Target.Timeout.';
  expect(formatApproved({ sick }, status())).toBe(
    `approve accepted; the deployment is in shift. Green was sick as it was approved: ${sick} It is looked at once more, and nothing moves unless it is well.`,
  );
});

test('one of several that are wanted says how many are there', () => {
  const approvals = { counted: [{}], minimum: 2, closed: null };
  expect(formatApproved({ sick: 'It answers 500.' }, status({ phase: 'approve', approvals }))).toMatch(
    /^approve accepted; the deployment is in approve: 1 of 2 approvals\. Green was sick as it was approved: It answers 500\. /,
  );
});
