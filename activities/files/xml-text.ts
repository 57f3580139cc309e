/** The text of an XML file, in the encoding in which .NET would read it. */

/** Byte order marks, and how `<?` looks without one. https://www.w3.org/TR/xml/#sec-guessing */
const beginnings: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x3c, 0x00, 0x3f, 0x00], 'utf-16le'],
  [[0x00, 0x3c, 0x00, 0x3f], 'utf-16be'],
];

/**
 * Reads by the byte order mark, else as the XML declaration says, else as UTF-8.
 * @returns the text, its byte order mark included, or why there is none: one sentence
 */
export function decodeXml(content: Buffer): { readonly text: string } | { readonly why: string } {
  const begins = beginnings.find(([bytes]) => bytes.every((byte, index) => content[index] === byte));
  const declared = begins ? undefined : declaredIn(content);
  const encoding = begins?.[1] ?? declared ?? 'utf-8';
  if (declared !== undefined && /^(?:utf-?16|ucs-?2|unicode)/i.test(declared))
    return { why: `It says that it is ${declared}, but has no byte order mark: save it as UTF-8.` };
  const decoder = decoderOf(encoding);
  if (!decoder)
    return { why: `It says that it is ${JSON.stringify(encoding)}, an encoding that is not known: save it as UTF-8.` };
  try {
    return { text: decoder.decode(content) };
  } catch {
    return { why: `It holds bytes that are no ${encoding.toUpperCase()}: save it as UTF-8.` };
  }
}

function decoderOf(encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  } catch {
    return undefined;
  }
}

/** What the declaration in the first line says, which is ASCII in every encoding that needs one. */
const declaredIn = (content: Buffer): string | undefined =>
  /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']/.exec(content.toString('latin1', 0, 256))?.[1];
