import { Command } from 'commander';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentCommands } from '../../../client/commands';
import { completionScript } from '../../../client/text/completion';
import { localCommands } from '../../../local/commands';

const folder = mkdtempSync(join(tmpdir(), 'cutover-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = () => {
  const command = new Command('cutover');
  deploymentCommands(command, () => Promise.reject(new Error('not asked')));
  localCommands(command);
  return command;
};

test.each([
  [['local', 'd'], ['demo']],
  [['appr'], ['approve']],
  [['deploy', 'Orders', '--im'], ['--image']],
])('bash completes %j', (typed, offered) => {
  const script = join(folder, 'completion.bash');
  writeFileSync(script, completionScript('bash', program()));
  const words = ['cutover', ...typed].map((word) => `'${word}'`).join(' ');
  const ask = `source ${script}; COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _cutover; echo "\${COMPREPLY[@]}"`;
  expect(execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim().split(' ')).toEqual(offered);
});

test('every shell gets every command, and another shell a sentence', () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    expect(completionScript(shell, program())).toMatch(/rollback[\s\S]*doctor|doctor[\s\S]*rollback/);
  expect(() => completionScript('powershell', program())).toThrow('no completion for powershell: bash, zsh, fish');
});
