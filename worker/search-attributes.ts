/**
 * The search attributes must exist before a worker polls: an upsert of one that isn't registered leaves a workflow in a
 * failing task for ever.
 */
import type { Connection } from '@temporalio/client';
import {
  createByOperator,
  createOnCloud,
  findSearchAttributes,
  indexedTypeOf,
  type SearchAttribute,
} from '../temporal/search-attributes';

/**
 * Registers what is missing and looks again; where neither is allowed, it goes on.
 * @param warn hears once what could not be found out
 * @throws {Error} when some are missing, with their names and how to create them
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  warn: (message: string) => void,
): Promise<void> {
  const found = await findSearchAttributes(connection, namespace);
  if (found.by === 'list') return await registerMissing(connection, namespace, found.missing);
  if (found.by === 'nothing')
    return warn(
      `Whether namespace ${namespace} has cutover's search attributes could not be found out (${found.why}), and the worker goes on: see that they are there, as by ${createOnCloud(namespace)}.`,
    );
  if (found.refused !== null)
    throw new Error(
      `Namespace ${namespace} lacks a search attribute (${found.refused}), and this key may not create it: use ${createOnCloud(namespace)}; on a server of your own ${createByOperator(namespace)}.`,
    );
}

async function registerMissing(
  connection: Connection,
  namespace: string,
  missing: readonly SearchAttribute[],
): Promise<void> {
  if (missing.length === 0) return;
  const wanted = Object.fromEntries(missing.map((one) => [one.name, indexedTypeOf(one)]));
  const refusal = await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const now = await findSearchAttributes(connection, namespace);
  const still = now.by === 'list' ? now.missing : missing;
  if (still.length === 0) return;
  const why = refusal === undefined ? '' : ` (${refusal})`;
  throw new Error(
    `Namespace ${namespace} lacks the search attributes ${still.map(({ name }) => name).join(', ')}${why}: create them with ${createByOperator(namespace, still)}.`,
  );
}
