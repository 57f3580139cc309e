/**
 * From an HTTP request to an operation and back: which operation of which service is called, with which input, and how its
 * output or error is answered. Whatever happens, the protocol's clients understand the answer.
 */
import type { StaticOperationSchema } from '@smithy/types';
import { decodeCbor, encodeCbor, encodeCborError, parseCborPath } from './cbor';
import { decodeEc2, encodeEc2, encodeEc2Error } from './ec2';
import { AwsError } from './errors';
import { decodeJson, encodeJson, encodeJsonError } from './json';
import type { ServiceModel } from './model';
import { decodeQuery, encodeQuery, encodeQueryError } from './query';
import type { Reply } from './reply';
import { decodeRest, encodeRest, encodeRestError, findRestOperation } from './rest-xml';
import { checkScope, signatureOf, verifySignature, type FindSecret, type SignedRequest } from './signature';

export interface ApiRequest extends SignedRequest {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A call as it is executed: the operation, with its input checked. */
export interface ApiCall {
  readonly model: ServiceModel;
  readonly operation: string;
  readonly input: unknown;
  /** Empty when the request names none. */
  readonly userAgent: string;
  /** Who signed the request. */
  readonly accessKeyId: string;
}

/** Thrown for a call that isn't answered at all: the connection stays open, or is cut. */
export class NoAnswer extends Error {
  constructor(readonly how: 'hang' | 'reset') {
    super('not answered');
  }
}

/**
 * Executes a call, and returns its output.
 * @throws {AwsError} which is the answer; any other error is answered as an internal failure
 * @throws {NoAnswer} when the call isn't answered
 */
export type Execute = (call: ApiCall) => Promise<unknown>;

export interface Dispatch {
  readonly models: readonly ServiceModel[];
  readonly execute: Execute;
  /** What signatures are verified with. */
  readonly findSecret: FindSecret;
  /** Called with errors of `execute` other than `AwsError`. */
  readonly report: (error: unknown) => void;
}

/** Answers one request. Never rejects. */
export async function answer(
  { models, execute, findSecret, report }: Dispatch,
  request: ApiRequest,
  requestId: string,
): Promise<Reply | NoAnswer> {
  let model: ServiceModel | undefined;
  try {
    model = findModel(models, request);
    const signature = signatureOf(request.headers);
    checkScope(signature, model.name);
    verifySignature(signature, request, { findSecret, protocol: model.wire.protocol, now: Date.now() });
    const { accessKeyId } = signature;
    const [schema, decode] = findOperation(model, request);
    const userAgent = request.headers['user-agent'] ?? '';
    const output = await execute({ model, operation: schema[2], input: decode(), userAgent, accessKeyId });
    return encodeOutput(model, schema, output, requestId);
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    if (!(error instanceof AwsError)) report(error);
    return encodeError(model, request, toAwsError(error), requestId);
  }
}

/** The service by `X-Amz-Target` or the path of a CBOR call, if there is one; otherwise the one that the signature is for. */
function findModel(models: readonly ServiceModel[], request: ApiRequest): ServiceModel {
  const path = parseCborPath(request.path);
  if (path !== undefined) {
    const found = models.find(({ wire }) => wire.protocol === 'cbor' && wire.servicePrefix === path.service);
    return found ?? unknownOperation(path.operation);
  }
  const target = targetOf(request);
  if (target !== undefined) {
    const found = models.find(({ wire }) => wire.protocol === 'json' && wire.targetPrefix === target.prefix);
    return found ?? unknownOperation(target.operation);
  }
  const [, , service] = signatureOf(request.headers).scope;
  const found = models.find(({ name, wire }) => 'xmlNamespace' in wire && name === service);
  return found ?? unknownAction(formOf(request).get('Action') ?? '');
}

function findOperation(model: ServiceModel, request: ApiRequest): [StaticOperationSchema, () => unknown] {
  if (model.wire.protocol === 'json') {
    const name = targetOf(request)?.operation ?? '';
    const schema = model.operations.get(name) ?? unknownOperation(name);
    return [schema, () => decodeJson(schema, request.body.toString('utf8'))];
  }
  if (model.wire.protocol === 'cbor') {
    const name = parseCborPath(request.path)?.operation ?? '';
    const schema = model.operations.get(name) ?? unknownOperation(name);
    return [schema, () => decodeCbor(schema, request.body)];
  }
  if (model.wire.protocol === 'rest-xml') {
    const schema = findRestOperation(model, request) ?? unknownOperation(`${request.method} ${request.path}`);
    return [schema, () => decodeRest(model, schema, request)];
  }
  const form = formOf(request);
  const name = form.get('Action');
  if (name === null) throw new AwsError('MissingAction', 'Could not find parameter Action in the request', 400);
  const schema = model.operations.get(name) ?? unknownAction(name);
  const decode = model.wire.protocol === 'ec2' ? decodeEc2 : decodeQuery;
  return [schema, () => decode(model, schema, form)];
}

function encodeOutput(model: ServiceModel, schema: StaticOperationSchema, output: unknown, requestId: string): Reply {
  switch (model.wire.protocol) {
    case 'json':
      return encodeJson(model, schema, output);
    case 'cbor':
      return encodeCbor(schema, output);
    case 'ec2':
      return encodeEc2(model, schema, output, requestId);
    case 'rest-xml':
      return encodeRest(model, schema, output);
    case 'query':
      return encodeQuery(model, schema, output, requestId);
  }
}

function unknownOperation(name: string): never {
  throw new AwsError('UnknownOperationException', `The operation ${name} is not known here.`);
}

function unknownAction(name: string): never {
  throw new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`);
}

function targetOf(request: ApiRequest): { prefix: string; operation: string } | undefined {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return undefined;
  const dot = target.lastIndexOf('.');
  return { prefix: target.slice(0, dot), operation: target.slice(dot + 1) };
}

function formOf(request: ApiRequest): URLSearchParams {
  return request.body.length === 0 ? request.query : new URLSearchParams(request.body.toString('utf8'));
}

function encodeError(model: ServiceModel | undefined, request: ApiRequest, error: AwsError, requestId: string): Reply {
  const described = model ?? unknownService;
  switch (model?.wire.protocol ?? protocolOf(request)) {
    case 'json':
      return encodeJsonError(described, error);
    case 'cbor':
      return encodeCborError(described, error);
    case 'ec2':
      return encodeEc2Error(described, error, requestId);
    case 'rest-xml':
      return encodeRestError(described, error, requestId);
    case 'query':
      return encodeQueryError(described, error, requestId);
  }
}

/** The protocol of a request to an unknown service. */
function protocolOf(request: ApiRequest): ServiceModel['wire']['protocol'] {
  if (parseCborPath(request.path) !== undefined) return 'cbor';
  return targetOf(request) === undefined ? 'query' : 'json';
}

/** Used in place of the model of an unknown service. */
const unknownService: ServiceModel = {
  name: '',
  namespace: 'com.amazonaws',
  wire: { protocol: 'query', xmlNamespace: '', version: '' },
  operations: new Map(),
  errors: new Map(),
};

function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError('InternalFailure', 'The local AWS failed to process the request; its log says why.', 500);
}
