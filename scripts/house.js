// Draws the house, docs/images/house.svg, from the imports of its sources: `node scripts/house.js`. Every arrow points down, and
// so it can only be drawn where no import leads back. Says what is wrong with the house, and ends with status 1 where something
// is: files that import each other (types count), folders that do, a folder of too many files, one that the table doesn't
// describe. With `--check` nothing is written, and a picture that isn't what would be drawn is wrong as well. An argument names
// another repository than this one.
const { join } = require('node:path');
const { keepPicture } = require('./drawing');
const { ringsOf, shortestCycle } = require('./house/graph');
const { importsAmong, inOrder, sourcesIn } = require('./house/imports');
const { descriptions, drawHouse } = require('./house/picture');

const mostFiles = 16;

/** `planning` of `planning/names.ts`; a package is a folder of its own, and a file beside the folders too. */
const folderOf = (file) => /^packages\/[^/]+|^[^/]+/.exec(file)[0];
const parentOf = (file) => file.split('/').slice(0, -1).join('/');

/** How many of them each name is given for. */
function countBy(all, nameOf) {
  const counts = new Map();
  for (const one of all) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return counts;
}

/** The imports between folders: of types only where all imports from one to the other are. */
function arrowsOf(imports) {
  const arrows = new Map();
  for (const { from, to, typesOnly } of imports) {
    const [above, below] = [folderOf(from), folderOf(to)];
    if (above === below) continue;
    const key = `${above} ${below}`;
    const known = arrows.get(key) ?? { from: above, to: below, typesOnly: true, imports: [] };
    known.imports.push(`${from} imports ${to}`);
    arrows.set(key, { ...known, typesOnly: known.typesOnly && typesOnly });
  }
  return [...arrows.values()];
}

/** Of each ring a cycle, with some imports of each of its arrows. */
function folderCycles(folders, arrows) {
  return ringsOf(folders, arrows).map((ring) => {
    const cycle = shortestCycle(ring, arrows);
    const steps = cycle.slice(1).map((to, index) => {
      const { imports } = arrows.find((arrow) => arrow.from === cycle[index] && arrow.to === to);
      const more = imports.length > 3 ? `, and ${imports.length - 3} more` : '';
      return `  ${cycle[index]} → ${to}: ${imports.slice(0, 3).join(', ')}${more}`;
    });
    return [`Import cycle of folders (${ring.toSorted(inOrder).join(', ')}):`, ...steps].join('\n');
  });
}

function fileCycles(files, imports) {
  return ringsOf(files, imports).map((ring) => {
    const cycle = shortestCycle(ring, imports);
    const steps = cycle.slice(1).map((to, index) => {
      const { typesOnly } = imports.find((one) => one.from === cycle[index] && one.to === to);
      return ` → ${to}${typesOnly ? ' (types)' : ''}`;
    });
    return `Import cycle of ${ring.length} files: ${cycle[0]}${steps.join('')}`;
  });
}

const wideFolders = (files) =>
  [...countBy(files, parentOf)]
    .filter(([, count]) => count > mostFiles)
    .map(([folder, count]) => `${folder || 'The root'} holds ${count} files of sources: the most is ${mostFiles}.`);

const undescribed = (folders) =>
  folders
    .filter((folder) => !(folder in descriptions))
    .map((folder) => `scripts/house/picture.js doesn't say what ${folder} is.`);

/** What is wrong with the house; the picture is drawn on the way. */
function lookAt(root, check) {
  const files = sourcesIn(root);
  const imports = importsAmong(root, files);
  const folders = [...new Set(files.map(folderOf))];
  const arrows = arrowsOf(imports);
  const cycles = folderCycles(folders, arrows);
  const wrong = [...cycles, ...fileCycles(files, imports), ...wideFolders(files), ...undescribed(folders)];
  if (cycles.length > 0) return [...wrong, 'house.svg is not drawn, because not every arrow can point down.'];
  const file = join(root, 'docs', 'images', 'house.svg');
  const stale = keepPicture(file, drawHouse(folders, arrows), { check, script: 'scripts/house.js' });
  return stale === undefined ? wrong : [...wrong, stale];
}

const words = process.argv.slice(2);
const root = words.find((word) => !word.startsWith('--')) ?? join(__dirname, '..');
try {
  const wrong = lookAt(root, words.includes('--check'));
  for (const reason of wrong) console.error(reason);
  if (wrong.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
