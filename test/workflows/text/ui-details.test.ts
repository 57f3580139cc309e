import fc from 'fast-check';
import { escapeMarkdown, plainSummary } from '../../../contract/text';
import { formatDetails } from '../../../workflows/text/ui-details';
import type { DeploymentStatus } from '../../../contract/status';
import { phaseTexts } from '../../../workflows/text/phases';

const status = (text: string, more: Partial<DeploymentStatus> = {}): DeploymentStatus => ({
  workflowId: `local/${text}`,
  strategy: 'blueGreen',
  way: 'blueGreen',
  image: text,
  phase: 'hold',
  heldIn: 'start',
  outcome: null,
  live: { slot: 'a', servedBy: 'container', image: text, version: text },
  waitingFor: `Step start failed: ${text}`,
  deadline: '2026-11-22T10:00:00.000Z',
  afterDeadline: text,
  commands: ['retry', 'rollback'],
  paused: false,
  greenPercent: 10,
  desired: { blue: 2, green: 2 },
  replicas: null,
  failure: text,
  dossier: null,
  steps: [{ phase: 'start', started: '2026-11-22T09:00:00.000Z', ended: null, done: false }],
  ignored: [{ name: 'approve', at: '2026-11-22T09:00:00.000Z', why: text }],
  ...more,
});

/** What decides how a Markdown page is laid out: how its lines begin. */
const layout = (markdown: string) =>
  markdown.split('\n').map((line) => /^(#+ |\*\*|- |```|> |\d+\. |\[|\s*\{|\s*\}| {2}"|.)?/.exec(line)?.[0] ?? '');

const hostile = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom('<', '>', '&', '`', '*', '_', '[', ']', '(', ')', '#', '\n', '\r', '|', '~', '!', '\\', 'a'),
  }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '[x](javascript:alert(1))',
    '![x](http://x/y)',
    '```\n# x\n```',
    '<http://x>',
  ),
);

test('no text from outside can add or change a line of the details', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(layout(formatDetails(status(text)))).toEqual(layout(formatDetails(status('x'))));
    }),
  );
});

test.each([
  ['[approved](http://evil.example)', String.raw`\[approved\]\(http&#58;//evil.example\)`],
  ['<img src=x>', '&lt;img src=x&gt;'],
  ['Orders\u202Egpj.exe\u001B[2J', String.raw`Orders\uFFFDgpj.exe\uFFFD\[2J`.replaceAll(String.raw`\uFFFD`, '\uFFFD')],
])('a workflow named after %j shows no link, tag or control', (name, shown) => {
  expect(plainSummary(`Container Run: ${name}`)).toBe(`Container Run: ${shown}`);
});

test('a summary stays as short as Temporal wants it, and no escape in it is cut', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = plainSummary(text.repeat(50));
      expect(shown.length).toBeLessThanOrEqual(180);
      expect(shown).not.toMatch(/&[^;]*$|(?<!\\)(\\\\)*\\$/);
    }),
  );
});

test('escaped text holds no markup, tag or address', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const plain = escapeMarkdown(text)
        .replace(/\\[\\`*_{}[\]()#+!|~]/g, '')
        .replace(/&(amp|lt|gt|quot|#58|#46);/g, '');
      expect(plain).not.toMatch(/[<>&"`*_[\]#|~\n]|https?:/);
    }),
  );
});

test.each([
  [
    { phase: 'approve', heldIn: null, commands: ['approve', 'reject', 'rollback'] },
    'Wanted: approve or reject',
    'approve',
  ],
  [{}, 'Holds in start. Wanted: retry or rollback', 'retry'],
  [{ paused: true, commands: ['retry', 'resume', 'rollback'] }, 'Paused. Wanted: resume or rollback', 'resume'],
] satisfies [Partial<DeploymentStatus>, string, string][])(
  'what is wanted comes first, with where to click and what to paste: %j',
  (more, headline, command) => {
    const [first, , , , menu, , json] = formatDetails(status('orders:2.0', { failure: null, ...more })).split('\n');
    expect(first).toBe(`### ${headline}`);
    expect(menu).toMatch(new RegExp(`\\*More Actions\\*, \\*Send an Update\\*, \\*\\*${command}\\*\\*`));
    expect(json).toBe('```json');
  },
);

test('links keep the slash of a workflow ID escaped, and hold no parenthesis that would end them', () => {
  const details = formatDetails(status('Orders (old)'));
  expect(details).toContain('/workflows/local%2FOrders%20%28old%29/{runId}/timeline');
});

test('filters lead to what waits for approval, to what holds, and to all in the phase that it is in', () => {
  const filtersOf = (more: Partial<DeploymentStatus>) =>
    [...formatDetails(status('orders:2.0', more)).matchAll(/\[([^\]]+)\]\([^)]*CutoverPhase%3D%22(\w+)%22/g)].map(
      ([, label, phase]) => [label, phase],
    );
  const always = [
    ['Waiting for approval', 'approve'],
    ['Holding', 'hold'],
  ];
  expect(filtersOf({ phase: 'hold' })).toEqual(always);
  expect(filtersOf({ phase: 'bake' })).toEqual([...always, ['All in bake', 'bake']]);
  expect(filtersOf({ phase: 'bake', outcome: 'rolledBack' })).toEqual(always);
});

test('between the cut and its proof the details say that green isn’t proven', () => {
  const traffic = (more: Partial<DeploymentStatus>) =>
    /Live traffic:\*\* (.*)/.exec(formatDetails(status('orders:2.0', more)))?.[1]?.trimEnd();
  expect(traffic({ phase: 'shift', heldIn: null })).toBe('green 10 %, blue 90 %');
  expect(traffic({ phase: 'settle', heldIn: null, greenPercent: 100 })).toBe('green 100 %, blue 0 %, not proven yet');
  expect(traffic({ heldIn: 'settle', greenPercent: 100 })).toBe('green 100 %, blue 0 %, not proven yet');
  expect(traffic({ phase: 'bake', heldIn: null, greenPercent: 100 })).toBe('green 100 %, blue 0 %');
});

test('a step that failed is not shown as done', () => {
  const [started, ended] = ['2026-11-22T09:00:00.000Z', '2026-11-22T09:00:07.000Z'];
  const steps = [
    { phase: 'plan', started, ended, done: true },
    { phase: 'prepare', started, ended, done: false },
    { phase: 'hold', started, ended: null, done: false },
  ] as const;
  expect(formatDetails(status('orders:2.0', { steps })).match(/^(now|done|stopped) .*/gm)).toEqual([
    'done     plan       09:00:00  7s',
    'stopped  prepare    09:00:00  7s',
    'now      hold       09:00:00',
  ]);
});

test('after the end the details still say what happened and what serves', () => {
  const details = formatDetails(
    status('orders:2.0', { outcome: 'rolledBack', commands: [], waitingFor: null, deadline: null }),
  );
  expect(details).toMatch(/^### Rolled back: blue serves as before/);
  expect(details).toContain('**Live now:** slot a, orders:2.0');
  expect(details).not.toContain('Possible now');
});

test.each(['rollingUpdate', 'removal', 'retirement'] as const)(
  'the texts of a %s speak of no blue and no green',
  (way) => {
    const { approval, replicas, ...texts } = phaseTexts[way];
    expect(JSON.stringify([texts, approval('orders:1'), replicas({ blue: 1, green: 1 })])).not.toMatch(/blue|green/i);
  },
);
