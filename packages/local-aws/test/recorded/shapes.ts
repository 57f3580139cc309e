/** What an answer is made of: its members by path, each with the types and forms of its values. */

/** By path, e.g. `services[].events[].id`: types and forms, e.g. `arn:ecs:service` or `uuid`. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

/** Lists of names and values, whose names are members as well. */
const named = /(^|\.)(Attributes|\w+Attribute|details|settings|statistics)\[\]$/;
/** ARNs of whatever the caller named. */
const chosen = /(^|\.)(failures?\[\]\.arn|CertificateArn)$/;
/** Maps whose keys are the caller's, and values that are the caller's. */
const free = /(^|\.)(options|dockerLabels|environment\[\]|Tag\[\])$/;

/**
 * What answers are of, with all that they say of it: a service is shown by DescribeServices and by UpdateService, in the same way.
 * @param answers by operation
 */
export function partsOf(answers: Iterable<readonly [string, readonly object[]]>): Map<string, unknown[]> {
  const parts = new Map<string, unknown[]>();
  for (const [operation, all] of answers) {
    for (const [member, value] of all.flatMap((answer) => Object.entries(answer))) {
      // `Attributes` are of a target group, say: the operation's name ends with it.
      const part = (member === 'Attributes' ? operation.replace(/^.*:[A-Z][a-z]+/, '') : member).replace(/s$/, '');
      parts.set(part, [...(parts.get(part) ?? []), ...(Array.isArray(value) ? (value as unknown[]) : [value])]);
    }
  }
  return parts;
}

/** The members of all of these answers together. */
export function shapeOf(answers: readonly unknown[]): Shape {
  const shape = new Map<string, Set<string>>();
  for (const answer of answers) collect(answer, '', shape);
  return shape;
}

function collect(value: unknown, path: string, shape: Map<string, Set<string>>): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    add(shape, path, 'list');
    for (const entry of value) collect(entry, `${path}[]`, shape);
  } else if (typeof value === 'object' && !(value instanceof Date)) {
    const members = value as Readonly<Record<string, unknown>>;
    if (path !== '' && !path.endsWith(']')) add(shape, path, 'structure');
    const name = members.Key ?? members.name;
    if (named.test(path) && typeof name === 'string') add(shape, `${path}.${name}`, 'named');
    if (free.test(path)) return;
    for (const [member, of] of Object.entries(members)) collect(of, path === '' ? member : `${path}.${member}`, shape);
  } else add(shape, path, chosen.test(path) ? 'arn' : formOf(value));
}

function add(shape: Map<string, Set<string>>, path: string, form: string): void {
  shape.set(path, (shape.get(path) ?? new Set()).add(form));
}

const forms: readonly (readonly [string, RegExp])[] = [
  ['time', /^\d{4}-\d\d-\d\dT/],
  ['uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ['deployment', /^ecs-svc\/\d{19}$/],
  ['digest', /^sha256:[0-9a-f]{64}$/],
  ['mac', /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/],
  ['address', /^\d+\.\d+\.\d+\.\d+$/],
  ['number', /^\d+$/],
  ['switch', /^(true|false)$/],
];

function formOf(value: unknown): string {
  if (value instanceof Date) return 'time';
  if (typeof value !== 'string') return typeof value;
  const arn = /^arn:aws:([a-z-]*):[a-z0-9-]*:\d{12}:([a-z-]+)[/:]/.exec(value);
  if (arn) return `arn of ${arn[1]} ${arn[2]}`;
  return forms.find(([, form]) => form.test(value))?.[0] ?? 'text';
}

/** What the one shape has and the other lacks, and what has another type or form there. Texts may have any form. */
export function differences(real: Shape, local: Shape): string[] {
  return [...real].flatMap(([path, there]) => {
    const here = local.get(path);
    if (here === undefined) return [...real.keys()].some((one) => lies(one, path) && !local.has(one)) ? [] : [path];
    const other = [...here].filter((form) => !there.has(form) && !there.has('text'));
    return other.length > 0 ? [`${path}: ${other.join(', ')} instead of ${[...there].join(', ')}`] : [];
  });
}

/** Whether the one path is around the other: of a structure that is missing whole, only the structure is named. */
const lies = (outer: string, path: string) => path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
