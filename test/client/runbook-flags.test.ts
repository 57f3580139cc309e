import { Command } from 'commander';
import { deploymentCommands } from '../../client/commands';
import { withRunbookFlags, type RunbookFlags } from '../../client/runbook-flags';
import { inputOf } from '../../client/runbook-input';
import { deploymentRequest, parseUndoRequest, runbookRequest } from '../../contract/runbook-requests';

const flagsOf = (name: string): string[] => {
  const program = new Command('cutover');
  deploymentCommands(program, () => Promise.reject(new Error('not asked')));
  const command = program.commands.find((one) => one.name() === name);
  return (command?.options ?? []).map((option) => option.attributeName());
};

/** What a runbook's input is when its command is typed so. */
function typed(...words: string[]) {
  const command = withRunbookFlags(new Command('undo').exitOverride().configureOutput({ writeErr: () => undefined }));
  return inputOf(command.parse(words, { from: 'user' }).opts<RunbookFlags>());
}

/** All but what only the platform says. */
const membersOf = ({ shape }: { readonly shape: object }) =>
  Object.keys(shape).filter((name) => !['application', 'deadline', 'commits'].includes(name));

test.each([
  ['deploy', membersOf(deploymentRequest()).filter((name) => !name.startsWith('remov'))],
  ['undo', membersOf(runbookRequest()).filter((name) => !name.startsWith('remov'))],
  ['plan', membersOf(deploymentRequest())],
  [
    'remove',
    ['approval', 'settle', 'removeAfter', 'removal', 'onFailure', 'approvalTimeout', 'holdTimeout', 'by', 'reason'],
  ],
])('%s has a flag for every member of its input that means something there', (name, members) => {
  expect(flagsOf(name)).toEqual(expect.arrayContaining(members));
});

test('shares are written as percents with their bakes, and end with all', () => {
  const shift = [{ percent: 5, bake: '10m' }, { percent: 50 }, { percent: 100 }];
  expect(typed('--shift', '5:10m,50')).toEqual({ shift });
  expect(typed('--shift', ' 5 : 10m , 50, 100')).toEqual({ shift });
  expect(() => typed('--shift', '5%')).toThrow(/Expected percents, each with a bake or none/);
  expect(parseUndoRequest(typed('--shift', '50,20'))).toEqual({
    error: expect.stringContaining('each step must be larger than the one before'),
  });
});

test('what is typed is what the runbook reads, and what is not typed is left to the settings', () => {
  const input = typed('--settle', '90s', '--minimum-healthy-percent', '50', '--hold-timeout', '2h', '--reason', 'slow');
  expect(input).toEqual({ settle: '90s', minimumHealthyPercent: 50, holdTimeout: '2h', reason: 'slow' });
  expect(parseUndoRequest(input)).toMatchObject({ value: { settle: 90_000, holdTimeout: 7_200_000 } });
  expect(typed()).toEqual({});
});
