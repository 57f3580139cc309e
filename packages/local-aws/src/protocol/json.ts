/**
 * The AWS JSON 1.1 protocol. ECS, ECR and CloudWatch Logs speak it.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { JsonCodec2, JsonShapeDeserializer2 } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { DocumentType, StaticOperationSchema } from '@smithy/types';
import { AwsError } from './errors';
import type { ServiceModel } from './model';
import { describeError, queryErrorHeader, type Reply } from './reply';
import { findFlaw } from './validation';

const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: false };

/**
 * The operation's input, checked.
 * @throws {AwsError} with code `SerializationException` for what isn't of the operation's shape
 */
export function decodeJson(operation: StaticOperationSchema, body: string): unknown {
  const schema = NormalizedSchema.of(operation[4]);
  return checked(schema, readInput(schema, body));
}

/**
 * Returns `input` itself.
 * @throws {AwsError} as AWS answers to an input that isn't of the shape
 */
export function checked(schema: NormalizedSchema, input: unknown): unknown {
  const flaw = findFlaw(schema, input);
  if (flaw?.kind === 'missing') throw new AwsError('InvalidParameterException', `${flaw.path} should not be null.`);
  if (flaw !== undefined) throw new AwsError('SerializationException', `${flaw.path}: expected ${flaw.expected}`);
  return input;
}

export function encodeJson(model: ServiceModel, operation: StaticOperationSchema, output: unknown): Reply {
  const serializer = new JsonCodec2(settings).createSerializer();
  serializer.write(NormalizedSchema.of(operation[5]), output ?? {});
  return { status: 200, contentType: contentType(model), body: serializer.flush() };
}

export function encodeJsonError(model: ServiceModel, error: AwsError): Reply {
  const { status, queryCode } = describeError(model, error);
  const body = JSON.stringify({ __type: error.code, message: error.message });
  return { status, contentType: contentType(model), body, ...queryErrorHeader(status, queryCode) };
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

function contentType({ wire }: ServiceModel): string {
  return `application/x-amz-json-${(wire.protocol === 'json' ? wire.version : undefined) ?? '1.1'}`;
}
