/** Random values of a schema, for round trips: required members are always there, others sometimes. */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Random } from '../../src/faults/random';
import { requiredMembers } from '../../src/protocol/validation';

/** `sparse` protocols can't express an empty structure (AWS Query), so there a structure has at least one member. */
export function randomValue(schema: NormalizedSchema, random: Random, sparse: boolean, depth = 0): unknown {
  const below = (count: number): number => Math.floor(random() * count);
  if (schema.isUnitSchema()) return undefined;
  if (schema.isUnionSchema()) return randomUnion(schema, random, sparse, depth);
  if (schema.isStructSchema()) return randomStructure(schema, random, sparse, depth);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const length = depth > 6 ? 0 : below(4);
    return Array.from({ length }, () => randomValue(item, random, sparse, depth + 1));
  }
  if (schema.isMapSchema()) {
    const length = depth > 6 ? 0 : 1 + below(3);
    const entry = (_: unknown, index: number): [string, unknown] => [
      `key-${index}&<`,
      randomValue(schema.getValueSchema(), random, sparse, depth + 1),
    ];
    return Object.fromEntries(Array.from({ length }, entry));
  }
  return randomScalar(schema, below);
}

function randomScalar(schema: NormalizedSchema, below: (count: number) => number): unknown {
  if (schema.isBlobSchema()) return Uint8Array.from([0, 255, below(256)]);
  if (schema.isBooleanSchema()) return below(2) === 1;
  if (schema.isTimestampSchema()) return new Date(1_700_000_000_000 + below(1_000_000) * 1000);
  if (schema.isNumericSchema()) return below(100_000);
  if (schema.isDocumentSchema()) return { any: ['thing', below(10)] };
  return ['plain', 'with & < > " \' marks', 'ä€😀', 'a.b/c=d+e %20', `n${below(1000)}`][below(5)];
}

function randomUnion(schema: NormalizedSchema, random: Random, sparse: boolean, depth: number): unknown {
  const members = Object.entries(schema.getMemberSchemas());
  const [name, member] = members[Math.floor(random() * members.length)] ?? [];
  return name && member ? { [name]: randomValue(member, random, sparse, depth + 1) } : {};
}

function randomStructure(schema: NormalizedSchema, random: Random, sparse: boolean, depth: number): unknown {
  const members = Object.entries(schema.getMemberSchemas());
  const required = requiredMembers(schema);
  const wanted = (name: string): boolean => required.includes(name) || random() < (depth > 4 ? 0.2 : 0.6);
  const chosen = members.filter(([name]) => wanted(name));
  const given = chosen.length === 0 && sparse ? members.slice(0, 1) : chosen;
  return Object.fromEntries(given.map(([name, member]) => [name, randomValue(member, random, sparse, depth + 1)]));
}
