/** What is wrong with the content of an App.config. */
import { createHash } from 'node:crypto';
import { findFault } from './well-formed';
import { decodeXml } from './xml-text';

/** Its SHA-256 in hexadecimal digits, or why it can't be used: what follows the file's path. */
export type Checked = { readonly sha256: string } | { readonly fault: string };

export function checkConfiguration(content: Buffer): Checked {
  const decoded = decodeXml(content);
  if ('why' in decoded) return { fault: ` can't be read as .NET would: ${decoded.why} Nothing was changed.` };
  const fault = findFault(decoded.text);
  if (fault === undefined) return { sha256: createHash('sha256').update(content).digest('hex') };
  const { line, column, why } = fault;
  return {
    fault: `:${line}:${column} is not well-formed XML: ${why} Nothing was changed; mend it, then start again.`,
  };
}
