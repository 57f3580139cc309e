// The house: its folders, and what each may import. The linter keeps it file by file (scripts/house/lint.js); the picture in
// the documentation is drawn from the imports as they are (scripts/house.js).
//
// `values` are folders that may be imported in any way, `types` those of which only types may be; a folder may always import
// itself. `packages` names packages that a folder must not know, or only as types.

const awsAndTemporal = ['@aws-sdk/', '@smithy/', '@temporalio/'];

const folders = {
  'cutover.ts': {
    values: ['client', 'hooks', 'worker', 'local'],
  },
  local: {
    values: ['client', 'activities', 'contract', 'temporal', 'settings', 'packages/local-aws'],
  },
  client: {
    values: ['contract', 'temporal', 'settings'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  hooks: {
    values: ['contract', 'temporal', 'settings'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  worker: {
    values: ['activities', 'contract', 'temporal', 'settings'],
  },
  workflows: {
    values: ['contract', 'settings'],
    types: ['activities', 'planning'],
    packages: { never: ['@aws-sdk/', '@smithy/', 'node:'] },
  },
  activities: {
    values: ['contract', 'planning', 'settings'],
  },
  temporal: {
    values: ['contract', 'settings'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  contract: {
    values: ['settings'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/', 'node:'] },
  },
  planning: {
    values: ['settings'],
    packages: { typesOnly: awsAndTemporal },
  },
  settings: {
    packages: { never: awsAndTemporal },
  },
  'packages/local-aws': {
    packages: { never: ['@temporalio/'] },
  },
};

/** The folder of a file or of what it imports, from its path below the root; `undefined` where the house has no rule. */
function folderOf(path) {
  const [folder] = /^packages\/[^/]+|^[^/]+/.exec(path) ?? [''];
  const name = /^cutover(\.[jt]s)?$/.test(folder) ? 'cutover.ts' : folder;
  return name in folders ? name : undefined;
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
      return `${from}/ imports nothing of ${target.folder}/: every arrow points down (scripts/house/rules.js).`;
    return typesOnly ? undefined : `${from}/ imports only types of ${target.folder}/ (scripts/house/rules.js).`;
  }
  const isOf = (prefixes = []) => prefixes.some((prefix) => target.package.startsWith(prefix));
  if (isOf(packages.never)) return `${from}/ knows nothing of ${target.package} (scripts/house/rules.js).`;
  if (isOf(packages.typesOnly) && !typesOnly)
    return `${from}/ knows only types of ${target.package} (scripts/house/rules.js).`;
  return undefined;
}

module.exports = { folders, folderOf, objection };
