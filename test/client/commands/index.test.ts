import { Command } from 'commander';
import { deploymentCommands } from '../../../client/commands';

test('help says with which status it ends', () => {
  let help = '';
  const command = new Command('cutover').configureOutput({ writeOut: (text) => (help += text) });
  deploymentCommands(command, () => Promise.reject(new Error('not asked')));
  command.outputHelp();
  expect(help).toMatch(/Exit status: 0 .*2 plan found changes; 3 a deployment/s);
});
