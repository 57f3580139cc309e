/**
 * The query of a call, decoded and checked: only exactly what the platform sends gets any further. Messages name a parameter
 * and never repeat its value, which may be anything.
 *
 * The platform's own parameters are Base64 of UTF-8; any other was written by the operator into the URL, as it is.
 */
import { z } from 'zod';
import { guid } from '../settings/identifiers';
import { platformName, urlModule } from '../contract/hook-calls';

/** A call that can't be taken; the message says which parameter, and what was expected. */
export class BadCall extends Error {}

/** What a call of the platform says. Paths are as the platform knows them. */
export interface PlatformCall {
  readonly address: string;
  readonly applicationName: string;
  readonly applicationKey: string;
  readonly operationId: string;
  readonly targetPath: string | undefined;
  readonly resultPath: string;
  readonly configPath: string | undefined;
  /** `undefined` when the call names none: then the bundle's `modules/` folders count. */
  readonly modules: readonly string[] | undefined;
}

const platformParameters = [
  'Address',
  'ApplicationName',
  'ApplicationKey',
  'OperationId',
  'TargetPath',
  'ResultPath',
  'ConfigPath',
  'ModuleNames',
] as const;
type PlatformParameter = (typeof platformParameters)[number];

const path = z.string().max(1000);

const call = z.object({
  Address: z.string().min(1).max(300),
  ApplicationName: platformName(),
  ApplicationKey: guid(),
  OperationId: guid(),
  TargetPath: path.optional(),
  ResultPath: path,
  ConfigPath: path.optional(),
  ModuleNames: z
    .string()
    .transform(namesOf)
    .pipe(z.array(urlModule()).max(1000, { error: 'expected at most 1000 modules' }))
    .optional(),
});

/**
 * The platform's call; `undefined` when there is no Address, which is the administration console's connection test.
 * @throws {BadCall} when a parameter is missing or isn't what the platform sends
 */
export function parseCall(query: URLSearchParams): PlatformCall | undefined {
  if (!query.has('Address')) return undefined;
  const given = Object.fromEntries(
    platformParameters.flatMap((name) => {
      const text = single(query, name) ?? '';
      return text === '' ? [] : [[name, decode(name, text)]];
    }),
  );
  const result = call.safeParse(given);
  if (!result.success) throw new BadCall(explain(result.error.issues[0]));
  const { ModuleNames: modules = [], ...values } = result.data;
  const unique = [...new Map(modules.map((name) => [name.toLowerCase(), name])).values()];
  return {
    address: values.Address,
    applicationName: values.ApplicationName,
    applicationKey: values.ApplicationKey,
    operationId: values.OperationId,
    targetPath: values.TargetPath,
    resultPath: values.ResultPath,
    configPath: values.ConfigPath,
    modules: unique.length > 0 ? unique : undefined,
  };
}

/** @throws {BadCall} when the parameter is given more than once: nobody can know which one counts */
export function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw new BadCall(`${name} is given ${values.length} times: expected it once.`);
  return values[0];
}

function explain(issue: z.core.$ZodIssue | undefined): string {
  const name = String(issue?.path[0] ?? 'The call');
  const what = issue?.code === 'invalid_type' ? 'it is missing' : (issue?.message ?? 'it is wrong');
  return `${name}: ${what}.`;
}

/** Anything longer is no name and no path, and decoding it would cost time. */
const longest: Readonly<Partial<Record<PlatformParameter, number>>> = { ModuleNames: 200_000 };

function decode(name: PlatformParameter, text: string): string {
  // A plus sign that wasn't escaped arrives as a blank.
  const base64 = text.replaceAll(' ', '+');
  if (base64.length > (longest[name] ?? 4_000)) throw new BadCall(`${name} is too long.`);
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    throw new BadCall(`${name} is not Base64, which the platform sends every value in.`);
  const value = decodeUtf8(name, Buffer.from(base64, 'base64'));
  if (/\p{Cc}/u.test(value)) throw new BadCall(`${name} holds a control character.`);
  return value;
}

function decodeUtf8(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadCall(`${name} is not UTF-8.`);
  }
}

/** A JSON array, a comma-separated list, or nothing. */
function namesOf(text: string, context: z.RefinementCtx): unknown {
  if (!text.trimStart().startsWith('['))
    return text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a JSON array, or names separated by commas' });
    return z.NEVER;
  }
}
