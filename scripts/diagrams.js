// Draws how the two strategies move traffic into docs/images: `node scripts/diagrams.js`. Each picture is a table of what to
// draw; with `--check` nothing is written, and the status says whether the files are what would be drawn. The picture of the
// house is drawn from the imports: see house.js.
const { join } = require('node:path');
const { arrow, colors, keepPicture, picture, text } = require('./drawing');

const folder = join(__dirname, '..', 'docs', 'images');

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

const pictures = { 'blue-green.svg': blueGreen, 'rolling-update.svg': rollingUpdate };

for (const [name, drawn] of Object.entries(pictures)) {
  const check = process.argv.includes('--check');
  const wrong = keepPicture(join(folder, name), drawn, { check, script: 'scripts/diagrams.js' });
  if (wrong === undefined) continue;
  console.error(wrong);
  process.exitCode = 1;
}
