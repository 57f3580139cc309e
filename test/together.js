// What `npm test` loads together. A test file loads all it needs anew, packages too, and for most of them that is half of their
// work: so files of a folder become blocks of one file, which is written for the run. Named by a path each is a file, as ever.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const isWhole =
  process.env.npm_lifecycle_event === 'test' &&
  process.argv.slice(2).every((word) => /^--(ci|json|outputFile=.*)$/.test(word));
/** What such a file does to modules and clocks, all of its file would feel. */
const isApart = /jest[.](mock|doMock|resetModules|isolateModules|useFakeTimers)/;

/**
 * Where jest finds the tests of a project.
 * @param project its name
 * @param folders from the root, with all that is in them
 * @param isLeftOut whether one of their files is, by its path from the root; default: none
 * @param joins whether a file may be held together with others, by its text
 * @param most so many in a file
 * @returns a `testMatch`: of the files, or, in `npm test`, of those that are written to hold them
 */
function testsOf(project, folders, isLeftOut = () => false, { joins = () => true, most = 8 } = {}) {
  const files = folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.test.ts') && !isLeftOut(file))
    .toSorted();
  return (isWhole ? writeTogether(`test/together/${project}`, files, { joins, most }) : files).map(
    (file) => `<rootDir>/${file}`,
  );
}

function writeTogether(folder, files, { joins, most }) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  const apart = files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return isApart.test(text) || !joins(text);
  });
  const others = files.filter((file) => !apart.includes(file));
  const groups = Array.from({ length: Math.ceil(others.length / most) }, (_, number) => {
    const group = JSON.stringify(others.slice(number * most, (number + 1) * most), null, 2);
    const file = `${folder}/${number}.test.js`;
    writeFileSync(join(root, file), `require('../../together').describeFiles(${group});\n`);
    return file;
  });
  return [...groups, ...apart];
}

/** In `npm test`, of these files all but so many, which CHAOS_SEED draws; else none. @returns whether a file is left out */
function notDrawn(files, count) {
  if (!isWhole) return () => false;
  const place = (file) => createHash('sha256').update(`${process.env.CHAOS_SEED} ${file}`).digest('hex');
  const ordered = files.toSorted((one, other) => place(one).localeCompare(place(other)));
  console.error(`CHAOS_SEED=${process.env.CHAOS_SEED} has drawn ${ordered.slice(0, count).join(', ')}`);
  return (file) => ordered.indexOf(file) >= count;
}

/** In a written file: the tests of each as a block, after which what they changed for all is as it was. */
function describeFiles(files) {
  for (const file of files)
    describe(file, () => {
      let before = {};
      beforeAll(() => (before = { ...process.env }));
      afterAll(() => {
        jest.restoreAllMocks();
        for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
        Object.assign(process.env, before);
      });
      require(join(root, file));
    });
}

/** Whether all that a file's tests have on the Temporal server is the ordinary world, which may be one for several files. */
const hasOrdinaryWorld = (text) => /openWorld\(\)/.test(text) && !/openWorld\([^)]/.test(text);

module.exports = { testsOf, describeFiles, hasOrdinaryWorld, notDrawn };
