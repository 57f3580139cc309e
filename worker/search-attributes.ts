/**
 * The search attributes must exist before a worker polls: an upsert of one that isn't registered leaves a workflow in a
 * failing task for ever.
 */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../contract/ids';

const names = Object.values(searchAttributes).map(({ name }) => name);
const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

/**
 * Registers what is missing and looks again.
 * @throws {Error} when some are still missing, with their names and how to create them
 */
export async function registerSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  const missing = await missingAttributes(operatorService, namespace);
  if (missing.length === 0) return;
  const refusal = await operatorService
    .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])) })
    .then(
      () => undefined,
      (error: Error) => error.message,
    );
  const still = await missingAttributes(operatorService, namespace);
  if (still.length === 0) return;
  const flags = still.map((name) => `--name ${name} --type Keyword`).join(' ');
  throw new Error(
    `Namespace ${namespace} lacks the search attributes ${still.join(', ')}${refusal === undefined ? '' : ` (${refusal})`}: create them with "temporal operator search-attribute create --namespace ${namespace} ${flags}".`,
  );
}

async function missingAttributes(service: Connection['operatorService'], namespace: string): Promise<string[]> {
  const { customAttributes } = await service.listSearchAttributes({ namespace });
  return names.filter((name) => customAttributes[name] !== keyword);
}
