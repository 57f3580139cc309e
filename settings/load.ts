/** Reads `cutover.yaml`. Every error is one sentence with the file, the line and what was expected. */
import { basename } from 'node:path';
import { LineCounter, parseDocument, type Document, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { rereader } from './files/reread';
import { mostSettings, readText } from './files/text';
import { faultsOfAll, readOwnZones, type OwnFault } from './applications/own';
import { settingsSchema, type Settings } from './schema';

/** The settings can't be used: the message names file, line and what was expected. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/** @throws {InvalidSettings} when the file can't be read, isn't YAML, or doesn't fit the schema. */
export function loadSettings(file: string): Settings {
  return parseSettings(readSettingsFile(file), file);
}

/**
 * Reads the file again only once it has changed: a large one takes a while to read.
 * @returns how to get the settings; it throws as {@link loadSettings} does, the same error for as long as the file stays as it is
 */
export const settingsReader = (file: string): (() => Settings) => rereader(file, () => loadSettings(file));

function readSettingsFile(file: string): string {
  try {
    return readText(file, mostSettings);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? "there's no such file" : (error as Error).message;
    throw new InvalidSettings(`${file}: ${why}; name the settings file with --settings or CUTOVER_SETTINGS.`);
  }
}

/** A settings file's text, read as YAML. */
interface SettingsText {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  /** Its content. */
  readonly written: unknown;
}

/** What each of the settings was read from. */
const texts = new WeakMap<Settings, SettingsText>();

/** Where a setting is written, as `cutover.yaml:12`; `undefined` where it isn't, and a default holds. */
export function placeOf(settings: Settings, path: readonly string[]): string | undefined {
  const text = texts.get(settings);
  return text?.document.hasIn(path) ? `${basename(text.file)}:${lineOf(path, text)}` : undefined;
}

/** The file's content as it was written; empty for settings that were read from none. */
export const writtenOf = (settings: Settings): unknown => texts.get(settings)?.written ?? {};

/** Aliases of aliases may stand for more than any memory holds. */
function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new InvalidSettings(`${file}:1: its aliases can't be followed: ${onOneLine((error as Error).message)}.`);
  }
}

/** The parser goes into what it reads by calling itself. */
const wordsOf = ({ message }: YAMLParseError): string =>
  message.startsWith('Maximum call stack')
    ? 'it is nested deeper than any settings are'
    : (message.split('\n')[0]?.replace(/ at line.*/, '') ?? '');

/** @param file what error messages call the text. */
export function parseSettings(text: string, file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const [syntax] = document.errors;
  if (syntax) {
    const { line } = lines.linePos(syntax.pos[0]);
    throw new InvalidSettings(`${file}:${line}: ${onOneLine(wordsOf(syntax))}.`);
  }
  const written: unknown = toValue(document, file) ?? {};
  const read = { file, document, lines, written };
  const { data, error } = settingsSchema.safeParse(written);
  if (error) throw new InvalidSettings(error.issues.map((issue) => explain(issue, read)).join('\n'));
  const own = readOwnZones(written, (fault) => explainOwn(fault, Object.keys(data.zones).length > 1, read));
  const faults = faultsOfAll(own);
  if (faults.length > 0) throw new InvalidSettings(faults.join('\n'));
  const settings = { ...data, own };
  texts.set(settings, read);
  return settings;
}

const explain = (issue: z.core.$ZodIssue, text: SettingsText): string =>
  sentence(text, lineOf(issue.path, text), issue.path.map(String).join('.') || 'the file', messageOf(issue));

/** @param ofMany whether the zone is to be named */
function explainOwn(
  { application, where, written, issue, zone }: OwnFault,
  ofMany: boolean,
  text: SettingsText,
): string {
  const line = lineOf(['applications', application, ...written], text);
  const message = `${messageOf(issue)}${ofMany ? ` (in zone ${zone})` : ''}`;
  return sentence(text, line, `applications.${application}.${where}`, message);
}

const sentence = ({ file }: SettingsText, line: number, where: string, message: string) =>
  `${file}:${line}: ${onOneLine(`${where}: ${message}`)}.`;

/** A name in the file may be as long as the file, and hold line breaks. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').slice(0, 1_000);

function messageOf(issue: z.core.$ZodIssue): string {
  // Of a name that doesn't fit Zod says why in an issue within.
  const [within] = issue.code === 'invalid_key' ? issue.issues : [];
  return (within ?? issue).message.replace(/^Invalid input: /, '');
}

/** The line of the deepest part of the path that the file has: what's missing is reported where it belongs. */
function lineOf(path: readonly PropertyKey[], { document, lines }: SettingsText): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}
