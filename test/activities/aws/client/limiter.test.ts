/** AWS's rates, shared by many: nothing goes out faster than they allow, and what acts goes before what looks. */
import fc from 'fast-check';
import type { Caller } from '../../../../activities/aws/client/fair-order';
import { createLimiter, type Admission, type Limiter } from '../../../../activities/aws/client/limiter';
import { apiClasses, classesOf, levelNow, sizeOf, waitMs } from '../../../../activities/aws/client/rates';

const call = (operation: string, isRead: boolean, patienceMs = 60_000) => ({ operation, isRead, patienceMs });
const change = call('elasticloadbalancing:ModifyRule', false);
const read = call('elasticloadbalancing:DescribeTargetHealth', true);
/** Takes what the bucket of changes holds, and with it half of what the account's holds. */
const useUp = async (limiter: Limiter, calls: number) =>
  await Promise.all(Array.from({ length: calls }, () => limiter.admit(change)));

test.each([
  ['ecs:UpdateService', ['ecs services changed']],
  ['ecs:DescribeServices', ['ecs services read']],
  ['ecs:RegisterTaskDefinition', ['ecs task definitions']],
  ['elasticloadbalancing:ModifyRule', ['elb changes', 'elb account']],
  ['elasticloadbalancing:DescribeRules', ['elb reads', 'elb account']],
  ['ecr:BatchGetImage', ['ecr images']],
  ['logs:GetLogEvents', ['others']],
])('%s counts in %j', (operation, names) => {
  expect(classesOf(operation).map(({ name }) => name)).toEqual(names);
});

test('whatever is asked for, no bucket gives more than its size and its rate allow', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 });
  fc.assert(
    fc.property(
      fc.constantFrom(...apiClasses),
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      waits,
      (one, share, all) => {
        let [now, taken, level] = [0, 0, levelNow(one, undefined, share, 0)];
        for (const waited of all) {
          now += waited;
          level = levelNow(one, level, share, now);
          if (waitMs(one, level, share) > 0) continue;
          level = { ...level, tokens: level.tokens - 1 };
          taken++;
        }
        expect(taken).toBeLessThanOrEqual(sizeOf(one, share) + (now / 1000) * one.rate * share + 1e-6);
      },
    ),
  );
});

test('a wall clock that is set back by an hour keeps no call waiting', async () => {
  const limiter = createLimiter(() => 1);
  await limiter.admit(change);
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
  try {
    await limiter.admit({ ...change, patienceMs: 5 });
  } finally {
    clock.mockRestore();
  }
});

test('who would wait too long is told to come again, and takes no turn from others', async () => {
  const limiter = createLimiter(() => 1);
  await useUp(limiter, 20);
  await expect(limiter.admit({ ...change, patienceMs: 1 })).rejects.toMatchObject({
    type: 'Throttled',
    nonRetryable: false,
    message: expect.stringContaining('elb changes'),
  });
  await limiter.admit(change);
});

test('a call that is cancelled while it waits never goes out', async () => {
  const limiter = createLimiter(() => 1);
  await useUp(limiter, 20);
  const cancelled = new AbortController();
  const waiting = limiter.admit({ ...change, signal: cancelled.signal });
  cancelled.abort(new Error('turned back'));
  await expect(waiting).rejects.toThrow('turned back');
  await expect(limiter.admit({ ...change, signal: cancelled.signal })).rejects.toThrow('turned back');
});

test('a change that comes last goes before reads that wait', async () => {
  // A tenth of the rates: four calls of the account at once, two of them changes; then one a second.
  const limiter = createLimiter(() => 0.1);
  await Promise.all([1, 2, 3, 4].map(() => limiter.admit(read)));
  const order: string[] = [];
  const reading = [1, 2].map(async () => {
    await limiter.admit(read);
    order.push('read');
  });
  await limiter.admit(change);
  order.push('change');
  await Promise.all(reading);
  expect(order).toEqual(['change', 'read', 'read']);
});

/** The order in which calls that all wait are let through, by the names of those who ask. */
async function inOrder(calls: readonly Admission[]): Promise<string[]> {
  let now = 0;
  const limiter = createLimiter(
    () => 1,
    () => now,
  );
  await Promise.all(Array.from({ length: 40 }, () => limiter.admit(read)));
  const order: string[] = [];
  const all = calls.map(async (one) => {
    await limiter.admit(one);
    order.push(one.caller?.name ?? '');
  });
  now += 60_000;
  await Promise.all(all);
  return order;
}

