/** The picture of a deployment that is followed in a terminal. */
import { Unanswered } from '../../client/errors';
import { followLive } from '../../client/follow-live';
import { orders, ordersOnAws } from './picture/orders';

const target = { zone: 'production', application: 'Orders' };
const started = { workflowId: 'production/Orders', runId: 'run' };

test('a worker that is away leaves the picture from before, with a line that says so, and a look at AWS that fails ends nothing', async () => {
  const drawn: string[] = [];
  const live = { draw: (lines: readonly string[]) => drawn.push(lines.join('\n')), say: jest.fn(), close: jest.fn() };
  const answers = [orders({ phase: 'start' }), new Unanswered('No worker answers.'), orders({ outcome: 'completed' })];
  let end = (): void => undefined;
  const ending = new Promise<{ failure: string }>((resolve) => (end = () => resolve({ failure: 'over' })));
  const deployments = {
    status: async () => {
      const answer = answers.shift();
      if (answers.length === 1) end();
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
      return answer;
    },
    ended: async () => await ending,
    watch: async (_: unknown, show: (topology: ReturnType<typeof ordersOnAws>) => void) => {
      show(ordersOnAws({ a: 100, b: 0 }));
      throw new Error('Temporal is away');
    },
  };
  expect(await followLive(deployments, target, started, live)).toEqual({ failure: 'over' });
  expect(drawn.at(-2)).toMatch(
    /start {2}for .*live 1000.*No worker answers\. The deployment goes on as soon as one is there\./s,
  );
  expect(drawn.at(-1)).toMatch(/completed.*live 1000/s);
});
