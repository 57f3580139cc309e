/**
 * Whether a text is well-formed XML 1.0. Nothing is loaded and nothing is expanded: entities of a document's own are a fault,
 * and so is what .NET would refuse for its characters.
 */
import { SaxesParser } from 'saxes';

export interface Fault {
  /** From 1. */
  readonly line: number;
  /** Of the character at which it's seen, from 1. */
  readonly column: number;
  /** A sentence. */
  readonly why: string;
}

/** More than any configuration has: each level costs memory, and a document type a regular expression's stack. */
const deepest = 1000;
const longestDoctype = 64 * 1024;

/** The first fault of a document; `undefined` when it's well-formed. A byte order mark may be there. Effect: none. */
export function findFault(text: string): Fault | undefined {
  const parser = new SaxesParser({ position: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  let depth = 0;
  let fault: Fault | undefined;
  parser.on('error', (error) => {
    fault = { line: parser.line, column: Math.max(parser.column, 1), why: sentence(error.message) };
    throw error;
  });
  parser.on('doctype', (doctype) => {
    const why = faultOfDoctype(doctype);
    if (why !== undefined) parser.fail(why);
  });
  parser.on('opentag', () => {
    if (++depth > deepest) parser.fail(`elements lie more than ${deepest} deep in each other.`);
  });
  parser.on('closetag', () => void depth--);
  try {
    parser.write(text).close();
    return undefined;
  } catch (error) {
    if (fault === undefined) throw error;
    return bareAmpersand(text.slice(0, parser.position).replace(/^\uFEFF/, '')) ?? fault;
  }
}

const sentence = (message: string) =>
  `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`;

const literal = `(?:"[^"]*"|'[^']*')`;
const name = String.raw`[^\s<>&%;=/'"[\]]+`;
const heading = new RegExp(
  String.raw`^\s+${name}(?:\s+(?:SYSTEM|PUBLIC\s+${literal})\s+${literal})?\s*(?:\[([^]*)\]\s*)?$`,
);
const declaration = new RegExp(
  String.raw`\s+|<!--[^]*?-->|<\?${name}(?:\s[^]*?)?\?>|<!(?:ELEMENT|ATTLIST|NOTATION)\s+${name}\s(?:${literal}|[^"'<>&])*>`,
  'y',
);

/** What the parser leaves unread between `<!DOCTYPE` and its `>`. */
function faultOfDoctype(doctype: string): string | undefined {
  if (doctype.length > longestDoctype) return `its DOCTYPE has more than ${longestDoctype} characters.`;
  const parts = heading.exec(doctype);
  if (parts === null) return 'malformed DOCTYPE.';
  const own = parts[1] ?? '';
  let end = 0;
  for (declaration.lastIndex = 0; declaration.test(own);) end = declaration.lastIndex;
  if (end === own.length) return undefined;
  if (own.startsWith('<!ENTITY', end))
    return 'its DOCTYPE declares an entity, and none is ever expanded: write its text.';
  return 'malformed declaration in its DOCTYPE.';
}

/** The parser sees `&` without a name and `;` only at the next `;`, which may be far away. */
function bareAmpersand(text: string): Fault | undefined {
  const parts = /<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<\?[^]*?(?:\?>|$)|<!DOCTYPE[^>]*>|&(?![^\s<>&;='"]+;)/g;
  for (const { 0: part, index } of text.matchAll(parts)) {
    if (part !== '&') continue;
    const lines = text.slice(0, index).split(/\r\n?|\n/);
    return { line: lines.length, column: lines.at(-1)!.length + 1, why: 'A "&" stands alone: write it as "&amp;".' };
  }
  return undefined;
}
