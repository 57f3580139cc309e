// The house: its folders, what each is for, and whom each may import. The linter enforces it file by file (scripts/lint-house.js),
// and the picture in the documentation is drawn from the imports (scripts/house.js).
//
// `values` are folders that may be imported in any way, `types` those of which only types may be; a folder may always import
// itself. `packages` names packages that a folder must not know, or only as types.

const awsAndTemporal = ['@aws-sdk/', '@smithy/', '@temporalio/'];

const folders = {
  'cutover.ts': {
    what: 'the command line',
    values: ['client', 'hooks', 'worker', 'local'],
  },
  local: {
    what: 'everything on one machine',
    values: ['client', 'activities', 'contract', 'temporal', 'settings', 'packages'],
  },
  client: {
    what: 'how people drive it',
    values: ['contract', 'temporal', 'settings'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  hooks: {
    what: 'how the platform drives it',
    values: ['contract', 'temporal', 'settings'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  worker: {
    what: 'the process',
    values: ['activities', 'contract', 'temporal', 'settings'],
  },
  workflows: {
    what: 'the runbooks, deterministic',
    values: ['contract', 'settings'],
    types: ['activities', 'planning'],
    packages: { never: ['@aws-sdk/', '@smithy/', 'node:'] },
  },
  activities: {
    what: 'effects: AWS, probes, files',
    values: ['contract', 'planning', 'settings'],
  },
  temporal: {
    what: 'the connection to Temporal',
    values: ['contract', 'settings'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  contract: {
    what: 'what crosses a process',
    values: ['settings'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/', 'node:'] },
  },
  planning: {
    what: 'decisions, pure',
    values: ['settings'],
    packages: { typesOnly: awsAndTemporal },
  },
  settings: {
    what: 'cutover.yaml',
    packages: { never: awsAndTemporal },
  },
  packages: {
    what: 'the local AWS',
    packages: { never: ['@temporalio/'] },
  },
};

/** The folder of a file or of what it imports, from its path below the root; `undefined` where the house has no rule. */
function folderOf(path) {
  const [first] = path.split('/');
  if (first === 'cutover' || first === 'cutover.ts' || first === 'cutover.js') return 'cutover.ts';
  return first in folders ? first : undefined;
}

/**
 * Why a file may not import something, as a sentence; `undefined` when it may.
 * @param {string} from the importing file's folder, a key of `folders`
 * @param {{ folder?: string, package?: string }} target what is imported: a folder of the house, or a package by its name
 * @param {boolean} typesOnly whether nothing of it is left at run time
 */
function objection(from, target, typesOnly) {
  const { values = [], types = [], packages = {} } = folders[from];
  if (target.folder !== undefined) {
    if (target.folder === from || values.includes(target.folder)) return undefined;
    if (!types.includes(target.folder))
      return `${from}/ imports nothing of ${target.folder}/: every arrow points down (scripts/house-rules.js).`;
    return typesOnly ? undefined : `${from}/ imports only types of ${target.folder}/ (scripts/house-rules.js).`;
  }
  const isOf = (prefixes = []) => prefixes.some((prefix) => target.package.startsWith(prefix));
  if (isOf(packages.never)) return `${from}/ knows nothing of ${target.package} (scripts/house-rules.js).`;
  if (isOf(packages.typesOnly) && !typesOnly)
    return `${from}/ knows only types of ${target.package} (scripts/house-rules.js).`;
  return undefined;
}

module.exports = { folders, folderOf, objection };
