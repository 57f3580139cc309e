// docs/performance.md and its pictures, from what has been measured.
const { init } = require('echarts');
const { execFileSync } = require('node:child_process');
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parts } = require('./parts');

const size = { width: 860, height: 420 };
const text = { fontFamily: 'system-ui, sans-serif', color: '#111827' };

/** An ECharts option as SVG text. */
function draw(option) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', textStyle: text, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const sizeOf = ({ replicas, modules }) => `${replicas} replicas, ${modules} module${modules === 1 ? '' : 's'}`;

/** The pictures that there are, each with what it is drawn from. */
const pictures = {
  comparison: (lines) => {
    const sizes = [...new Set(lines.map(sizeOf))];
    const ways = [...new Set(lines.map(({ way }) => way))];
    const allS = (way, at) => lines.find((line) => line.way === way && sizeOf(line) === at)?.allS ?? null;
    return {
      title: { text: 'Until all users have the new version, seconds of AWS', textStyle: { fontSize: 14 } },
      legend: { bottom: 0, itemGap: 32 },
      grid: { left: 150, right: 40, top: 40, bottom: 60 },
      xAxis: { type: 'value' },
      yAxis: { type: 'category', data: sizes, inverse: true },
      series: ways.map((way) => ({
        name: way,
        type: 'bar',
        data: sizes.map((at) => allS(way, at)),
        label: { show: true, position: 'right', fontSize: 10 },
      })),
    };
  },
  overload: (lines) => ({
    title: { text: 'Seconds until all have their plan', textStyle: { fontSize: 14 } },
    grid: { left: 70, right: 40, top: 40, bottom: 50 },
    xAxis: { type: 'log', name: 'deployments started at once', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'log' },
    legend: { right: 40, top: 40, orient: 'vertical' },
    series: [
      { name: 'AWS answers as often as asked', own: lines.filter(({ rates }) => rates > 1) },
      { name: "at AWS's published rates", own: lines.filter(({ rates }) => rates === 1) },
    ].map(({ name, own }) => ({
      name,
      type: 'line',
      data: own.map(({ deployments, allPlannedS }) => [deployments, allPlannedS]),
      label: { show: true, formatter: ({ value }) => value[1] },
      symbolSize: 8,
    })),
  }),
};

/** `{ a: { b: 1 } }` as `{ 'a.b': 1 }`. */
const flat = (value, name = '') =>
  value !== null && typeof value === 'object'
    ? Object.assign({}, ...Object.entries(value).map(([key, inner]) => flat(inner, name ? `${name}.${key}` : key)))
    : { [name]: value };

function table(lines) {
  const rows = lines.map((line) => flat(line));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const row = (cells) => `| ${cells.join(' | ')} |`;
  return [row(columns), row(columns.map(() => '---')), ...rows.map((one) => row(columns.map((key) => one[key] ?? '')))];
}

/** @param results as bench/results.json has them: what each part measured, by its name */
function writePage(results, root) {
  const images = join(root, 'docs', 'images', 'performance');
  mkdirSync(images, { recursive: true });
  const page = join(root, 'docs', 'performance.md');
  const measured = parts.filter(({ name }) => results[name] !== undefined);
  const sections = measured.map((part) => section(part, results[part.name], images));
  const missing = parts.filter(({ name }) => results[name] === undefined).map(({ title }) => title);
  const lines = [
    '# How fast, how cheap, how far',
    '',
    'Written by `npm run bench`, against the local AWS. Compare the rows of one table with each other: another machine has other times.',
    ...(missing.length > 0 ? ['', `Not measured: ${missing.join(', ')}.`] : []),
    ...sections.flat(),
  ];
  writeFileSync(page, `${lines.join('\n')}\n`);
  const prettier = join(__dirname, '..', '..', 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  execFileSync(process.execPath, [
    prettier,
    '--log-level',
    'warn',
    '--write',
    page,
    join(root, 'bench', 'results.json'),
  ]);
}

function section({ name, title, says, limitedBy }, { cores, node, loadBefore, missed, lines }, images) {
  const picture = pictures[name]?.(lines);
  if (picture !== undefined) writeFileSync(join(images, `${name}.svg`), `${draw(picture)}\n`);
  return [
    '',
    `## ${title}`,
    '',
    says,
    ...(missed && limitedBy !== undefined ? ['', `**It misses its limit.** ${limitedBy}`] : []),
    ...(picture === undefined ? [] : ['', `![${title}](images/performance/${name}.svg)`]),
    '',
    ...table(lines),
    '',
    `${cores} cores, Node ${node}, a load of ${loadBefore} before it.`,
  ];
}

module.exports = { writePage };
