import { TypedSearchAttributes } from '@temporalio/common';
import { listedOf } from '../../../client/known/listed';
import { searchAttributes } from '../../../contract/ids';

const run = { workflowId: 'production/Orders', runId: 'run-1' };
const held = new TypedSearchAttributes([
  { key: searchAttributes.phase, value: 'hold' },
  { key: searchAttributes.waitsFor, value: 'retry' },
  { key: searchAttributes.deadline, value: new Date('2026-11-29T10:00:00.000Z') },
]);

test('a run of an earlier version is listed by its search attributes', () => {
  expect(listedOf({ ...run, typedSearchAttributes: held })).toEqual({
    ...run,
    phase: 'hold',
    image: null,
    heldIn: null,
    paused: false,
    waitingFor: 'It waits for: retry.',
    deadline: '2026-11-29T10:00:00.000Z',
  });
});

test('a memo that somebody else wrote is no summary', () => {
  const memo = { cutover: { image: ['no'], paused: 'maybe' } };
  expect(listedOf({ ...run, memo, typedSearchAttributes: held })).toMatchObject({ image: null, paused: false });
});
