/** Settings, the platform's query, messages of Temporal, and what a terminal shows. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSigned, parseStatement } from '../../contract/approvals';
import { parseCommandInput } from '../../contract/commands';
import { parseHookCallRequest } from '../../contract/hook-calls';
import type { Parsed } from '../../contract/parsing';
import {
  parseConfigurationRequest,
  parseDeploymentRequest,
  parseKeepWarmRequest,
  parseRemovalRequest,
  parseRetirementRequest,
  parseUndoRequest,
} from '../../contract/runbook-requests';
import { BadCall, parseCall } from '../../hooks/parameters';
import { InvalidSettings, parseSettings } from '../../settings/load';
import { shown } from '../../terminal/print';
import { zone } from '../settings/minimal';
import { expectSentence, type Input, type Reader } from './reader';

const example = readFileSync(join(__dirname, '..', '..', 'docs', 'operations', 'cutover.example.yaml'), 'utf8').split(
  '\n',
);

const yamlWords = [
  '&a ',
  '*a',
  '<<: *a',
  '!!js/function ',
  '!!binary ',
  '!!set ',
  '? ',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '|',
  '>',
  '"',
  "'",
  '#',
  '%YAML 1.1',
  '---',
  '...',
  '__proto__:',
  'constructor:',
  'toString:',
  '\t',
  '~',
  '.inf',
  '.nan',
  '0x10',
  '1e999',
  '9999999999d',
  '-1s',
  'null',
  'true',
  '2026-01-01',
  '\u0000',
  '\uFEFF',
  '\u2028',
  '\uD800',
];
const yamlToken = fc.oneof(fc.constantFrom(...yamlWords), fc.string({ maxLength: 6 }));
/** A file with some of its lines changed. */
const changed = (original: readonly string[]) =>
  fc
    .array(
      fc.record({
        line: fc.nat(original.length - 1),
        how: fc.constantFrom('replace', 'append', 'drop', 'double', 'indent', 'value'),
        text: fc.array(yamlToken, { maxLength: 4 }).map((parts) => parts.join('')),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) => {
      const lines = [...original];
      for (const { line, how, text } of changes) {
        const before = lines[line] ?? '';
        const after = {
          replace: [text],
          append: [`${before}${text}`],
          drop: [],
          double: [before, before],
          indent: [`  ${before}`],
          value: [before.replace(/:.*/, `: ${text}`)],
        } as const;
        lines.splice(line, 1, ...after[how as keyof typeof after]);
      }
      return lines.join('\n');
    });
const bomb = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 })).map(([levels, width]) => {
  const names = Array.from({ length: levels }, (_, level) => `l${level}`);
  return names
    .map(
      (name, level) =>
        `${name}: &${name} [${Array(width)
          .fill(level === 0 ? 'x' : `*l${level - 1}`)
          .join(', ')}]`,
    )
    .join('\n');
});

