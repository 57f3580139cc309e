/** What the doctor can't look at. */
import { ApplicationFailure } from '@temporalio/common';
import { attempt } from '../../../../activities/aws/questions/attempt';
import { finding } from '../../../../planning/doctor';

const busy = () => ApplicationFailure.create({ type: 'Throttled', message: 'DescribeRules: waits for its turn' });
const well = finding({ check: 'listener', state: 'ok', says: 'it listens', next: null });

/** Looks that fail with these, one after the other, and then go well. */
function looking(...failures: readonly Error[]) {
  const left = [...failures];
  return jest.fn(async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return await Promise.resolve([well]);
  });
}

test('what deployments kept it from by the rates of AWS is looked at again', async () => {
  expect(await attempt('listener', looking(busy(), busy()))).toEqual([well]);
});

test('with no room for long it says so, and goes on with the rest', async () => {
  const look = looking(busy(), busy(), busy());
  expect(await attempt('listener', look)).toMatchObject([{ state: 'error', says: busy().message }]);
  expect(look).toHaveBeenCalledTimes(3);
});

test('what is refused is a finding at once', async () => {
  const look = looking(new Error('AWS refused permission'));
  expect(await attempt('listener', look)).toMatchObject([{ state: 'error', says: 'AWS refused permission' }]);
  expect(look).toHaveBeenCalledTimes(1);
});
