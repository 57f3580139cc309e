import { get } from './client';
import {
  addresses,
  type DataPlane,
  type Setup,
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  named,
  path,
  rule,
  startBackend,
  startDataPlane,
  target,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

async function blueAndGreen(propagation: NonNullable<Setup['propagation']>) {
  const [blue, green] = [cleanUp(await startBackend(named('blue'))), cleanUp(await startBackend(named('green')))];
  const groups = [group('blue', [target(blue.port)]), group('green', [target(green.port)])];
  const serving = (name: string): Setup => ({ groups, propagation, rules: [rule('default', [], forwardTo(name))] });
  const plane = cleanUp(await startDataPlane(serving('blue')));
  await plane.untilHealthy();
  return { plane, groups, blue, green, serving };
}

const askBothNodes = ({ port }: DataPlane) =>
  Promise.all(addresses.map(async (address) => (await get(`http://${address}:${port}`)).body));

test('a changed rule isn’t in effect before its batch is over, and the change of another rule lands in the same batch', async () => {
  const { plane, serving, groups } = await blueAndGreen({ batchSeconds: 86_400, jitterSeconds: 0 });
  await plane.configure(serving('green'));
  await plane.configure({
    ...serving('green'),
    groups,
    rules: [rule(1, [path('/x')], forwardTo('green')), ...serving('green').rules],
  });
  expect((await get(plane.url)).body).toBe('blue');
  expect((await get(`${plane.url}/x`)).body).toBe('blue');
});

test('while a change spreads one node goes by the new rules and the other by the old', async () => {
  const { plane, serving } = await blueAndGreen({ batchSeconds: 0, jitterSeconds: 60 });
  // Both nodes may happen to get a change between two looks: then the test looks at the next change.
  const seen = new Set<string>();
  for (let changes = 1; !seen.has('blue green'); changes += 1) {
    const next = changes % 2 === 1 ? 'green' : 'blue';
    await plane.configure(serving(next));
    await eventually(async () => {
      const answers = (await askBothNodes(plane)).toSorted();
      seen.add(answers.join(' '));
      return answers.every((body) => body === next) ? true : undefined;
    });
  }
  expect([...seen].every((answers) => ['blue blue', 'blue green', 'green green'].includes(answers))).toBe(true);
});

test('every change reaches every node in the end, and the last one stays', async () => {
  const { plane, serving } = await blueAndGreen({ batchSeconds: 5, jitterSeconds: 5 });
  for (const name of ['green', 'blue', 'green', 'blue']) await plane.configure(serving(name));
  // No other change gives this answer, however many batches there were.
  const last = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200', MessageBody: 'last' } };
  await plane.configure({ ...serving('blue'), rules: [rule('default', [], last)] });
  await eventually(async () => ((await askBothNodes(plane)).every((body) => body === 'last') ? true : undefined));
  // An older batch that is late would come now.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await askBothNodes(plane)).toEqual(['last', 'last']);
});

test('a node that hasn’t heard of a change still reaches a target group that is gone from the configuration', async () => {
  const { plane, serving, groups } = await blueAndGreen({ batchSeconds: 86_400, jitterSeconds: 0 });
  await plane.configure({ ...serving('green'), groups: groups.slice(1) });
  expect((await get(plane.url)).body).toBe('blue');
});

test('a group that no rule forwards to any more is unused at once, however far the change has spread', async () => {
  const { plane, serving, groups } = await blueAndGreen({ batchSeconds: 86_400, jitterSeconds: 0 });
  const [blue, green] = groups;
  await plane.configure({ ...serving('green'), groups: [{ ...blue!, inUse: false }, green!] });
  const { targets } = await plane.report();
  expect(targets.map(({ state, reason }) => [state, reason])).toEqual([
    ['unused', 'Target.NotInUse'],
    ['healthy', undefined],
  ]);
  expect((await get(plane.url)).body).toBe('blue');
});

test('targets come and go at once, whatever rules wait for', async () => {
  const { plane, serving, groups, green } = await blueAndGreen({ batchSeconds: 86_400, jitterSeconds: 0 });
  const [blueGroup, greenGroup] = groups;
  const moved = {
    ...blueGroup!,
    targets: [{ ...blueGroup!.targets[0]!, drainingSince: Date.now() }, target(green.port)],
  };
  await plane.configure({ ...serving('blue'), groups: [moved, greenGroup!] });
  await plane.until((targets) => targets.some(({ port, state }) => port === green.port && state === 'healthy'));
  await eventually(async () => ((await get(plane.url)).body === 'green' ? true : undefined));
  for (let sent = 0; sent < 10; sent += 1) expect((await get(plane.url)).body).toBe('green');
});

test('an older configuration changes nothing', async () => {
  const { plane, serving } = await blueAndGreen({ batchSeconds: 0, jitterSeconds: 0 });
  await plane.configure(serving('green'));
  const stale = { version: 1, timeScale: 1, listeners: [], targetGroups: [], loadBalancers: [], propagation: {} };
  await fetch(`${plane.proxy.controlUrl}/configuration`, { method: 'PUT', body: JSON.stringify(stale) });
  expect((await get(plane.url)).body).toBe('green');
});