/** Everything a value holds that is a number is one: no NaN, and no time that never comes. */
function expectFinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} was taken for a number`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectFinite);
}

const clean = Object.getOwnPropertyNames(Object.prototype).join();
function expectUnpolluted(): void {
  if (Object.getOwnPropertyNames(Object.prototype).join() !== clean) throw new Error('Object.prototype was changed');
}

export const settings: Reader<string> = {
  name: 'settings',
  tries:
    'cutover.yaml: the example with lines changed, anchors, aliases, tags, merges, names of Object.prototype, bombs',
  inputs: fc.oneof(
    { weight: 1, arbitrary: changed(example) },
    { weight: 4, arbitrary: changed(zone.split('\n')) },
    { weight: 3, arbitrary: fc.array(yamlToken, { maxLength: 30 }).map((parts) => parts.join('')) },
    bomb,
  ),
  holds(text) {
    try {
      expectFinite(parseSettings(text, 'cutover.yaml'));
    } catch (error) {
      if (!(error instanceof InvalidSettings)) throw error;
      for (const line of error.message.split('\n'))
        if (!line.startsWith('cutover.yaml:')) throw new Error(`no place: ${JSON.stringify(line.slice(0, 300))}`);
    }
    expectUnpolluted();
  },
};

const guid = fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.string({ maxLength: 40 }));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const value = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map(base64) },
  { weight: 2, arbitrary: fc.string({ maxLength: 30 }) },
  fc.constantFrom(
    '',
    '=',
    '====',
    '%',
    ' ',
    base64('\u0000'),
    Buffer.from([0xff]).toString('base64'),
    base64('x'.repeat(5000)),
  ),
);
const modules = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom('Orders', 'orders', 'a/b', '..', '', '__proto__'), fc.string({ maxLength: 8 })))
    .chain((names) => fc.constantFrom(names.join(','), JSON.stringify(names), `[${names.join(',')}`)),
  fc.json(),
);
const query = fc
  .record({
    good: fc.record({
      ApplicationKey: guid,
      OperationId: guid,
      ApplicationName: fc.string({ unit: 'grapheme', maxLength: 20 }),
      ModuleNames: modules,
    }),
    others: fc.array(
      fc.tuple(
        fc.constantFrom(
          'Address',
          'ApplicationName',
          'ApplicationKey',
          'OperationId',
          'ResultPath',
          'ModuleNames',
          'secret',
          '__proto__',
          'toString',
        ),
        value,
      ),
      { maxLength: 4 },
    ),
    raw: fc.option(fc.webQueryParameters(), { nil: '', freq: 4 }),
  })
  .map(({ good, others, raw }) => {
    const given = { Address: 'https://a', ResultPath: '/r', ...good };
    const written = new URLSearchParams(
      Object.entries(given).map(([name, text]): [string, string] => [name, base64(text)]),
    );
    for (const [name, text] of others)
      if (text.length % 2 === 0) written.set(name, text);
      else written.append(name, text);
    return `${written.toString()}&${raw}`;
  });

export const queries: Reader<string> = {
  name: 'queries',
  tries: 'calls of the platform: parameters missing, twice, no Base64, no UTF-8, control characters, lists of modules',
  inputs: query,
  holds(text) {
    try {
      const call = parseCall(new URLSearchParams(text));
      if (call === undefined) return;
      const { applicationName, applicationKey, operationId, modules: named } = call;
      const parsed = parseHookCallRequest({ zone: 'z', applicationName, applicationKey, operationId, modules: named });
      if ('error' in parsed) throw new Error(`the workflow refuses what the listener took: ${parsed.error}`);
      if (/\p{Cc}/u.test(Object.values(call).flat().join(''))) throw new Error('a control character was taken');
    } catch (error) {
      if (!(error instanceof BadCall)) throw error;
      expectSentence(error.message);
    }
    expectUnpolluted();
  },
};

const times = fc.constantFrom(
  '0s',
  '1s',
  '90s',
  '48h',
  '7d',
  '9999999d',
  '1e9s',
  '-1s',
  'Infinity',
  `${'9'.repeat(309)}d`,
  '',
  5,
  null,
);
const field = fc.oneof(
  fc.constantFrom(
    'orders:1',
    '',
    'x'.repeat(2_000),
    '\u001b[2J',
    '2026-01-01T00:00:00Z',
    'blueGreen',
    'none',
    '__proto__',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const fields = [
  'image',
  'by',
  'reason',
  'signed',
  'statement',
  'application',
  'zone',
  'applicationName',
  'lock',
  'kept',
  'service',
  'modules',
  'strategy',
  'approval',
];
const timed = ['bake', 'keepWarm', 'settle', 'removeAfter', 'approvalTimeout', 'holdTimeout', 'deadline', 'keepMs'];
const message = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        some: fc.dictionary(fc.constantFrom(...fields), field, { maxKeys: 3 }),
        late: fc.dictionary(fc.constantFrom(...timed), times, { maxKeys: 2 }),
        shift: fc.option(
          fc.array(fc.record({ percent: fc.constantFrom(1, 50, 100, 0.5), bake: times }), { maxLength: 3 }),
          { nil: undefined },
        ),
      })
      .map(({ some, late, shift }) => ({ image: 'orders:1', ...some, ...late, ...(shift && { shift }) }) as Input),
  },
  fc.jsonValue() as fc.Arbitrary<Input>,
  fc.string({ unit: 'binary' }),
);

const parsers: Readonly<Record<string, (input: unknown) => Parsed<unknown>>> = {
  parseDeploymentRequest,
  parseUndoRequest,
  parseConfigurationRequest,
  parseRemovalRequest,
  parseRetirementRequest,
  parseKeepWarmRequest,
  parseCommandInput,
  parseSigned,
  parseHookCallRequest,
};
const longestMs = 30 * 24 * 3_600_000;

export const messages: Reader = {
  name: 'messages',
  tries:
    'inputs of workflows, signals and updates: fields of other types, times that never come, names of Object.prototype',
  inputs: message,
  holds(input) {
    parseStatement(typeof input === 'string' ? input : JSON.stringify(input));
    for (const [name, parse] of Object.entries(parsers)) {
      const parsed = parse(input);
      if ('error' in parsed && parsed.error.length > 1_500) throw new Error(`${name} says too much`);
      if ('value' in parsed) expectSoon(parsed.value);
    }
    expectUnpolluted();
  },
};

/** A time that is too long fails a workflow's task again and again. */
function expectSoon(value: unknown): void {
  if (typeof value === 'number' && !(value <= longestMs)) throw new Error(`${value} ms were taken for a time`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectSoon);
}

const colour = new RegExp(`${String.fromCharCode(0x1b)}\\[(?:0|1|2|22|31|32|33|36|39|90)m`, 'g');
const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r',
    '\r\n',
    '\u001b',
    '\u009b',
    '[2K',
    '[1A',
    '[31m',
    ']52;c;',
    '\u0007',
    '\u202e',
    '\u2028',
    '┆',
    'x',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

export const terminal: Reader<readonly string[]> = {
  name: 'terminal',
  tries: 'what a terminal shows: escapes, control characters, line breaks and directions in somebody’s text',
  inputs: fc.array(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    { maxLength: 5 },
  ),
  holds(lines) {
    const written = shown(lines);
    const others = written.split('\n').filter((line) => line.startsWith('  ┆ ')).length;
    const begun = written.split('\n').length - 1 - others;
    const own = lines.filter((line) => !line.startsWith('  ┆ ')).length;
    if (begun !== own) throw new Error(`${begun} lines begin, of ${own}: ${JSON.stringify(written)}`);
    const plain = written.replace(colour, '');
    if (/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u.test(plain)) throw new Error(JSON.stringify(written));
  },
};
