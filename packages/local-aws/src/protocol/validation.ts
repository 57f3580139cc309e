/**
 * Checks a decoded request against its schema: types and required members. The SDK's codecs accept any value anywhere, and the
 * schemas have no enum, range, length or pattern: those that matter are checked by the operations.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';

/** What is wrong with a request; `path` is the member's, e.g. `conditions.1.field`. */
export interface Flaw {
  readonly path: string;
  readonly kind: 'missing' | 'type';
  readonly expected: string;
}

/** The first flaw, or undefined. */
export function findFlaw(schema: NormalizedSchema, value: unknown, path = ''): Flaw | undefined {
  if (value === undefined || value === null) return undefined;
  if (schema.isStructSchema()) return flawInStructure(schema, value, path);
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return { path, kind: 'type', expected: 'a list' };
    return firstFlaw(
      value.map((item, index) => [`${index + 1}`, item]),
      () => schema.getValueSchema(),
      path,
    );
  }
  if (schema.isMapSchema()) {
    if (!isObject(value)) return { path, kind: 'type', expected: 'a map' };
    return firstFlaw(Object.entries(value), () => schema.getValueSchema(), path);
  }
  const expected = expectedScalar(schema, value);
  return expected === undefined ? undefined : { path, kind: 'type', expected };
}

function flawInStructure(schema: NormalizedSchema, value: unknown, path: string): Flaw | undefined {
  if (!isObject(value)) return { path, kind: 'type', expected: 'a structure' };
  const missing = requiredMembers(schema).find((name) => value[name] === undefined || value[name] === null);
  if (missing !== undefined) return { path: join(path, missing), kind: 'missing', expected: 'a value' };
  const members = schema.getMemberSchemas();
  return firstFlaw(
    Object.entries(value).filter(([name]) => name in members),
    (name) => schema.getMemberSchema(name),
    path,
  );
}

/** Element 6 of a structure's schema is the number of its required members, which come first. A test guards this. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  if (schema.isUnionSchema()) return [];
  const structure = schema.getSchema() as StaticStructureSchema;
  const names = structure[4].slice(0, structure[6] ?? 0);
  return names.filter((name) => !schema.getMemberSchema(name).isIdempotencyToken());
}

function firstFlaw(
  entries: readonly [string, unknown][],
  schemaOf: (name: string) => NormalizedSchema,
  path: string,
): Flaw | undefined {
  for (const [name, item] of entries) {
    const flaw = findFlaw(schemaOf(name), item, join(path, name));
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function expectedScalar(schema: NormalizedSchema, value: unknown): string | undefined {
  if (schema.isNumericSchema()) return Number.isFinite(value) ? undefined : 'a number';
  if (schema.isBooleanSchema()) return typeof value === 'boolean' ? undefined : 'a boolean';
  if (schema.isStringSchema()) return typeof value === 'string' ? undefined : 'a string';
  if (schema.isTimestampSchema()) {
    return value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'a timestamp';
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