const asked = (kind: Caller['kind'], name: string, one = read): Admission => ({ ...one, caller: { kind, name } });
const step = (name: string, since: number): Admission => ({ ...read, caller: { kind: 'deployment', name, since } });

test('a question has its turn beside many deployments, and a deployment beside many questions', async () => {
  const bakes = Array.from({ length: 30 }, (_, at) => asked('deployment', `bake ${at}`));
  const order = await inOrder([...bakes, asked('question', 'plan'), asked('question', 'plan')]);
  expect(order.slice(0, 4)).toEqual(['bake 0', 'plan', 'bake 1', 'plan']);
  const watches = Array.from({ length: 30 }, (_, at) => asked('question', `watch ${at}`));
  expect((await inOrder([...watches, asked('deployment', 'Orders')])).indexOf('Orders')).toBe(1);
});

test('a watch of much waits for one of little', async () => {
  const much = Array.from({ length: 20 }, () => asked('watch', 'much'));
  expect((await inOrder([...much, asked('watch', 'little')])).indexOf('little')).toBe(1);
});

test('of steps the one that began first is finished first, and watches have their turns meanwhile', async () => {
  const steps = [step('later', 2), step('first', 1), step('later', 2), step('first', 1)];
  expect(await inOrder([...steps, asked('watch', 'bake'), asked('watch', 'bake')])).toEqual(
    expect.arrayContaining(['first', 'bake', 'first', 'bake', 'later', 'later']),
  );
  expect((await inOrder(steps)).join()).toBe('first,first,later,later');
});

test('a deployment whose users have begun to move is over before another begins, and watches have their turns meanwhile', async () => {
  const moving = {
    ...step('moving', 2),
    caller: { kind: 'deployment', name: 'moving', since: 2, isMoving: true },
  } as const;
  const order = await inOrder([step('begins', 1), asked('watch', 'bake'), moving, step('begins', 1), moving]);
  expect(order.filter((name) => name !== 'bake').join()).toBe('moving,moving,begins,begins');
  expect(order.indexOf('bake')).toBeLessThan(2);
});

test.each([10, 100, 200])(
  '%i plans that begin at once get through in a time that grows with their number',
  async (count) => {
    jest.useFakeTimers();
    try {
      const { seconds, calls } = await plansAtOnce(count);
      expect(calls).toBeLessThanOrEqual(50 + 2.5 * count);
      // Ten calls a second, and forty at once.
      expect(seconds).toBeLessThanOrEqual(calls / 10);
    } finally {
      jest.useRealTimers();
    }
  },
);

/** With the patience of real ones, and tried again as they are: each reads ten times what all read, and twice what is its own. */
async function plansAtOnce(count: number) {
  const limiter = createLimiter(() => 1);
  const client = {};
  const began = performance.now();
  let calls = 0;
  const ask = async (since: number, text: string) => {
    const caller = { kind: 'deployment', name: `plan ${since}`, since } as const;
    const turn = await limiter.admit({ ...read, patienceMs: 20_000, caller, question: { client, text } });
    if ('told' in turn) return await turn.told;
    calls += 1;
    const answer = sleep(30);
    turn.tell(answer);
    return await answer;
  };
  const plan = async (at: number): Promise<void> => {
    try {
      for (let round = 0; round < 5; round += 1)
        await Promise.all([0, 1].map((one) => ask(at, `of the zone: ${round} ${one}`)));
      await Promise.all(['a', 'b'].map((slot) => ask(at, `${at} ${slot}`)));
    } catch {
      await sleep(500);
      await plan(at);
    }
  };
  let left = count;
  for (let at = 0; at < count; at += 1) void plan(at).then(() => (left -= 1));
  while (left > 0) await jest.advanceTimersByTimeAsync(100);
  return { seconds: (performance.now() - began) / 1000, calls };
}

const sleep = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

test('what goes back is let through before all others, reads too', async () => {
  const others = [asked('deployment', 'other', change), asked('deployment', 'other'), asked('question', 'plan')];
  expect(
    (await inOrder([...others, asked('goesBack', 'back'), asked('goesBack', 'back', change)])).slice(0, 3),
  ).toEqual(['back', 'back', 'other']);
});

test('another worker halves the share of a limiter that is in use', async () => {
  let workers = 1;
  const limiter = createLimiter(() => 1 / workers);
  workers = 2;
  await useUp(limiter, 10);
  await expect(limiter.admit({ ...change, patienceMs: 1 })).rejects.toMatchObject({ type: 'Throttled' });
});
