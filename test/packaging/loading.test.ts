/** What every command loads, `cutover --version` too: services, tasks' commands and people's shells start hundreds of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

test('a command loads the packages that it needs, and no others', () => {
  const program = `
    require('./lib/cutover.js');
    const packages = Object.keys(require.cache).map((file) => /node_modules.((?:@[^/]+.)?[^/]+)/.exec(file)?.[1] ?? 'own');
    console.log(JSON.stringify([...new Set(packages)]));
  `;
  const loaded = execFileSync(process.execPath, ['-e', program], { cwd: join(__dirname, '../..'), encoding: 'utf8' });
  // Of @temporalio/common the names of search attributes alone.
  expect((JSON.parse(loaded) as string[]).toSorted()).toEqual(['@temporalio/common', 'commander', 'own']);
});
