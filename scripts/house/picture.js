// The picture of the house: a box for each folder, with what it is, and an arrow for each one that it imports.
const { box, colors, curve, picture, text } = require('../drawing');
const { layOut } = require('./layout');

/** What stands in each box, in one line or two. */
const descriptions = {
  'cutover.ts': ['the command line'],
  local: ['everything to run it', 'on one machine'],
  'packages/local-aws': ['an AWS on this machine:', 'ECS, ALB, ECR, logs'],
  page: ['what a browser shows,', 'and its commands'],
  client: ['how people drive it'],
  hooks: ['how the platform', 'drives it: HTTP'],
  worker: ['the process that hosts', 'workflows and activities'],
  workflows: ['the runbooks,', 'deterministic'],
  activities: ['effects: AWS, probes,', 'folders'],
  planning: ['decisions: data in,', 'data out'],
  contract: ['what crosses', 'a process'],
  temporal: ['the connection', 'to Temporal'],
  settings: ['cutover.yaml'],
  terminal: ['what a person\u2019s', 'terminal shows'],
};

const [boxWidth, boxHeight, between, margin, titleHeight] = [168, 62, 18, 24, 48];

/** One for each folder that arrows lead to, so that its lines can be followed. */
const inks = [
  '#1d4ed8',
  '#c2410c',
  '#15803d',
  '#7c3aed',
  '#be123c',
  '#0891b2',
  '#854d0e',
  '#c026d3',
  '#475569',
  '#65a30d',
  '#111827',
];

/** @param arrows `{ from, to, typesOnly }`; no way along them leads back */
function drawHouse(folders, arrows) {
  const { layers, segments, x } = layOut(folders, arrows, { width: boxWidth, gap: between });
  const depths = new Map(layers.flatMap((layer, depth) => layer.map((id) => [id, depth])));
  const tops = topsOf(layers, segments);
  const targets = folders.filter((folder) => arrows.some(({ to }) => to === folder));
  const sheet = {
    segments,
    isBox: (id) => folders.includes(id),
    middle: (id) => margin + x.get(id),
    top: (id) => tops[depths.get(id)],
    ink: (folder) => inks[targets.indexOf(folder) % inks.length] ?? colors.line,
    head: (folder) => `to-${targets.indexOf(folder)}`,
  };
  const right = Math.max(...[...x.keys()].map((id) => sheet.middle(id) + (sheet.isBox(id) ? boxWidth / 2 : 0)));
  const bottom = tops.at(-1) + boxHeight;
  const note = 'Who imports whom: from above to below, never back. Dashed: types only.';
  return picture(
    right + margin,
    bottom + 44,
    'The house',
    [
      ...segments.map((segment) => drawSegment(segment, sheet)),
      ...folders.flatMap((folder) => drawBox(folder, sheet)),
      text((right + margin) / 2, bottom + 28, note, { size: 11.5, fill: colors.grey }),
    ],
    Object.fromEntries(targets.map((folder) => [sheet.head(folder), sheet.ink(folder)])),
  );
}

/** How far down each layer begins: the more lines come to it, the more room they have. */
function topsOf(layers, segments) {
  const lines = layers.map((_, depth) => segments.filter(({ layer }) => layer === depth).length);
  return lines.slice(1).reduce((tops, count) => [...tops, tops.at(-1) + boxHeight + 40 + 3 * count], [titleHeight]);
}

function drawBox(folder, { middle, top, ink }) {
  const lines = descriptions[folder] ?? [];
  const first = top(folder) + (lines.length > 1 ? 21 : 28);
  return [
    box(middle(folder) - boxWidth / 2, top(folder), boxWidth, boxHeight, { stroke: ink(folder) }),
    text(middle(folder), first, folder.endsWith('.ts') ? folder : `${folder}/`, { weight: 600 }),
    ...lines.map((line, at) => text(middle(folder), first + 17 + at * 14, line, { size: 11, fill: colors.grey })),
  ];
}

/** From a box, or straight down a lane, and then on to the next layer. */
function drawSegment(segment, sheet) {
  const { from, to, target, typesOnly } = segment;
  const start = sheet.isBox(from) ? exitOf(segment, sheet) : sheet.middle(from);
  const end = sheet.middle(to);
  const [leaves, arrives] = [sheet.top(from) + boxHeight, sheet.top(to) - (to === target ? 2 : 0)];
  const half = (leaves + arrives) / 2;
  const lane = sheet.isBox(from) ? '' : `M${start} ${sheet.top(from)} L`;
  return curve(`${lane || 'M'}${start} ${leaves} C${start} ${half} ${end} ${half} ${end} ${arrives}`, {
    stroke: sheet.ink(target),
    dashed: typesOnly,
    head: to === target ? sheet.head(target) : undefined,
  });
}

/** Where a line leaves a box: beside its others, in the order of where they go. */
function exitOf({ from, to }, { segments, middle }) {
  const ends = segments.filter((other) => other.from === from).map((other) => other.to);
  ends.sort((one, other) => middle(one) - middle(other));
  const step = Math.min(16, (boxWidth - 30) / ends.length);
  return Math.round(middle(from) + (ends.indexOf(to) - (ends.length - 1) / 2) * step);
}

module.exports = { descriptions, drawHouse };
