// What the pictures of the documentation are drawn with: SVG as text, the same characters for the same picture.
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname } = require('node:path');

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

const dashes = (dashed) => (dashed ? ' stroke-dasharray="5 4"' : '');

function arrow(x1, y1, x2, y2, { stroke = colors.grey, dashed = false } = {}) {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="1.6" marker-end="url(#head)"${dashes(dashed)}/>`;
}

/** @param head the marker that it ends in, one of the picture's `heads`; none when it goes on */
function curve(path, { stroke, dashed, head }) {
  const end = head === undefined ? '' : ` marker-end="url(#${head})"`;
  return `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="1.6"${end}${dashes(dashed)}/>`;
}

/** @param heads the arrow heads that the parts name, each with its colour */
function picture(width, height, title, parts, heads = { head: colors.grey }) {
  const markers = Object.entries(heads).map(
    ([name, fill]) =>
      `<marker id="${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${fill}"/></marker>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`,
    `<title>${escape(title)}</title>`,
    `<defs>${markers.join('')}</defs>`,
    `<rect width="${width}" height="${height}" fill="${colors.paper}"/>`,
    text(width / 2, 26, title, { size: 16, weight: 600 }),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Writes a picture; with `check` it only looks. Returns what is wrong with the file, or `undefined`. */
function keepPicture(file, drawn, { check, script }) {
  if (!check) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, drawn);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== drawn)
    return `${basename(file)} is not what ${script} draws: run "node ${script}".`;
  return undefined;
}

module.exports = { arrow, box, colors, curve, keepPicture, picture, text };
