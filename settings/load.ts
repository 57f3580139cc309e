/** Reads `cutover.yaml`. Every error is one sentence with the file, the line and what was expected. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { settingsSchema, type Settings } from './schema';

/** The settings can't be used: the message names file, line and what was expected. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/** @throws {InvalidSettings} when the file can't be read, isn't YAML, or doesn't fit the schema. */
export function loadSettings(file: string): Settings {
  return parseSettings(readSettingsFile(file), file);
}

function readSettingsFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? "there's no such file" : (error as Error).message;
    throw new InvalidSettings(`${file}: ${why}; name the settings file with --settings or CUTOVER_SETTINGS.`);
  }
}

/** Where each of the settings was read from. */
const places = new WeakMap<Settings, (path: readonly string[]) => string | undefined>();

/** Where a setting is written, as `cutover.yaml:12`; `undefined` where it isn't, and a default holds. */
export const placeOf = (settings: Settings, path: readonly string[]): string | undefined =>
  places.get(settings)?.(path);

function placeIn(path: readonly string[], document: Document, lines: LineCounter, file: string): string | undefined {
  return document.hasIn(path) ? `${basename(file)}:${lineOf(path, document, lines)}` : undefined;
}

/** @param file what error messages call the text. */
export function parseSettings(text: string, file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) {
    const { line } = lines.linePos(syntax.pos[0]);
    throw new InvalidSettings(`${file}:${line}: ${syntax.message.split('\n')[0]?.replace(/ at line.*/, '')}.`);
  }
  const result = settingsSchema.safeParse(document.toJS() ?? {});
  if (result.success) {
    places.set(result.data, (path) => placeIn(path, document, lines, file));
    return result.data;
  }
  throw new InvalidSettings(result.error.issues.map((issue) => explain(issue, document, lines, file)).join('\n'));
}

function explain(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, file: string): string {
  const where = issue.path.map(String).join('.') || 'the file';
  // Of a name that doesn't fit Zod says why in an issue within.
  const [within] = issue.code === 'invalid_key' ? issue.issues : [];
  const message = (within ?? issue).message.replace(/^Invalid input: /, '');
  return `${file}:${lineOf(issue.path, document, lines)}: ${where}: ${message}.`;
}

/** The line of the deepest part of the path that the file has: what's missing is reported where it belongs. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}
