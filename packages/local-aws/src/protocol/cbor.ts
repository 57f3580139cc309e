/**
 * The Smithy RPC v2 protocol in CBOR: boto3 speaks it to CloudWatch.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { cbor, CborCodec } from '@smithy/core/cbor';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import { AwsError } from './errors';
import { checked } from './json';
import type { ServiceModel } from './model';
import { describeError, queryErrorHeader, type Reply } from './reply';

const contentType = 'application/cbor';
const protocolHeader = { 'smithy-protocol': 'rpc-v2-cbor' };

/**
 * The operation's input, checked.
 * @throws {AwsError} with code `SerializationException` for what isn't of the operation's shape
 */
export function decodeCbor(operation: StaticOperationSchema, body: Uint8Array): unknown {
  const schema = NormalizedSchema.of(operation[4]);
  return checked(schema, readInput(schema, body));
}

export function encodeCbor(operation: StaticOperationSchema, output: unknown): Reply {
  const serializer = new CborCodec().createSerializer();
  serializer.write(NormalizedSchema.of(operation[5]), output ?? {});
  return { status: 200, contentType, body: serializer.flush(), headers: protocolHeader };
}

export function encodeCborError(model: ServiceModel, error: AwsError): Reply {
  const { status, queryCode } = describeError(model, error);
  const body = cbor.serialize({ __type: `${model.namespace}#${error.code}`, message: error.message });
  const headers = { ...protocolHeader, ...queryErrorHeader(status, queryCode).headers };
  return { status, contentType, body, headers };
}

/** Parses a path such as `/service/GraniteServiceVersion20100801/operation/DescribeAlarms`. */
export function parseCborPath(path: string): { service: string; operation: string } | undefined {
  const [, service, operation] = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(path) ?? [];
  return service === undefined || operation === undefined ? undefined : { service, operation };
}

function readInput(schema: NormalizedSchema, body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return new CborCodec().createDeserializer().read(schema, body) as unknown;
  } catch {
    throw new AwsError('SerializationException', 'The request is not valid CBOR of the shape that the operation takes');
  }
}
