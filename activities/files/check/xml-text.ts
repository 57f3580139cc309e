/**
 * The text of an XML file, in the encoding in which .NET would read it: as its byte order mark says, then as its declaration says
 * (XmlTextReaderImpl's DetectEncoding and CheckEncoding in https://github.com/dotnet/runtime). Where .NET would fail, or different
 * versions of it would read different things, the file is refused.
 */

/** Byte order marks, and how `<` looks without one. */
const beginnings: readonly (readonly [readonly number[], string])[] = [
  [[0xff, 0xfe, 0x00, 0x00], 'utf-32'],
  [[0x00, 0x00, 0xfe, 0xff], 'utf-32'],
  [[0x3c, 0x00, 0x00, 0x00], 'utf-32'],
  [[0x00, 0x00, 0x00, 0x3c], 'utf-32'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x3c, 0x00], 'utf-16le'],
  [[0x00, 0x3c], 'utf-16be'],
];

/**
 * Names that .NET and this decoder know for the same. .NET has no "utf8"; UTF-7 is read by some versions only, and hides what a
 * text holds.
 */
const singleBytes =
  /^(?:(?:us-)?ascii|latin1|iso-8859-(?:[1-9]|13|15)|windows-(?:874|125[0-8])|koi8-[ru]|macintosh|shift_jis|euc-(?:jp|kr)|iso-2022-jp|big5|gb2312|gb18030|ks_c_5601-1987)$/;
const utf8 = /^(?:utf-8|unicode-1-1-utf-8)$/;
const utf16 = /^(?:utf-16|ucs-2|iso-10646-ucs-2)$/;
/** More than any declaration needs. */
const longestDeclaration = 1024;

type Text = { readonly text: string } | { readonly why: string };

/** @returns the text, its byte order mark included, or why there is none: one sentence */
export function decodeXml(content: Buffer): Text {
  const begins = beginnings.find(([bytes]) => bytes.every((byte, index) => content[index] === byte))?.[1];
  if (begins === 'utf-32') return { why: 'It is UTF-32: save it as UTF-8.' };
  const start = content.subarray(0, longestDeclaration);
  const declared = declaredIn(begins === undefined ? start.toString('latin1') : new TextDecoder(begins).decode(start));
  const why = declared === undefined ? undefined : objection(declared, begins);
  return why === undefined ? decode(content, begins ?? declared ?? 'utf-8') : { why };
}

function decode(content: Buffer, encoding: string): Text {
  try {
    return { text: new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    return { why: `It holds bytes that are no ${encoding.toUpperCase()}: save it as UTF-8.` };
  }
}

/** What the declaration in the first line says, in lower case. */
const declaredIn = (start: string): string | undefined =>
  /^\uFEFF?(?:\u00ef\u00bb\u00bf)?<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"'<>]*)["']/.exec(start)?.[1]?.toLowerCase();

/** Why a declaration can't be followed; `undefined` when it can. @param begins what the first bytes say */
function objection(declared: string, begins: string | undefined): string | undefined {
  const isUtf16 = utf16.test(declared);
  if (isUtf16 && begins?.startsWith('utf-16') !== true)
    return `It says that it is ${declared}, but has no byte order mark of it: save it as UTF-8.`;
  if (begins === undefined && (utf8.test(declared) || singleBytes.test(declared))) return undefined;
  if (begins === 'utf-8' && utf8.test(declared)) return undefined;
  if (isUtf16 || declared === begins) return undefined;
  return begins === undefined || !(utf8.test(declared) || singleBytes.test(declared))
    ? `It says that it is ${JSON.stringify(declared.slice(0, 40))}, an encoding that is not known: save it as UTF-8.`
    : `It begins as ${begins.toUpperCase()} does, and says that it is ${declared}: save it as UTF-8.`;
}
