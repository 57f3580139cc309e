/**
 * The AWS Query protocol: a form in, XML out. ELBv2 and STS speak it.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { XmlShapeDeserializer, XmlShapeSerializer, type XmlSettings } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { AwsError } from './errors';
import type { ServiceModel } from './model';
import type { Reply } from './reply';
import { findFlaw, type Flaw } from './validation';

export type Tree = { [key: string]: Tree | string };
export type Decoded = string | Decoded[] | { [key: string]: Decoded };

/**
 * The operation's input, checked.
 * @throws {AwsError} with code `ValidationError`, in ELBv2's words
 */
export function decodeQuery(model: ServiceModel, operation: StaticOperationSchema, form: URLSearchParams): unknown {
  const members = new URLSearchParams(form);
  for (const name of ['Action', 'Version']) members.delete(name);
  const input = readInput(model, operation[4], listsOf(treeOf(members)));
  const flaw = findFlaw(NormalizedSchema.of(operation[4]), input);
  if (flaw !== undefined) throw new AwsError('ValidationError', describeFlaw(flaw));
  return input;
}

/** The answer of an operation: `<OpResponse><OpResult>…</OpResult><ResponseMetadata>…`. */
export function encodeQuery(
  model: ServiceModel,
  operation: StaticOperationSchema,
  output: unknown,
  requestId: string,
): Reply {
  const [, , name, , , outputSchema] = operation;
  const metadata = structure(model, 'ResponseMetadata', { RequestId: 0 });
  const envelope = structure(model, `${name}Response`, { [`${name}Result`]: outputSchema, ResponseMetadata: metadata });
  const body = toXml(model, envelope, {
    [`${name}Result`]: output ?? {},
    ResponseMetadata: { RequestId: requestId },
  });
  return { status: 200, contentType: 'text/xml', body };
}

/** An error's code on the wire isn't its shape's name (`PriorityInUseException` is `PriorityInUse`). */
export function encodeQueryError(model: ServiceModel, error: AwsError, requestId: string): Reply {
  const traits = wireTraits(model, error.code);
  const status = error.status ?? traits.status;
  const detail = structure(model, 'Error', { Type: 0, Code: 0, Message: 0 });
  const envelope = structure(model, 'ErrorResponse', { Error: detail, RequestId: 0 });
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const body = toXml(model, envelope, {
    Error: { Type: type, Code: traits.code, Message: error.message },
    RequestId: requestId,
  });
  return { status, contentType: 'text/xml', body };
}

function wireTraits(model: ServiceModel, code: string): { code: string; status: number } {
  const schema = model.errors.get(code);
  const traits = (schema === undefined ? {} : NormalizedSchema.of(schema).getMergedTraits()) as QueryErrorTraits;
  const [wireCode, status] = traits.awsQueryError ?? [code, 400];
  return { code: wireCode, status };
}

interface QueryErrorTraits {
  readonly awsQueryError?: readonly [code: string, status: number];
}

function describeFlaw({ path, kind, expected }: Flaw): string {
  const where = path.charAt(0).toLowerCase() + path.slice(1);
  return kind === 'missing'
    ? `1 validation error detected: Value null at '${where}' failed to satisfy constraint: Member must not be null`
    : `1 validation error detected: Value at '${where}' failed to satisfy constraint: Member must be ${expected}`;
}

/**
 * Reads a decoded form into an operation's input, with the types of its schema.
 * @throws {AwsError} with code `ValidationError`
 */
export function readInput(model: ServiceModel, schema: $SchemaRef, tree: Decoded): unknown {
  try {
    return (new XmlShapeDeserializer(settings(model)).readSchema(NormalizedSchema.of(schema), tree) as unknown) ?? {};
  } catch {
    // The SDK's deserializer throws a plain error for a structure where a scalar is expected.
    throw new AwsError('ValidationError', 'A member of the request has the wrong type');
  }
}

/** Turns `Conditions.member.1.Field=x` into `{ Conditions: { member: { 1: { Field: 'x' } } } }`. */
export function treeOf(form: URLSearchParams): Tree {
  const root = emptyTree();
  for (const [key, value] of form) {
    const path = key.split('.');
    const last = path.pop() ?? '';
    const node = path.reduce(childOf, root);
    if (typeof node[last] !== 'object') node[last] = value;
  }
  return root;
}

function childOf(node: Tree, name: string): Tree {
  const known = node[name];
  if (typeof known === 'object') return known;
  const child = emptyTree();
  node[name] = child;
  return child;
}

/** It has a null prototype, because a key may be `__proto__`. */
function emptyTree(): Tree {
  return Object.create(null) as Tree;
}

/** Turns numbered children into a list, in the order of their numbers, whether or not some are missing. */
export function listsOf(node: Tree | string): Decoded {
  if (typeof node === 'string') return node;
  const keys = Object.keys(node);
  const decode = (key: string): Decoded => listsOf(node[key] ?? '');
  if (keys.length > 0 && keys.every((key) => /^[1-9]\d*$/.test(key))) {
    return keys.toSorted((one, other) => Number(one) - Number(other)).map(decode);
  }
  const object = Object.create(null) as { [key: string]: Decoded };
  for (const key of keys) object[key] = decode(key);
  return object;
}

export function toXml(model: ServiceModel, schema: StaticStructureSchema, value: unknown): string | Uint8Array {
  const serializer = new XmlShapeSerializer(settings(model));
  serializer.write(NormalizedSchema.of(schema), value);
  return serializer.flush();
}

/** A schema for a structure that the service's model doesn't have. */
export function structure(
  model: ServiceModel,
  name: string,
  members: Record<string, $SchemaRef>,
): StaticStructureSchema {
  return [3, model.namespace, name, 0, Object.keys(members), Object.values(members)];
}

function settings(model: ServiceModel): XmlSettings {
  return {
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    xmlNamespace: 'xmlNamespace' in model.wire ? model.wire.xmlNamespace : '',
    serviceNamespace: model.namespace,
  };
}
