// docs/performance.md and its pictures, from the results of a whole run.
const { init } = require('echarts');
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
    series: [
      {
        type: 'line',
        data: lines.map(({ deployments, allPlannedS }) => [deployments, allPlannedS]),
        label: { show: true },
        symbolSize: 8,
      },
    ],
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

/** @param results as bench/results.json has them */
function describePerformance({ machine, measured }, root) {
  const images = join(root, 'docs', 'images', 'performance');
  mkdirSync(images, { recursive: true });
  const lines = [
    '# How fast, how cheap, how far',
    '',
    `Written by \`npm run bench\`, on ${machine.cores} cores with Node ${machine.node}, against the local AWS. Compare the rows of one table with each other; another machine has other times.`,
  ];
  for (const { name, title, says } of parts) {
    if (measured[name] === undefined || measured[name].length === 0) continue;
    lines.push('', `## ${title}`, '', says, '');
    if (pictures[name] !== undefined) {
      writeFileSync(join(images, `${name}.svg`), `${draw(pictures[name](measured[name]))}\n`);
      lines.push(`![${title}](images/performance/${name}.svg)`, '');
    }
    lines.push(...table(measured[name]));
  }
  writeFileSync(join(root, 'docs', 'performance.md'), `${lines.join('\n')}\n`);
}

module.exports = { describePerformance };
