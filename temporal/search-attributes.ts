/**
 * Which of cutover's search attributes a namespace has. On Temporal Cloud, and behind an authorizer, a namespace's key may neither
 * list nor register them, but it may search: a search that names one that isn't there is refused.
 */
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../contract/ids';

const { IndexedValueType } = temporal.api.enums.v1;
const all = Object.values(searchAttributes);

export type SearchAttribute = (typeof all)[number];

export const searchAttributeNames = all.map(({ name }) => name);
export const indexedTypeOf = ({ type }: SearchAttribute) => IndexedValueType[`INDEXED_VALUE_TYPE_${type}`];
/** Name and type as Temporal's tools write them, e.g. `CutoverZone=Keyword`. */
export const formatAttribute = ({ name, type }: SearchAttribute): string =>
  `${name}=${type === 'DATETIME' ? 'Datetime' : 'Keyword'}`;

export type FoundAttributes =
  | { readonly by: 'list'; readonly missing: readonly SearchAttribute[] }
  /** Listing is forbidden. `refused`: why a search that names them all is, where it is for one that isn't there. */
  | { readonly by: 'search'; readonly refused: string | null }
  /** Neither is allowed. */
  | { readonly by: 'nothing'; readonly why: string };

/** @throws {Error} when Temporal doesn't answer */
export async function findSearchAttributes(connection: Connection, namespace: string): Promise<FoundAttributes> {
  try {
    return { by: 'list', missing: await missingAttributes(connection, namespace) };
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
  const query = all.map(({ name }) => `${name} IS NULL`).join(' AND ');
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return { by: 'search', refused: null };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.INVALID_ARGUMENT)
      return { by: 'search', refused: error.details };
    if (isForbidden(error)) return { by: 'nothing', why: (error as Error).message };
    throw error;
  }
}

/** Those that are missing, or of another type. */
async function missingAttributes({ operatorService }: Connection, namespace: string): Promise<SearchAttribute[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return all.filter((one) => customAttributes[one.name] !== indexedTypeOf(one));
}

const forbidden: readonly number[] = [status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.UNIMPLEMENTED];
const isForbidden = (error: unknown) => isGrpcServiceError(error) && forbidden.includes(error.code);

/** The command that creates them on a server of one's own. */
export function createByOperator(namespace: string, missing: readonly SearchAttribute[] = all): string {
  const flags = missing.map(formatAttribute).map((one) => `--name ${one.replace('=', ' --type ')}`);
  return `"temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}"`;
}

/** The command that creates them on Temporal Cloud. https://docs.temporal.io/cloud/tcld/namespace#search-attributes */
export const createOnCloud = (namespace: string): string =>
  `"tcld namespace search-attributes add --namespace ${namespace} ${all.map((one) => `--search-attribute ${formatAttribute(one)}`).join(' ')}", the Cloud Ops API or Terraform`;
