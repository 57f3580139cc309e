/** What README.md promises: its commands run as they are written, and the options and members in it exist. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalAwsReport } from '../../src/command/report';
import { inTemporaryFolder } from '../temporary-folder';
import { bin, packageRoot, runCommand, stillRunning } from './running';

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/(?:<!--\s*((?:not )?run[^>]*?)\s*-->\s*\n\s*)?^```sh\n([\s\S]*?)^```/gm)].map(
  ([, mark, commands = '']) => ({ mark, commands }),
);

test('every block of commands is run, or says why not', () => {
  expect(blocks.filter(({ mark }) => !/^(run: local-aws|not run here: .{10,})$/s.test(mark ?? ''))).toEqual([]);
});

/** Makes `bin/npx` in a folder, which runs this package's command. */
async function writeNpx(folder: string): Promise<void> {
  const npx = join(folder, 'bin', 'npx');
  await mkdir(join(folder, 'bin'));
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${bin}" "$@"\n`);
  await chmod(npx, 0o755);
}

test.each(blocks.filter(({ mark }) => mark === 'run: local-aws'))('$commands', async ({ commands }) => {
  await inTemporaryFolder(async (folder) => {
    await writeNpx(folder);
    await symlink(join(packageRoot, 'examples'), join(folder, 'examples'));
    // It has a process group of its own, which Ctrl-C would end.
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const ended = once(shell, 'close');
    let output = '';
    for await (const part of shell.stdout) {
      output += String(part);
      if (output.includes('Ready.')) break;
    }
    expect(output).toContain('Ready.');
    const file = join(folder, '.local-aws', 'local-aws.json');
    const report = JSON.parse(readFileSync(file, 'utf8')) as LocalAwsReport;
    expect(stillRunning(report)).toHaveLength(2);
    process.kill(-(shell.pid ?? 0), 'SIGINT');
    await ended;
    expect(stillRunning(report)).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });
});

test('every option stands in the table of options', () => {
  const section = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Images'));
  const options = [...runCommand('--help').stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
  expect(options.length).toBeGreaterThan(3);
  expect(options.filter((option) => !section.includes(`| \`${option}`))).toEqual([]);
});
