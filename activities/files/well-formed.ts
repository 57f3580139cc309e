/**
 * Checks that a text is well-formed XML 1.0. Nothing is loaded and nothing is expanded: a DOCTYPE, which no configuration needs,
 * is a fault, and so are characters that .NET would refuse.
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

const sentence = (message: string) =>
  `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`;

/** The parser notices an `&` without a name and `;` only at the next `;`, which may be far away. */
function bareAmpersand(text: string): Fault | undefined {
  const parts = /<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<\?[^]*?(?:\?>|$)|<!DOCTYPE[^>]*>|&(?![^\s<>&;='"]+;)/g;
  for (const { 0: part, index } of text.matchAll(parts)) {
    if (part !== '&') continue;
    const lines = text.slice(0, index).split(/\r\n?|\n/);
    return { line: lines.length, column: lines.at(-1)!.length + 1, why: 'A "&" stands alone: write it as "&amp;".' };
  }
  return undefined;
}
