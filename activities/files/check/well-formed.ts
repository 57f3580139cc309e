/**
 * Checks that a text is well-formed XML 1.0. Nothing is loaded and nothing is expanded: a DOCTYPE, which no configuration needs,
 * is a fault, and so are characters that .NET would refuse. Time grows with the length alone.
 */
import { SaxesParser } from 'saxes';

export interface Fault {
  /** From 1. */
  readonly line: number;
  /** Of the character at which the fault is noticed, from 1. */
  readonly column: number;
  /** One sentence. */
  readonly why: string;
}

/** Deeper than any configuration is: each level costs memory. */
const deepest = 1000;

/** The first fault of a document; `undefined` when it is well-formed. A byte order mark is allowed. */
export function findFault(text: string): Fault | undefined {
  const parser = new SaxesParser({ position: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  let depth = 0;
  let fault: Fault | undefined;
  parser.on('error', (error) => {
    fault = { line: parser.line, column: Math.max(parser.column, 1), why: sentence(error.message) };
    throw error;
  });
  parser.on('doctype', () => parser.fail('its DOCTYPE is never read: leave it out.'));
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

/** A name that is wrong may be as long as the file. */
const sentence = (message: string) =>
  `${message.charAt(0).toUpperCase()}${message.slice(1, 200)}${message.length <= 200 && message.endsWith('.') ? '' : '.'}`;

/** In these an `&` stands for itself. */
const verbatim: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

/** The parser notices an `&` without a name and `;` only at the next `;`, which may be far away. */
function bareAmpersand(text: string): Fault | undefined {
  const next = /[<&]/g;
  const name = /&[^\s<>&;='"]+;/y;
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const at = found.index;
    if (found[0] === '&') {
      name.lastIndex = at;
      if (!name.test(text)) return { ...placeOf(text, at), why: 'A "&" stands alone: write it as "&amp;".' };
    }
    // What comes after a DOCTYPE was never read.
    if (text.startsWith('<!DOCTYPE', at)) return undefined;
    const [, end] = verbatim.find(([start]) => text.startsWith(start, at)) ?? [];
    const ending = end === undefined ? at : text.indexOf(end, at);
    if (ending < 0) return undefined;
    next.lastIndex = ending + 1;
  }
  return undefined;
}

/** Line and column of a character, from 1. */
function placeOf(text: string, at: number): Pick<Fault, 'line' | 'column'> {
  const ending = /\r\n?|\n/g;
  let line = 1;
  let start = 0;
  for (let found = ending.exec(text); found && found.index < at; found = ending.exec(text)) {
    line++;
    start = ending.lastIndex;
  }
  return { line, column: at - start + 1 };
}
