/**
 * The AWS JSON 1.1 protocol. ECS, ECR and CloudWatch Logs speak it.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { JsonCodec2, JsonShapeDeserializer2 } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { DocumentType, StaticOperationSchema } from '@smithy/types';
import { AwsError } from './errors';
import type { ServiceModel } from './model';
import type { Reply } from './query';
import { findFlaw } from './validation';

export const jsonContentType = 'application/x-amz-json-1.1';

const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: false };

/** The operation's input, checked. Throws `SerializationException` for what isn't of the operation's shape. */
export function decodeJson(operation: StaticOperationSchema, body: string): unknown {
  const schema = NormalizedSchema.of(operation[4]);
  const input = readInput(schema, body);
  const flaw = findFlaw(schema, input);
  if (flaw?.kind === 'missing') throw new AwsError('InvalidParameterException', `${flaw.path} should not be null.`);
  if (flaw !== undefined) throw new AwsError('SerializationException', `${flaw.path}: expected ${flaw.expected}`);
  return input;
}

export function encodeJson(operation: StaticOperationSchema, output: unknown): Reply {
  const serializer = new JsonCodec2(settings).createSerializer();
  serializer.write(NormalizedSchema.of(operation[5]), output ?? {});
  return { status: 200, contentType: jsonContentType, body: serializer.flush() };
}

export function encodeJsonError(model: ServiceModel, error: AwsError): Reply {
  const schema = model.errors.get(error.code);
  const traits: JsonErrorTraits = schema === undefined ? {} : NormalizedSchema.of(schema).getMergedTraits();
  const status = error.status ?? traits.httpError ?? (traits.error === 'server' ? 500 : 400);
  const body = JSON.stringify({ __type: error.code, message: error.message });
  return { status, contentType: jsonContentType, body };
}

function readInput(schema: NormalizedSchema, body: string): unknown {
  try {
    const value = JSON.parse(body === '' ? '{}' : body) as DocumentType;
    if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('not an object');
    return new JsonShapeDeserializer2(settings).readObject(schema, value) as unknown;
  } catch {
    throw new AwsError('SerializationException', 'The request is not valid JSON of the shape that the operation takes');
  }
}

interface JsonErrorTraits {
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
}
