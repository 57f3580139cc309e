/** The linter's own rule: an arrow that the house doesn't have is an error, however it is written. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-house-'));
  const rules = {
    jsPlugins: [join(root, 'scripts', 'house', 'lint.js')],
    rules: { 'house/arrows': 'error', 'house/terminal': 'error' },
  };
  await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify(rules));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the linter says of one file with this content, in a tree of its own. */
async function lint(path: string, content: string, rule = 'arrows'): Promise<string[]> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const words = [join(root, 'node_modules', 'oxlint', 'bin', 'oxlint'), '--format', 'json', path];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, words, { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as {
    readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
  };
  return diagnostics.filter(({ code }) => code === `house(${rule})`).map(({ message }) => message);
}

test.each([
  ['a value', `import { aws } from '../activities/aws';\nvoid aws;`],
  ['a type', `import type { Aws } from '../activities/aws';\nexport type Own = Aws;`],
  ['a type in a type', `export type Own = import('../activities/aws').Aws;`],
  ['what is handed on', `export { aws } from '../activities/aws';`],
  ['all of it', `export * from '../activities/aws';`],
  ['what is loaded later', `void import('../activities/aws.js');`],
])('a planner that imports an activity is refused: %s', async (_, content) => {
  expect(await lint('planning/planner.ts', content)).toEqual([
    'planning/ imports nothing of activities/: every arrow points down (scripts/house/rules.js).',
  ]);
});

test('a workflow may know the types of what runs elsewhere, and nothing more', async () => {
  const types = `import type { Plan } from '../../planning/plans/deployment';\nexport type Own = Plan;`;
  const values = `import { plan, type Plan } from '../../planning/plans/deployment';\nexport const own: Plan = plan;`;
  expect(await lint('workflows/engine/types.ts', types)).toEqual([]);
  expect(await lint('workflows/engine/values.ts', values)).toEqual([
    'workflows/ imports only types of planning/ (scripts/house/rules.js).',
  ]);
});

test('AWS is called by activities alone: planners know its types, the client not even those', async () => {
  const types = `import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';\nexport type Own = Rule;`;
  const values = `import { ECSClient } from '@aws-sdk/client-ecs';\nvoid ECSClient;`;
  expect(await lint('activities/aws/ecs/services.ts', values)).toEqual([]);
  expect(await lint('planning/routing/rules.ts', types)).toEqual([]);
  expect(await lint('planning/routing/calls.ts', values)).toEqual([
    'planning/ knows only types of @aws-sdk/client-ecs (scripts/house/rules.js).',
  ]);
  expect(await lint('client/commands/deploy.ts', types)).toEqual([
    'client/ knows nothing of @aws-sdk/client-elastic-load-balancing-v2 (scripts/house/rules.js).',
  ]);
});

test('a subfolder is no way around: a folder inside that bears another’s name is still inside', async () => {
  const inside = `import { calls } from '../client/calls';\nvoid calls;`;
  const outside = `import { calls } from '../../../client/calls';\nvoid calls;`;
  expect(await lint('activities/aws/ecs/inside.ts', inside)).toEqual([]);
  expect(await lint('activities/aws/ecs/outside.ts', outside)).toEqual([
    'activities/ imports nothing of client/: every arrow points down (scripts/house/rules.js).',
  ]);
});

test('the local AWS knows nothing of the product', async () => {
  const content = `import { settingsFile } from '../../../settings/file';\nvoid settingsFile;`;
  expect(await lint('packages/local-aws/src/main.ts', content)).toEqual([
    'packages/local-aws/ imports nothing of settings/: every arrow points down (scripts/house/rules.js).',
  ]);
});

test('of the local AWS the stack sees its entries, not what is behind them', async () => {
  const entry = `import { faultSchema } from '../../packages/local-aws/src/index';\nvoid faultSchema;`;
  const behind = `import { faultSchema } from '../../packages/local-aws/src/faults/fault';\nvoid faultSchema;`;
  expect(await lint('local/fault/entry.ts', entry)).toEqual([]);
  expect(await lint('local/fault/behind.ts', behind)).toEqual([
    'local/ sees only src/index, src/control-plane, src/load-balancer, src/command/condition-options of packages/local-aws/ (scripts/house/rules.js).',
  ]);
});

test.each([
  ['standard output', `process.stdout.write('x');`],
  ['standard error, by an index', `process['stderr'].write('x');`],
  ['either, handed on', `export const output = (json: boolean) => (json ? process.stderr : process.stdout);`, 2],
  ['one taken out', `const { stdout } = process;\nstdout.write('x');`],
  ['one imported', `import { stdout } from 'node:process';\nstdout.write('x');`],
  ['a question', `import { createInterface } from 'node:readline/promises';\nvoid createInterface;`],
] as [string, string, number?][])(
  'only terminal/ writes to the terminal: %s is refused elsewhere',
  async (_, content, times: number = 1) => {
    const refused = 'client/ writes to the terminal by terminal/print.ts (scripts/house/lint.js).';
    expect(await lint('client/writer.ts', content, 'terminal')).toEqual(Array(times).fill(refused));
    expect(await lint('terminal/writer.ts', content, 'terminal')).toEqual([]);
  },
);

test.each(['worker', 'hooks', 'local/stack', 'activities'])('nor does %s/', async (folder) => {
  expect(await lint(`${folder}/writer.ts`, `process.stdout.write('x');`, 'terminal')).toHaveLength(1);
});

test('whether there is a terminal may be asked anywhere', async () => {
  const content = `export const wide = process.stdout.isTTY && process.stdout.columns > 80;`;
  expect(await lint('client/text/width.ts', content, 'terminal')).toEqual([]);
});
