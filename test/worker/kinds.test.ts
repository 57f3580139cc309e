import { Command } from 'commander';
import { workerCommand } from '../../worker/command';
import { cachedWorkflows, slots } from '../../worker/kinds';

const mebibyte = 1024 ** 2;

test('the cache of workflows follows the memory that the process may have', () => {
  expect(cachedWorkflows(800 * mebibyte)).toBe(800);
  expect(cachedWorkflows(20 * mebibyte)).toBe(50);
  expect(cachedWorkflows(16_000 * mebibyte)).toBe(2_000);
});

test('500 bakes and 300 waiting calls leave room, and take none from writes', () => {
  expect(slots.waits).toBeGreaterThan(500 + 300 + 50);
});

test('a kind of work that there is not is refused, with those that there are', async () => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  workerCommand(program);
  program.commands.forEach((command) => command.exitOverride().configureOutput({ writeErr: () => undefined }));
  await expect(program.parseAsync(['worker', '--kinds', 'waits,bulids'], { from: 'user' })).rejects.toThrow(
    'there is no kind "bulids": expected some of workflows, aws, waits, questions, files, builds.',
  );
});
