import type { DescribeTasksCommandInput, ListTasksCommandInput } from '@aws-sdk/client-ecs';
import { createClients } from '../../../../activities/aws/client/clients';
import { describeTasks } from '../../../../activities/aws/ecs/tasks';
import { testCredentials } from '../../../../packages/local-aws/test/local-aws';

test('a service of more tasks than a page holds is read whole', async () => {
  const clients = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  const all = Array.from({ length: 250 }, (_, number) => `task-${number}`);
  clients.ecs.middlewareStack.add(
    (_, { commandName }) =>
      ({ input }) => {
        const output =
          commandName === 'ListTasksCommand'
            ? list(input as ListTasksCommandInput)
            : describe(input as DescribeTasksCommandInput);
        return Promise.resolve({ output: { ...output, $metadata: {} }, response: {} });
      },
    { step: 'initialize', priority: 'low' },
  );
  const list = ({ nextToken = '0' }: ListTasksCommandInput) => {
    const end = Number(nextToken) + 100;
    return { taskArns: all.slice(end - 100, end), ...(end < all.length && { nextToken: String(end) }) };
  };
  const describe = ({ tasks = [] }: DescribeTasksCommandInput) => {
    expect(tasks.length).toBeLessThanOrEqual(100);
    return { tasks: tasks.map((taskArn) => ({ taskArn })) };
  };
  const found = await describeTasks(clients, 'outsystems', 'orders', 'RUNNING');
  expect(found.map(({ taskArn }) => taskArn)).toEqual(all);
});
