// Who imports whom, read from TypeScript sources without running them: static and dynamic imports, exports from elsewhere and
// types from elsewhere. An import of another package of this repository leads to the source that its `exports` name.
const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { join, posix } = require('node:path');
const { parseSync } = require('@swc/core');

/** What holds no sources of the product, in the repository's own folder and in a package's. */
const leftOut = new Set(['lib', 'bin', 'scripts', 'docs', 'examples', 'test', 'bench', 'coverage']);
const isProject = (folder) => folder === '.' || /^packages\/[^/]+$/.test(folder);

/** By their characters, whatever the machine's language. */
const inOrder = (one, other) => (one < other ? -1 : Number(one > other));

/** The paths of all TypeScript sources below a folder, relative to the root, with `/`, in order. */
function sourcesIn(root, folder = '.') {
  const isLeftOut = (name) =>
    name === 'node_modules' || name.startsWith('.') || (isProject(folder) && leftOut.has(name));
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !isLeftOut(name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return sourcesIn(root, path);
      return /(?<![.]d)[.]ts$/.test(entry.name) ? [path] : [];
    })
    .toSorted(inOrder);
}

/** The nodes of a syntax tree, from above to below. */
function* nodesOf(tree) {
  if (Array.isArray(tree)) for (const part of tree) yield* nodesOf(part);
  else if (tree !== null && typeof tree === 'object') {
    if (typeof tree.type === 'string') yield tree;
    for (const part of Object.values(tree)) if (part !== null && typeof part === 'object') yield* nodesOf(part);
  }
}

const parse = (source) => parseSync(source, { syntax: 'typescript', target: 'es2022' });

/** What a node imports, as it is written there, and whether nothing but types. `undefined`: it imports nothing. */
function importOf(node) {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      if (node.source === null || node.source === undefined) return undefined;
      const named = node.specifiers ?? [];
      const onlyTypes = named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly === true);
      return { specifier: node.source.value, typesOnly: node.typeOnly === true || onlyTypes };
    }
    case 'TsImportType':
      return { specifier: node.argument.value, typesOnly: true };
    case 'TsExternalModuleReference':
      return { specifier: node.expression.value, typesOnly: false };
    case 'CallExpression': {
      const imports =
        node.callee.type === 'Import' || (node.callee.type === 'Identifier' && node.callee.value === 'require');
      const argument = node.arguments[0]?.expression;
      return imports && argument?.type === 'StringLiteral'
        ? { specifier: argument.value, typesOnly: false }
        : undefined;
    }
    default:
      return undefined;
  }
}

const importsOf = (source) => [...nodesOf(parse(source))].map(importOf).filter((found) => found !== undefined);

/** The repository's own packages: by name, the folder and the `exports` of each. */
function packagesIn(root) {
  const folder = join(root, 'packages');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const described = names.filter((name) => existsSync(join(folder, name, 'package.json')));
  return new Map(
    described.map((name) => {
      const about = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'));
      return [about.name, { folder: posix.join('packages', name), exports: about.exports ?? {} }];
    }),
  );
}

/** Where an import leads, without an extension; `undefined` when that is outside the repository. */
function targetOf(specifier, from, packages) {
  if (/^[.]{1,2}(\/|$)/.test(specifier)) return posix.join(posix.dirname(from), specifier);
  const name = [...packages.keys()].find((known) => specifier === known || specifier.startsWith(`${known}/`));
  if (name === undefined) return undefined;
  const { folder, exports } = packages.get(name);
  const entry = exports[`.${specifier.slice(name.length)}`];
  const compiled = typeof entry === 'string' ? entry : entry?.default;
  return posix.join(folder, (compiled ?? 'src/index.js').replace(/^[.]\/lib\//, './'));
}

/** The file that stands at such a place, if there is one. */
function fileAt(root, target) {
  const bare = target.replace(/[.]js$/, '');
  const candidates = [`${bare}.ts`, posix.join(bare, 'index.ts'), target];
  return candidates.find((file) => existsSync(join(root, file)) && statSync(join(root, file)).isFile());
}

/**
 * The imports among the sources: `{ from, to, typesOnly }`, paths relative to the root. Where a file imports another one several
 * times, they are one, of types only when all are.
 * @throws {Error} when an import leads to no file
 */
function importsAmong(root, sources) {
  const packages = packagesIn(root);
  const known = new Set(sources);
  const found = new Map();
  for (const from of sources)
    for (const { specifier, typesOnly } of importsOf(readFileSync(join(root, from), 'utf8'))) {
      const target = targetOf(specifier, from, packages);
      if (target === undefined) continue;
      const to = fileAt(root, target);
      if (to === undefined) throw new Error(`${from} imports ${specifier}, which is not there.`);
      if (!known.has(to)) continue;
      const key = `${from} ${to}`;
      found.set(key, { from, to, typesOnly: typesOnly && (found.get(key)?.typesOnly ?? true) });
    }
  return [...found.values()];
}

module.exports = { importsAmong, inOrder, sourcesIn };
