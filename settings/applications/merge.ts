/**
 * An application's own settings over its zone's, as they are written in the file: the one rule of how they are merged.
 *
 * - Names with values are merged name by name.
 * - Lists whose entries have names are merged entry by entry: containers, environment, secrets and volumes by `name`, mount points
 *   by `containerPath`. The zone's come first, in their order. An application may write such a list as names with values, too.
 * - Every other list and every value is taken whole.
 * - `null` takes away what the zone says: as if the zone had never said it.
 */

/** What of a zone an application may have otherwise. */
export const ownMembers = [
  'taskDefinition',
  'container',
  'service',
  'targetGroup',
  'network',
  'conditions',
  'desiredCount',
  'startTimeout',
  'deployment',
  'approvals',
  'gates',
  'tags',
] as const;

/** Lists by name: where they stand, `*` for the name of an entry, and which member of an entry is its name. */
const namedLists: Readonly<Record<string, string>> = {
  'taskDefinition.volumes': 'name',
  'taskDefinition.containerDefinitions': 'name',
  'taskDefinition.containerDefinitions.*.environment': 'name',
  'taskDefinition.containerDefinitions.*.secrets': 'name',
  'taskDefinition.containerDefinitions.*.mountPoints': 'containerPath',
  'service.volumeConfigurations': 'name',
};

type Written = unknown;
type Members = ReadonlyMap<string, Written>;

/** @param where the path of both, as {@link namedLists} writes it */
export function mergeSettings(zone: Written, own: Written, where = ''): Written {
  if (own === undefined) return zone;
  if (own === null) return undefined;
  const name = namedLists[where];
  const [below, above] = name === undefined ? [] : [entriesOf(zone ?? [], name), entriesOf(own, name)];
  if (name !== undefined && below && above)
    return listOf(
      mergeMembers(below, above, () => `${where}.*`),
      name,
    );
  return isObject(own)
    ? Object.fromEntries(mergeMembers(membersOf(zone), membersOf(own), (member) => joined(where, member)))
    : own;
}

function mergeMembers(zone: Members, own: Members, where: (name: string) => string): Members {
  const names = [...new Set([...zone.keys(), ...own.keys()])];
  const merged = names.map((name) => [name, mergeSettings(zone.get(name), own.get(name), where(name))] as const);
  return new Map(merged.filter(([, value]) => value !== undefined));
}

/** The path with the names that are written in the file: an index of a list by name becomes the entry's name. */
export function namedPath(path: readonly PropertyKey[], written: Written): string[] {
  let [value, where] = [written, ''];
  return path.map((part) => {
    const name = namedLists[where];
    value = at(value, String(part));
    const own = name !== undefined && typeof part === 'number' ? at(value, name) : undefined;
    where = name === undefined ? joined(where, String(part)) : `${where}.*`;
    return typeof own === 'string' ? own : String(part);
  });
}

/**
 * Where a {@link namedPath} stands in what is written: its longest beginning that is there, an entry of a list by its index.
 * @returns whether all of it is there, and the path
 */
export function findWritten(path: readonly string[], written: Written): { isWhole: boolean; path: string[] } {
  let [value, where] = [written, ''];
  const found: string[] = [];
  for (const part of path) {
    const name = namedLists[where];
    const index =
      name !== undefined && Array.isArray(value) ? value.findIndex((entry) => at(entry, name) === part) : part;
    const next = at(value, String(index));
    if (next === undefined) return { isWhole: false, path: found };
    found.push(String(index));
    where = name === undefined ? joined(where, part) : `${where}.*`;
    value = next;
  }
  return { isWhole: true, path: found };
}

const joined = (where: string, name: string) => (where === '' ? name : `${where}.${name}`);

const isObject = (value: Written): value is Readonly<Record<string, Written>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const membersOf = (value: Written): Members => new Map(isObject(value) ? Object.entries(value) : []);

const at = (value: Written, name: string): Written =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Written>>)[name]
    : undefined;

/** A list's entries by their names; `undefined` where one has none, or two have the same. */
function entriesOf(list: Written, name: string): Members | undefined {
  if (isObject(list)) return membersOf(list);
  if (!Array.isArray(list)) return undefined;
  const entries = new Map(list.map((entry) => [at(entry, name) as string, entry as Written]));
  const isNamed = [...entries.keys()].every((one) => typeof one === 'string');
  return isNamed && entries.size === list.length ? entries : undefined;
}

const listOf = (entries: Members, name: string): Written[] =>
  [...entries].map(([key, entry]) => (isObject(entry) ? { [name]: key, ...entry } : entry));

/** Every value of what is written, with its {@link namedPath}; a list without names is one value. */
export function valuesOf(written: Written, path: readonly string[] = [], where = ''): [readonly string[], Written][] {
  const name = namedLists[where];
  const entries = name === undefined ? undefined : entriesOf(written, name);
  if (entries === undefined && !isObject(written)) return [[path, written]];
  const members = entries ?? membersOf(written);
  if (members.size === 0) return [[path, written]];
  return [...members].flatMap(([member, value]) => {
    const below = [...path, member];
    if (!entries) return valuesOf(value, below, joined(where, member));
    const values = valuesOf(value, below, `${where}.*`);
    // The name is in the path already.
    return values.length > 1
      ? values.filter(([one]) => one.length !== below.length + 1 || one.at(-1) !== name)
      : values;
  });
}
