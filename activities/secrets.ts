/**
 * The values of secrets that the settings name by where they are. They are read at the moment they are needed, and are in nothing
 * that an activity takes or gives.
 */
import { ApplicationFailure } from '@temporalio/common';
import { createHash } from 'node:crypto';
import { referenceIn, type ConditionSettings } from '../settings/conditions';
import { mostOfKey, readText } from '../settings/files/text';

/** What was read of a secret header and is no secret that the settings name: an earlier one. */
const earlier = new Map<string, string>();

/** What the settings have secrets for: the header in lower case, and what stands for the secret. */
export const namedIn = (conditions: readonly ConditionSettings[]): string[] =>
  conditions.flatMap((one) =>
    'header' in one ? one.values.map((value) => `${one.header.toLowerCase()} ${value}`) : [],
  );

/**
 * What stands for a secret, as the secret; any other text as it is.
 * @param isNamed whether the settings name it: any other file, or variable, of the worker's is nobody's to ask for
 * @throws {ApplicationFailure} of type `SecretMissing`, retryable by a person, when nobody has it there
 */
export function revealed(text: string, isNamed: (reference: string) => boolean): string {
  if (text.startsWith('${earlier:'))
    return earlier.get(text) ?? missing(`The value that a rule's header had before is`);
  const reference = referenceIn(text);
  if (!reference) return text;
  const { kind, name } = reference;
  if (!isNamed(text)) missing(`The settings name no secret ${name} for this header: it is`);
  const found = kind === 'env' ? process.env[name] : read(name);
  return found || missing(`The secret ${kind === 'env' ? `in the environment variable ${name}` : `in ${name}`} is`);
}

function read(file: string): string | undefined {
  try {
    return readText(file, mostOfKey).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function missing(what: string): never {
  throw ApplicationFailure.nonRetryable(
    `${what} not there for this worker: put it there, then retry.`,
    'SecretMissing',
  );
}

/**
 * What stands for a header's value where the settings have secrets for that header; any other value as it is.
 * @param conditions of every zone and application
 */
export function concealed(header: string, value: string, conditions: readonly ConditionSettings[]): string {
  const known = conditions
    .flatMap((one) => ('header' in one && one.header.toLowerCase() === header.toLowerCase() ? one.values : []))
    .filter((one) => referenceIn(one) !== undefined);
  if (known.length === 0) return value;
  const standIn = known.find((one) => isRevealedAs(one, value));
  if (standIn !== undefined) return standIn;
  const name = `\${earlier:${createHash('sha256').update(value).digest('hex').slice(0, 12)}}`;
  earlier.set(name, value);
  return name;
}

function isRevealedAs(standIn: string, value: string): boolean {
  try {
    return revealed(standIn, () => true) === value;
  } catch {
    return false;
  }
}
