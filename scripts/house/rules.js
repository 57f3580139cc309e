// The house: its folders, and what each may import. The linter keeps it file by file (scripts/house/lint.js); the picture in
// the documentation is drawn from the imports as they are (scripts/house.js).
//
// `values` are folders that may be imported in any way, `types` those of which only types may be; a folder may always import
// itself. `packages` names packages that a folder must not know (`but` some of them), or only as types. Of a folder with `entries` others see those
// files alone.

const awsAndTemporal = ['@aws-sdk/', '@smithy/', '@temporalio/'];

const folders = {
  'cutover.ts': {
    values: ['page', 'client', 'hooks', 'worker', 'local', 'settings', 'terminal'],
  },
  local: {
    values: ['client', 'activities', 'planning', 'contract', 'temporal', 'settings', 'terminal', 'packages/local-aws'],
  },
  page: {
    // Of the activities only what proves who somebody is.
    values: ['hooks', 'client', 'activities', 'contract', 'temporal', 'settings', 'terminal'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  client: {
    values: ['contract', 'temporal', 'settings', 'terminal'],
    types: ['planning'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  hooks: {
    values: ['contract', 'temporal', 'settings', 'terminal'],
    packages: { never: ['@aws-sdk/', '@smithy/'] },
  },
  worker: {
    values: ['activities', 'contract', 'temporal', 'settings', 'terminal'],
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
    // KMS decrypts the keys by which values are written.
    packages: { never: ['@aws-sdk/', '@smithy/'], but: ['@aws-sdk/client-kms'] },
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
  terminal: {
    packages: { never: awsAndTemporal },
  },
  'packages/local-aws': {
    entries: ['src/index', 'src/control-plane', 'src/load-balancer', 'src/command/condition-options'],
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
 * @param {string} file the importing file, from its path below the root
 * @param {{ path: string } | { package: string }} target what is imported: a file by its path below the root, or a package
 * @param {boolean} typesOnly whether nothing of it is left at run time
 */
function objection(file, target, typesOnly) {
  const from = folderOf(file);
  if (from === undefined) return undefined;
  const why = target.path === undefined ? ofPackage(from, target, typesOnly) : ofFile(from, target, typesOnly);
  return why && `${from}/ ${why} (scripts/house/rules.js).`;
}

function ofFile(from, { path }, typesOnly) {
  const { values = [], types = [] } = folders[from];
  const to = folderOf(path);
  if (to === from) return undefined;
  // A package is whole in itself; what the house has no rule for, such as a test, no source may need.
  if (to === undefined) return `imports nothing of ${path}: it is no part of the house`;
  if (![...values, ...types].includes(to)) return `imports nothing of ${to}/: every arrow points down`;
  if (!values.includes(to) && !typesOnly) return `imports only types of ${to}/`;
  const { entries } = folders[to];
  const entry = path.slice(to.length + 1).replace(/\.js$/, '');
  return entries === undefined || entries.includes(entry) ? undefined : `sees only ${entries.join(', ')} of ${to}/`;
}

function ofPackage(from, target, typesOnly) {
  const { never = [], but = [], typesOnly: known = [] } = folders[from].packages ?? {};
  const isOf = (prefixes) => prefixes.some((prefix) => target.package.startsWith(prefix));
  if (isOf(never) && !but.includes(target.package)) return `knows nothing of ${target.package}`;
  return isOf(known) && !typesOnly ? `knows only types of ${target.package}` : undefined;
}

module.exports = { folderOf, objection };
