/** How a run ended that people stopped in Temporal itself. */
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { endedByPeople } from '../../client/failures';

test('a run that was cancelled was rolled back, and one that was terminated was not', () => {
  expect(endedByPeople(new CancelledFailure('Workflow canceled'))).toMatchObject({ outcome: 'rolledBack' });
  expect(endedByPeople(new TerminatedFailure('Workflow terminated'))).toMatchObject({ outcome: 'terminated' });
  expect(endedByPeople(ApplicationFailure.nonRetryable('bad input'))).toBeUndefined();
});
