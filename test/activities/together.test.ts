import { together } from '../../activities/concurrency';

const after = async <T>(ms: number, give: () => T): Promise<T> =>
  await new Promise((resolve, reject) =>
    setTimeout(() => {
      try {
        resolve(give());
      } catch (error) {
        reject(error as Error);
      }
    }, ms),
  );
const fail = (why: string) => (): never => {
  throw new Error(why);
};

test('reads that are sent together give their answers in their order', async () => {
  expect(await together([after(20, () => 'first'), 2, after(0, () => true)])).toEqual(['first', 2, true]);
});

test('where several fail, people read of the same one every time, whichever is quicker', async () => {
  const reads = () => [after(0, () => 1), after(20, fail('no listener')), after(0, fail('no image'))] as const;
  await expect(together(reads())).rejects.toThrow('no listener');
});

test('nothing is still being read once the failure is told', async () => {
  let isRead = false;
  const slow = after(30, () => (isRead = true));
  await expect(together([after(0, fail('no listener')), slow])).rejects.toThrow('no listener');
  expect(isRead).toBe(true);
});
