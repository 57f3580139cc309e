// Writes settings/tasks/shapes.ts: what a task definition, and what a service is made of, may hold in AWS's own names and types, as
// the SDK's schemas say. The settings are read by commands that don't load the SDK, hence a table; a test compares it to the SDK.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const roots = [
  'RegisterTaskDefinitionRequest',
  'CapacityProviderStrategyItem',
  'PlacementConstraint',
  'PlacementStrategy',
  'ServiceRegistry',
  'ServiceVolumeConfiguration',
];

/** The shapes that the roots are made of, by name: each member with its type, as `string`, `number[]`, `{string}` or `Volume[]`. */
function shapesOf(client) {
  const shapes = {};
  const add = (reference) => {
    const [, , name, , members, types] = resolve(reference);
    if (name in shapes) return;
    shapes[name] = {};
    members.forEach((member, index) => (shapes[name][member] = typeOf(types[index], add)));
  };
  for (const root of roots) add(client[`${root}$`]);
  return shapes;
}

const simple = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'date', 64: 'string[]', 65: 'number[]', 128: '{string}' };

/** Schemas as @smithy/types has them: a number for a simple type, [1, …] for a list, [2, …] for a map, [3, …] for a structure. */
function typeOf(reference, add) {
  const schema = resolve(reference);
  if (typeof schema === 'number') return simple[schema];
  if (schema[0] === 1) return `${typeOf(schema[4], add)}[]`;
  if (schema[0] === 2) return `{${typeOf(schema[5], add)}}`;
  add(schema);
  return schema[2];
}

/** A reference may be a function, and may have traits beside it. */
function resolve(reference) {
  const schema = typeof reference === 'function' ? reference() : reference;
  return Array.isArray(schema) && typeof schema[0] !== 'number' ? resolve(schema[0]) : schema;
}

/** The members of a structure, as AWS's API names them. */
const membersOf = (client, name) => resolve(client[`${name}$`])[4];

module.exports = { shapesOf, membersOf };

if (require.main === module) {
  const text = `/** Written by scripts/aws-shapes.js from the AWS SDK's schemas: the shapes of a task definition, member by member. */
export const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(shapesOf(require('@aws-sdk/client-ecs')), null, 2)};
`;
  writeFileSync(join(__dirname, '..', 'settings', 'tasks', 'shapes.ts'), text);
}
