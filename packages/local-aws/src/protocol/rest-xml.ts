/**
 * The REST XML protocol: an operation is a method and a path, with members in the path, in the query and in an XML body. Route 53
 * speaks it. https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
import { XmlShapeDeserializer, XmlShapeSerializer, type XmlSettings } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import { AwsError } from './errors';
import type { ServiceModel } from './model';
import { structure, toXml } from './query';
import { describeError, type Reply } from './reply';
import { findFlaw } from './validation';

export interface RestRequest {
  readonly method: string;
  /** As it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

interface HttpTraits {
  readonly http?: readonly [method: string, uri: string, status: number];
  readonly httpLabel?: 1;
  readonly httpQuery?: string;
  readonly httpHeader?: string;
}

const traitsOf = (schema: NormalizedSchema): HttpTraits => schema.getMergedTraits();
const bindingOf = (operation: StaticOperationSchema) => {
  const [method, uri, status] = traitsOf(NormalizedSchema.of(operation)).http ?? ['POST', '/', 200];
  return { method, parts: partsOf(uri), status };
};
/** A slash at the end makes no difference. */
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');
/** The member that a part of a path stands for; undefined for a plain one. */
const labelOf = (part: string): string | undefined => /^\{(\w+)\+?\}$/.exec(part)?.[1];

/** The operation whose method and path these are; the one with the fewest labels where several are. */
export function findRestOperation(
  model: ServiceModel,
  { method, path }: RestRequest,
): StaticOperationSchema | undefined {
  const given = partsOf(path);
  const labels = (operation: StaticOperationSchema) => bindingOf(operation).parts.filter(labelOf).length;
  const fitting = [...model.operations.values()].filter((operation) => {
    const binding = bindingOf(operation);
    const fits = (part: string, index: number) => labelOf(part) !== undefined || part === given[index];
    return binding.method === method && binding.parts.length === given.length && binding.parts.every(fits);
  });
  return fitting.toSorted((one, other) => labels(one) - labels(other))[0];
}

/**
 * The operation's input, checked.
 * @throws {AwsError} with code `InvalidInput` for what isn't of the operation's shape
 */
export function decodeRest(model: ServiceModel, operation: StaticOperationSchema, request: RestRequest): unknown {
  const schema = NormalizedSchema.of(operation[4]);
  const given = partsOf(request.path);
  const labels = bindingOf(operation).parts.map((part, index) => [labelOf(part), given[index]] as const);
  const inPath = new Map(labels.map(([label, text = '']) => [label, decoded(text)]));
  const input: Record<string, unknown> = request.body.length === 0 ? {} : readBody(model, schema, request.body);
  for (const [name, member] of schema.structIterator()) {
    const { httpLabel, httpQuery } = traitsOf(member);
    const text = httpLabel ? inPath.get(name) : httpQuery === undefined ? null : request.query.get(httpQuery);
    if (text !== null && text !== undefined) input[name] = scalarOf(member, text);
  }
  const flaw = findFlaw(schema, input);
  if (flaw !== undefined) throw new AwsError('InvalidInput', `${flaw.path} must be ${flaw.expected}`);
  return input;
}

function readBody(model: ServiceModel, schema: NormalizedSchema, body: Buffer): Record<string, unknown> {
  try {
    return (new XmlShapeDeserializer(settings(model)).read(schema, body) ?? {}) as Record<string, unknown>;
  } catch {
    // What is no XML, and a structure where a scalar is expected, are plain errors of the SDK's deserializer.
    throw new AwsError('InvalidInput', 'The request is not XML of the expected form');
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidInput', `'${text}' is not encoded as in a URL`);
  }
}

const scalarOf = (schema: NormalizedSchema, text: string): unknown => {
  if (schema.isBooleanSchema()) return text === 'true';
  return schema.isNumericSchema() ? Number(text) : text;
};

/** The answer of an operation: its members in XML, but for those that are headers. */
export function encodeRest(model: ServiceModel, operation: StaticOperationSchema, output: unknown): Reply {
  const schema = NormalizedSchema.of(operation[5]);
  const members: Record<string, unknown> = { ...(output as object) };
  const headers: Record<string, string> = {};
  for (const [name, member] of schema.structIterator()) {
    const header = traitsOf(member).httpHeader;
    if (header === undefined || members[name] === undefined) continue;
    headers[header] = members[name] as string;
    delete members[name];
  }
  const serializer = new XmlShapeSerializer(settings(model));
  serializer.write(schema, members);
  return { status: bindingOf(operation).status, contentType: 'text/xml', body: serializer.flush(), headers };
}

export function encodeRestError(model: ServiceModel, error: AwsError, requestId: string): Reply {
  const { status } = describeError(model, error);
  const detail = structure(model, 'Error', { Type: 0, Code: 0, Message: 0 });
  const envelope = structure(model, 'ErrorResponse', { Error: detail, RequestId: 0 });
  const Type = status >= 500 ? 'Receiver' : 'Sender';
  const body = toXml(model, envelope, {
    Error: { Type, Code: error.code, Message: error.message },
    RequestId: requestId,
  });
  return { status, contentType: 'text/xml', body };
}

const settings = (model: ServiceModel): XmlSettings => ({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: true,
  xmlNamespace: 'xmlNamespace' in model.wire ? model.wire.xmlNamespace : '',
  serviceNamespace: model.namespace,
});
