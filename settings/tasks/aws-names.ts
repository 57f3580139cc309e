/** Names and types as AWS's API has them: whether what the settings hand on to it is what it takes. */
import type { z } from 'zod';
import { shapes } from './shapes';

/** What doesn't fit, and where it stands below the checked value. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Every name that AWS doesn't know, and every value of another type than it takes.
 * @param type as `shapes.ts` writes it, e.g. `Volume[]`
 * @param refused members that AWS knows and the settings may not set, with the reason
 */
export function faultsOf(value: unknown, type: string, refused: Readonly<Record<string, string>> = {}): Fault[] {
  if (type.endsWith('[]')) return faultsOfList(value, type.slice(0, -2));
  if (type.startsWith('{')) return faultsOfMembers(value, () => type.slice(1, -1), {});
  const shape = shapes[type];
  if (shape) return faultsOfMembers(value, (name) => shape[name], refused, Object.keys(shape));
  return typeof value === type ? [] : [{ path: [], message: wanted(type, value) }];
}

const wanted = (type: string, value: unknown) =>
  type === 'string' && (typeof value === 'number' || typeof value === 'boolean')
    ? `expected a text: write it in quotes, '${value}'`
    : `expected a ${type}`;

function faultsOfList(value: unknown, type: string): Fault[] {
  if (!Array.isArray(value)) return [{ path: [], message: 'expected a list' }];
  return value.flatMap((one, index) => below(index, faultsOf(one, type)));
}

function faultsOfMembers(
  value: unknown,
  typeOf: (name: string) => string | undefined,
  refused: Readonly<Record<string, string>>,
  known: readonly string[] = [],
): Fault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ path: [], message: 'expected names with values' }];
  return Object.entries(value).flatMap(([name, member]) => {
    const why = refused[name];
    const type = typeOf(name);
    if (why !== undefined) return [{ path: [name], message: why }];
    if (type === undefined) return [{ path: [name], message: unknownName(name, known) }];
    return below(name, faultsOf(member, type));
  });
}

const below = (name: string | number, faults: readonly Fault[]): Fault[] =>
  faults.map(({ path, message }) => ({ path: [name, ...path], message }));

function unknownName(name: string, known: readonly string[]): string {
  const [closest] = known
    .map((one) => ({ one, distance: distance(one.toLowerCase(), name.toLowerCase()) }))
    .toSorted((one, other) => one.distance - other.distance);
  return closest && closest.distance <= 3
    ? `AWS knows no such name: expected ${closest.one}`
    : `AWS knows no such name: expected one of ${known.join(', ')}`;
}

/** How many letters differ between two words (Levenshtein's distance). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1];
    for (let at = 0; at < other.length; at++)
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === other[at] ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A refinement of a Zod schema that reports every {@link Fault}. */
export const asAwsTakes =
  (type: string, refused: Readonly<Record<string, string>> = {}) =>
  (value: unknown, context: z.core.$RefinementCtx): void => {
    for (const { path, message } of faultsOf(value, type, refused))
      context.addIssue({ code: 'custom', message, path: [...path] });
  };
