/**
 * An AWS service as the SDK's client describes it, with a schema for every operation and error. The codec works from these
 * alone, so no operation needs code of its own. The SDK's versions are pinned exactly, because reading a client's schemas is
 * unusual.
 */
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';

export interface ServiceModel {
  /** Its name in a signature's scope and in `GET /calls`. */
  readonly name: string;
  readonly namespace: string;
  readonly wire: Wire;
  readonly operations: ReadonlyMap<string, StaticOperationSchema>;
  readonly errors: ReadonlyMap<string, StaticErrorSchema>;
}

export type Wire =
  | { readonly protocol: 'json'; readonly targetPrefix: string; readonly version?: '1.0' | '1.1' }
  | { readonly protocol: 'cbor'; readonly servicePrefix: string }
  | { readonly protocol: 'ec2'; readonly xmlNamespace: string; readonly version: string }
  | { readonly protocol: 'rest-xml'; readonly xmlNamespace: string }
  | { readonly protocol: 'query'; readonly xmlNamespace: string; readonly version: string };

/** Reads the model from the exports of an SDK client's package. */
export function readModel(name: string, wire: Wire, client: Readonly<Record<string, unknown>>): ServiceModel {
  const schemas = Object.entries(client)
    .filter(([key, value]) => key.endsWith('$') && Array.isArray(value))
    .map(([, value]) => value);
  const operations = schemas.filter(isOperation);
  return {
    name,
    wire,
    namespace: operations[0]?.[1] ?? '',
    operations: new Map(operations.map((schema) => [schema[2], schema])),
    errors: new Map(schemas.filter(isError).map((schema) => [schema[2], schema])),
  };
}

/** The model with only the operations that are present; any other becomes unknown to the service. */
export function limitModel(model: ServiceModel, present: readonly string[]): ServiceModel {
  const known = new Set(present);
  return { ...model, operations: new Map([...model.operations].filter(([name]) => known.has(name))) };
}

function isOperation(schema: unknown): schema is StaticOperationSchema {
  return Array.isArray(schema) && schema[0] === 9;
}

function isError(schema: unknown): schema is StaticErrorSchema {
  return Array.isArray(schema) && schema[0] === -3;
}
