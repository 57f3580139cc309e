// Draws the diagrams of the documentation into docs/images: `node scripts/diagrams.js`. Each is a table of what to draw; with
// `--check` nothing is written, and the status says whether the files are what would be drawn.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, '..', 'docs', 'images');
const colors = {
  blue: '#2563eb',
  green: '#15803d',
  grey: '#6b7280',
  line: '#9ca3af',
  text: '#111827',
  paper: '#ffffff',
};
const font = 'font-family="system-ui, sans-serif"';

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function text(x, y, words, { size = 13, fill = colors.text, anchor = 'middle', weight = 400 } = {}) {
  return `<text x="${x}" y="${y}" ${font} font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function box(x, y, width, height, { fill = colors.paper, stroke = colors.line } = {}) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${stroke}"/>`;
}

function arrow(x1, y1, x2, y2, { stroke = colors.grey, dashed = false } = {}) {
  const dashes = dashed ? ' stroke-dasharray="5 4"' : '';
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="1.6" marker-end="url(#head)"${dashes}/>`;
}

function picture(width, height, title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`,
    `<title>${escape(title)}</title>`,
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${colors.grey}"/></marker></defs>`,
    `<rect width="${width}" height="${height}" fill="${colors.paper}"/>`,
    text(width / 2, 26, title, { size: 16, weight: 600 }),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Replicas by phase: how many of blue, of green; how they are reached; what share of live traffic green has. */
function strategy(title, phases) {
  const [left, top, column] = [110, 70, 92];
  const row = { phase: top, live: top + 34, blue: top + 78, green: top + 142, test: top + 206, note: top + 240 };
  const width = left + phases.length * column + 20;
  const names = [
    ['live traffic', row.live + 5],
    ['blue', row.blue + 26],
    ['green', row.green + 26],
    ['test route', row.test + 5],
  ].map(([name, y]) => text(left - 14, y, name, { anchor: 'end', weight: 600, fill: colors[name] ?? colors.text }));
  const drawn = phases.flatMap(({ phase, share, blue, green, test, note = [] }, index) => {
    const x = left + index * column;
    const middle = x + column / 2;
    const bar = column - 18;
    return [
      text(middle, row.phase, phase, { weight: 600 }),
      `<rect x="${x + 9}" y="${row.live - 8}" width="${(bar * (100 - share)) / 100}" height="16" fill="${colors.blue}"/>`,
      `<rect x="${x + 9 + (bar * (100 - share)) / 100}" y="${row.live - 8}" width="${(bar * share) / 100}" height="16" fill="${colors.green}"/>`,
      ...replicas(x + 9, row.blue, blue, colors.blue),
      ...replicas(x + 9, row.green, green, colors.green),
      ...(test ? [arrow(middle, row.test, middle, row.green + 48, { stroke: colors.green, dashed: true })] : []),
      ...note.map((line, at) => text(middle, row.note + at * 15, line, { size: 10.5, fill: colors.grey })),
    ];
  });
  return picture(width, row.note + 56, title, [...names, ...drawn]);
}

/** Up to three, side by side; hollow ones are draining. */
const replicas = (x, y, states, color) =>
  [...states].map(
    (state, index) =>
      `<rect x="${x + index * 25}" y="${y + 8}" width="20" height="28" rx="3" fill="${state === 'd' ? colors.paper : color}" stroke="${color}" stroke-width="1.5"${state === 'd' ? ' stroke-dasharray="3 2"' : ''}/>`,
  );

const blueGreen = strategy('Blue-green: every module moves at one cut', [
  { phase: 'plan', share: 0, blue: 'bbb', green: '', note: ['what is live,', 'what will change'] },
  { phase: 'prepare', share: 0, blue: 'bbb', green: '', note: ['task definition,', 'target group,', 'test rules'] },
  { phase: 'start', share: 0, blue: 'bbb', green: 'gg', test: true, note: ['a twin of blue’s', 'service'] },
  { phase: 'verify', share: 0, blue: 'bbb', green: 'ggg', test: true, note: ['every replica,', 'every module'] },
  { phase: 'approve', share: 0, blue: 'bbb', green: 'ggg', test: true, note: ['a person', 'says yes or no'] },
  { phase: 'shift', share: 100, blue: 'bbb', green: 'ggg', test: true, note: ['one ModifyRule,', 'or in steps'] },
  { phase: 'settle', share: 100, blue: 'bbb', green: 'ggg', test: true, note: ['everywhere,', 'and proven'] },
  { phase: 'bake', share: 100, blue: 'bbb', green: 'ggg', test: true, note: ['the way back', 'is one call'] },
  { phase: 'retire', share: 100, blue: 'ddd', green: 'ggg', test: true, note: ['blue drains,', 'then stops'] },
  { phase: 'cleanUp', share: 100, blue: '', green: 'ggg', note: ['the slot stays', 'for an undo'] },
]);

const rollingUpdate = strategy('Rolling update: a verified pilot, then replica by replica', [
  { phase: 'plan', share: 0, blue: 'bbb', green: '', note: ['what is live,', 'what will change'] },
  { phase: 'prepare', share: 0, blue: 'bbb', green: '', note: ['task definition,', 'test rules'] },
  { phase: 'start', share: 0, blue: 'bbb', green: 'g', test: true, note: ['one pilot in', 'the idle slot'] },
  { phase: 'verify', share: 0, blue: 'bbb', green: 'g', test: true, note: ['every module', 'by the test route'] },
  { phase: 'approve', share: 0, blue: 'bbb', green: 'g', test: true, note: ['a person', 'says yes or no'] },
  { phase: 'shift', share: 34, blue: 'bbd', green: 'gg', note: ['ECS rolls the', 'live service,', 'watched'] },
  { phase: 'shift', share: 67, blue: 'bd', green: 'ggg', note: ['stopped at the', 'first failure'] },
  { phase: 'settle', share: 100, blue: '', green: 'ggg', note: ['one group: no', 'rule moves'] },
  { phase: 'bake', share: 100, blue: '', green: 'ggg', note: ['back is rolling', 'out what was'] },
  { phase: 'cleanUp', share: 100, blue: '', green: 'ggg', note: ['pilot and test', 'route go'] },
]);

/** Who imports whom: from above to below, never back. */
function house() {
  const rooms = {
    'cutover.ts': [330, 50, 160, 'the command line'],
    'local/': [40, 140, 170, 'one machine: AWS, traffic'],
    'client/': [240, 140, 150, 'how people drive it'],
    'hooks/': [420, 140, 150, 'how the platform does'],
    'worker/': [600, 140, 170, 'the process'],
    'workflows/': [330, 250, 180, 'the runbooks, deterministic'],
    'activities/': [600, 250, 170, 'effects: AWS, probes, files'],
    'planning/': [460, 360, 180, 'decisions, pure'],
    'settings/': [240, 360, 160, 'cutover.yaml'],
  };
  const side = (name) => {
    const [x, y, width] = rooms[name];
    return { middle: x + width / 2, top: y, bottom: y + 52 };
  };
  const link = (from, to, dashed = false) =>
    arrow(side(from).middle, side(from).bottom, side(to).middle, side(to).top - 2, { dashed });
  const drawn = Object.entries(rooms).flatMap(([name, [x, y, width, what]]) => [
    box(x, y, width, 52),
    text(x + width / 2, y + 22, name, { weight: 600 }),
    text(x + width / 2, y + 40, what, { size: 11, fill: colors.grey }),
  ]);
  return picture(820, 470, 'The house', [
    ...['local/', 'client/', 'hooks/', 'worker/'].map((name) => link('cutover.ts', name)),
    link('client/', 'workflows/', true),
    link('hooks/', 'workflows/', true),
    link('worker/', 'workflows/'),
    link('worker/', 'activities/'),
    link('workflows/', 'planning/', true),
    link('activities/', 'planning/'),
    link('workflows/', 'settings/'),
    ...drawn,
    text(
      410,
      452,
      'Dashed: messages or types only. AWS is known in activities/ alone, the local AWS in local/ alone.',
      {
        size: 11.5,
        fill: colors.grey,
      },
    ),
  ]);
}

const pictures = { 'blue-green.svg': blueGreen, 'rolling-update.svg': rollingUpdate, 'house.svg': house() };

for (const [name, drawn] of Object.entries(pictures)) {
  const file = join(folder, name);
  if (!process.argv.includes('--check')) writeFileSync(file, drawn);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== drawn) {
    console.error(`${name} is not what scripts/diagrams.js draws: run "node scripts/diagrams.js".`);
    process.exitCode = 1;
  }
}
