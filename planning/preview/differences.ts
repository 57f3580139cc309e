/**
 * How what is wanted differs from what is there, a line a difference. Only what is wanted counts: AWS answers with defaults
 * that nobody asked for. Lists of named things (containers, environment variables) are compared by name, and there what is no
 * longer wanted counts too.
 */

type Value = unknown;
type Ignore = (path: string) => boolean;

/** @param ignored paths that may differ, e.g. `containerDefinitions.application.image` */
export function differences(wanted: object, there: object, ignored: Ignore = () => false, path = ''): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const where = path === '' ? key : `${path}.${key}`;
    return difference(value, (there as Readonly<Record<string, Value>>)[key], ignored, where);
  });
}

function difference(wanted: Value, there: Value, ignored: Ignore, path: string): string[] {
  if (wanted === undefined || ignored(path)) return [];
  if (Array.isArray(wanted)) return listDifference(wanted, Array.isArray(there) ? there : [], ignored, path);
  if (typeof wanted === 'object' && wanted !== null)
    return differences(wanted, typeof there === 'object' && there !== null ? there : {}, ignored, path);
  return wanted === there ? [] : [`${path}: ${formatValue(there)} → ${formatValue(wanted)}`];
}

function listDifference(wanted: Value[], there: Value[], ignored: Ignore, path: string): string[] {
  if (![...wanted, ...there].every(isNamed)) {
    const pairs = wanted.flatMap((value, index) => difference(value, there[index], ignored, `${path}.${index}`));
    return there.length > wanted.length ? [...pairs, `${path}: ${there.length} → ${wanted.length} entries`] : pairs;
  }
  const [now, next] = [byName(there), byName(wanted)];
  const gone = [...now.keys()].filter((name) => !next.has(name) && !ignored(`${path}.${name}`));
  return [
    ...gone.map((name) => `- ${path}.${name}`),
    ...[...next].flatMap(([name, value]) => difference(value, now.get(name) ?? {}, ignored, `${path}.${name}`)),
  ];
}

interface Named {
  readonly name: string;
}

const isNamed = (value: Value): value is Named =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Named>).name === 'string';

const byName = (values: Value[]) => new Map(values.filter(isNamed).map(({ name, ...rest }) => [name, rest]));

const formatValue = (value: Value) => (value === undefined ? 'none' : JSON.stringify(value));
