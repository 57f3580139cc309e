// The linter's rule `house/arrows`: an import that scripts/house/rules.js doesn't allow is an error.
const { dirname, join, relative } = require('node:path');
const { objection } = require('./rules');

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

module.exports = { meta: { name: 'house' }, rules: { arrows } };
