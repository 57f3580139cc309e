/** Tasks that begin as slowly as IIS on Windows. */
import { createWarmUp } from '../../src/load-balancer/targets/warm-up';
import { target } from './data-plane';

const task = (registeredAt: number) => ({ ...target(8080, { registeredAt }), isTask: true });

beforeEach(() => jest.useFakeTimers({ now: Date.now() + 1_000, doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

test('a task answers 503 for a minute, and then each module of it waits once for 15 seconds, whoever asks', () => {
  const warmUp = createWarmUp(task(Date.now()), 10);
  expect(warmUp?.admit('/Orders/_ping.aspx')).toBe('unavailable');
  jest.advanceTimersByTime(5_999);
  expect(warmUp?.admit('/Orders/')).toBe('unavailable');
  jest.advanceTimersByTime(1);
  expect(warmUp?.admit('/Orders/_ping.aspx')).toBe(1_500);
  jest.advanceTimersByTime(1_000);
  expect([warmUp?.admit('/Orders?page=2'), warmUp?.admit('/Invoices/')]).toEqual([500, 1_500]);
  jest.advanceTimersByTime(1_500);
  expect([warmUp?.admit('/Orders/'), warmUp?.admit('/Invoices/x')]).toEqual([0, 0]);
});

test('what is no task, or was there before the load balancer, is warm', () => {
  expect(createWarmUp(target(8080, { registeredAt: Date.now() }), 10)).toBeUndefined();
  expect(createWarmUp(task(1), 10)).toBeUndefined();
});
