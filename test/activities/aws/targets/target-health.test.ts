/** When an unhealthy target may still be starting. */
import type { Task } from '@aws-sdk/client-ecs';
import type { TargetHealth, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { findSickTarget, noTargetSightings } from '../../../../activities/aws/targets/target-health';

const second = 1_000;
const now = Date.now();
beforeEach(() => void jest.useFakeTimers({ now }));
afterEach(() => void jest.useRealTimers());

const service = { healthCheckGracePeriodSeconds: 300, deployments: [{ createdAt: new Date(now - 3_600 * second) }] };
const timeoutMs = 900 * second;

const taskAt = (address: string, startedSecondsAgo: number): Task => ({
  startedAt: new Date(now - startedSecondsAgo * second),
  attachments: [{ details: [{ name: 'privateIPv4Address', value: address }] }],
});

const targetAt = (Id: string, health: Partial<TargetHealth> = {}): TargetHealthDescription => ({
  Target: { Id, Port: 80 },
  TargetHealth: { State: 'unhealthy', Reason: 'Target.Timeout', ...health },
});

const findSick = (running: readonly Task[], targets: readonly TargetHealthDescription[], seen = noTargetSightings()) =>
  findSickTarget({ service, running, targets }, timeoutMs, seen)?.Target?.Id;

test('the grace period begins with the task, not with the deployment', () => {
  expect(findSick([taskAt('10.0.0.1', 25)], [targetAt('10.0.0.1')])).toBeUndefined();
  expect(findSick([taskAt('10.0.0.1', 301)], [targetAt('10.0.0.1')])).toBe('10.0.0.1');
});

test('each target is judged by the age of its own task', () => {
  const running = [taskAt('10.0.0.1', 3_000), taskAt('10.0.0.2', 25)];
  const healthy = targetAt('10.0.0.1', { State: 'healthy' });
  expect(findSick(running, [healthy, targetAt('10.0.0.2')])).toBeUndefined();
  expect(findSick(running, [targetAt('10.0.0.2'), targetAt('10.0.0.1')])).toBe('10.0.0.1');
});

test('a task that shares its instance’s address is found by its port, and of two with that port the younger is meant', () => {
  const onPort = (hostPort: number, startedSecondsAgo: number): Task => ({
    startedAt: new Date(now - startedSecondsAgo * second),
    containers: [{ networkBindings: [{ hostPort }] }],
  });
  expect(findSick([onPort(80, 3_000), onPort(81, 25)], [targetAt('i-1')])).toBe('i-1');
  expect(findSick([onPort(80, 25), onPort(80, 3_000)], [targetAt('i-1')])).toBeUndefined();
});

test('a target without a known task gets the benefit of the doubt until the start time-out', () => {
  const seen = noTargetSightings();
  const look = () => findSick([{ startedAt: new Date(0) }], [targetAt('10.0.0.9')], seen);
  expect(look()).toBeUndefined();
  jest.advanceTimersByTime(timeoutMs);
  expect(look()).toBeUndefined();
  jest.advanceTimersByTime(second);
  expect(look()).toBe('10.0.0.9');
});

const answering = (codes: string) =>
  targetAt('10.0.0.1', {
    Reason: 'Target.ResponseCodeMismatch',
    Description: `Health checks failed with these codes: [${codes}]`,
  });

test.each(['500', '502', '503', '504', '503, 500'])(
  'an application that answers %s is warming up like a silent one',
  (codes) => {
    const seen = noTargetSightings();
    for (let look = 0; look < 10; look++)
      expect(findSick([taskAt('10.0.0.1', 299)], [answering(codes)], seen)).toBeUndefined();
    expect(seen.starting).toEqual([answering(codes)]);
    expect(findSick([taskAt('10.0.0.1', 301)], [answering(codes)], seen)).toBe('10.0.0.1');
  },
);

test.each(['404', '401', '403', '302', '503, 404', ''])(
  'one that answers [%s] three times in a row is wrong',
  (codes) => {
    const seen = noTargetSightings();
    const look = (target: TargetHealthDescription) => findSick([taskAt('10.0.0.1', 25)], [target], seen);
    expect([look(answering(codes)), look(answering(codes)), look(answering(codes))]).toEqual([
      undefined,
      undefined,
      '10.0.0.1',
    ]);
    expect(findSick([taskAt('10.0.0.1', 301)], [answering(codes)])).toBe('10.0.0.1');
  },
);

test('a wrong answer between others is none that repeats', () => {
  const seen = noTargetSightings();
  const look = (target: TargetHealthDescription) => findSick([taskAt('10.0.0.1', 25)], [target], seen);
  const between = [answering('503'), targetAt('10.0.0.1'), targetAt('10.0.0.1', { State: 'healthy' })];
  for (const other of between)
    expect([look(answering('404')), look(answering('404')), look(other)]).toEqual([undefined, undefined, undefined]);
});
