// The linter's rules of the house. `house/arrows`: an import that scripts/house/rules.js doesn't allow is an error.
// `house/terminal`: only terminal/ writes to the terminal, because what others wrote must not reach it as it is.
const { dirname, join, relative } = require('node:path');
const { folderOf, objection } = require('./rules');

const arrows = {
  create(context) {
    const file = relative(context.cwd, context.filename);

    const check = (node, source, typesOnly) => {
      const name = source?.value;
      if (typeof name !== 'string') return;
      const target = name.startsWith('.') ? { path: join(dirname(file), name) } : { package: name };
      const message = objection(file, target, typesOnly);
      if (message !== undefined) context.report({ node, message });
    };
    const specifiersAreTypes = ({ specifiers }, kind) =>
      specifiers.length > 0 && specifiers.every((specifier) => specifier[kind] === 'type');

    return {
      ImportDeclaration: (node) =>
        check(node, node.source, node.importKind === 'type' || specifiersAreTypes(node, 'importKind')),
      ExportNamedDeclaration: (node) =>
        check(node, node.source, node.exportKind === 'type' || specifiersAreTypes(node, 'exportKind')),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
    };
  },
};

/** What may be asked of standard output and standard error anywhere. */
const asked = ['isTTY', 'columns', 'rows', 'on', 'once', 'off'];
/** A sample of what is deployed: its output is a task's log. */
const logged = join('local', 'sample', 'container.ts');

const terminal = {
  create(context) {
    const file = relative(context.cwd, context.filename);
    const folder = folderOf(file);
    if ([undefined, 'terminal', 'packages/local-aws'].includes(folder) || file === logged) return {};

    const report = (node) =>
      context.report({
        node,
        message: `${folder}/ writes to the terminal by terminal/print.ts (scripts/house/lint.js).`,
      });
    const isStream = (name) => ['stdout', 'stderr'].includes(name);
    const nameOf = ({ computed, property }) => (computed ? property.value : property.name);
    return {
      MemberExpression(node) {
        const { object, parent } = node;
        if (object.name !== 'process' || !isStream(nameOf(node))) return;
        if (parent.type === 'MemberExpression' && parent.object === node && asked.includes(nameOf(parent))) return;
        report(node);
      },
      VariableDeclarator({ id, init }) {
        if (init?.name !== 'process' || id.type !== 'ObjectPattern') return;
        for (const property of id.properties) if (isStream(property.key?.name)) report(property);
      },
      ImportDeclaration(node) {
        if (/^(node:)?(readline(\/promises)?|process|console)$/.test(node.source.value)) report(node);
      },
    };
  },
};

module.exports = { meta: { name: 'house' }, rules: { arrows, terminal } };
