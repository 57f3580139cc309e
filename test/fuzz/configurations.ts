/** Configurations: what is well-formed is taken, what isn't is refused in a sentence, in any encoding and whatever it holds. */
import fc from 'fast-check';
import { checkConfiguration } from '../../activities/files/check/configuration';
import { expectSentence, type Reader } from './reader';

const markup = [
  '<',
  '>',
  '</',
  '/>',
  '<a',
  '<a>',
  '</a>',
  '&',
  '&amp;',
  '&#',
  '&#x',
  ';',
  '&#1;',
  '&#x10FFFF;',
  '"',
  "'",
  '=',

  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE',
  '<!ENTITY',
  '[',
  ']',

  'xmlns:b="u"',
  'b:c',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  '\uFEFF',
  '\u0000',
  '\u0085',
  '\uD800',
  '\uFFFE',
  '😀',
  'é',
];
const token = fc.oneof(fc.constantFrom(...markup), fc.string({ maxLength: 6 }));
const tokens = fc.array(token, { maxLength: 40 }).map((parts) => parts.join(''));
const repeated = fc.tuple(tokens, fc.integer({ min: 1, max: 400 })).map(([text, times]) => text.repeat(times));

const encodings = [
  'utf-8',
  'UTF-8',
  'utf-16',
  'utf-7',
  'utf-32',
  'iso-8859-1',
  'windows-1252',
  'shift_jis',
  'utf8',
  '',
  'klingon',
];
const declaration = fc
  .tuple(fc.constantFrom('1.0', '1.1', '2.0', ''), fc.option(fc.constantFrom(...encodings), { nil: undefined }))
  .map(
    ([version, encoding]) => `<?xml version="${version}"${encoding === undefined ? '' : ` encoding="${encoding}"`}?>`,
  );

const marks = [
  [],
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
  [0x2b, 0x2f, 0x76],
];
const encode = {
  utf8: (text: string) => Buffer.from(text),
  utf16le: (text: string) => Buffer.from(text, 'utf16le'),
  utf16be: (text: string) => Buffer.from(text, 'utf16le').swap16(),
  latin1: (text: string) => Buffer.from(text, 'latin1'),
} as const;

const file = fc
  .record({
    mark: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, fc.constantFrom(...marks)),
    declared: fc.option(declaration, { nil: '', freq: 3 }),
    text: fc.oneof({ weight: 4, arbitrary: tokens }, repeated),
    wrapped: fc.boolean(),
    encoding: fc.constantFrom(...(['utf8', 'utf8', 'utf16le', 'utf16be', 'latin1'] as const)),
  })
  .map(({ mark, declared, text, wrapped, encoding }) =>
    Buffer.concat([Buffer.from(mark), encode[encoding](`${declared}${wrapped ? `<a>${text}</a>` : text}`)]),
  );

export const configurations: Reader<Buffer> = {
  name: 'configurations',
  tries: 'App.config: markup of every kind in any order and number, encodings, byte order marks, declarations that lie',
  inputs: fc.oneof(
    { weight: 9, arbitrary: file },
    fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)),
  ),
  holds(content) {
    const checked = checkConfiguration(content);
    if ('fault' in checked) return expectSentence(checked.fault);
    if (!/^[0-9a-f]{64}$/.test(checked.sha256)) throw new Error(`no SHA-256: ${checked.sha256}`);
    if (/<!(DOCTYPE|ENTITY)/.test(withoutVerbatim(content.toString()))) throw new Error('a DOCTYPE was taken');
  },
};

const withoutVerbatim = (text: string) => text.replace(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/g, '');

const escaped = (text: string) => text.replace(/[<>&"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
const valid = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const words = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((text) => valid.test(text));

const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    words.map(escaped),
    words.filter((text) => !text.includes(']]>')).map((text) => `<![CDATA[${text}]]>`),
    tie('tree'),
  ),
  tree: fc
    .record({
      name: fc.constantFrom('configuration', 'add', 'appSettings', 'é'),
      attributes: fc.uniqueArray(fc.tuple(fc.constantFrom('key', 'value', 'xml:space'), words), {
        selector: ([name]) => name,
      }),
      children: fc.array(tie('node'), { maxLength: 4 }),
    })
    .map(({ name, attributes, children }) => {
      const written = attributes.map(([key, value]) => ` ${key}="${escaped(value)}"`).join('');
      return `<${name}${written}>${children.join('')}</${name}>`;
    }),
}));

export const goodConfigurations: Reader<string> = {
  name: 'good configurations',
  tries: 'App.config that is well-formed, in UTF-8 and UTF-16; and the same with one bare "&"',
  inputs: tree,
  holds(text) {
    for (const content of [Buffer.from(text), Buffer.from(`\uFEFF${text}`, 'utf16le')]) {
      const checked = checkConfiguration(content);
      if ('fault' in checked) throw new Error(`refused:${checked.fault}`);
    }
    const broken = checkConfiguration(Buffer.from(text.replace(/>/, '>& ')));
    if (
      !('fault' in broken) ||
      !broken.fault.includes(`:1:${text.indexOf('>') + 2} is not well-formed XML: A "&" stands`)
    )
      throw new Error(`a bare & was not told where it stands: ${JSON.stringify(broken)}`);
  },
};
