/**
 * From an HTTP request to an operation and back: which service and operation is called, with what, and how its output or
 * error goes out. Whatever happens, the answer is one that the protocol's clients understand.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { StaticOperationSchema } from '@smithy/types';
import { AwsError } from './errors';
import { decodeJson, encodeJson, encodeJsonError } from './json';
import type { ServiceModel } from './model';
import { decodeQuery, encodeQuery, encodeQueryError, type Reply } from './query';
import { checkScope, signedService } from './signature';

export interface ApiRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface ApiCall {
  readonly model: ServiceModel;
  readonly operation: string;
  readonly input: unknown;
}

/** Thrown for a call that isn't answered at all: the connection stays open, or is cut. */
export class NoAnswer extends Error {
  constructor(readonly how: 'hang' | 'reset') {
    super('not answered');
  }
}

/** Executes a call; what it throws other than `AwsError` is answered as an internal failure. */
export type Execute = (call: ApiCall) => Promise<unknown>;

/** Answers one request. Never rejects. */
export async function answer(
  models: readonly ServiceModel[],
  execute: Execute,
  request: ApiRequest,
  requestId: string,
  report: (error: unknown) => void,
): Promise<Reply | NoAnswer> {
  let model: ServiceModel | undefined;
  try {
    model = findModel(models, request);
    checkScope(signedService(request.headers, request.query), model.name);
    const [schema, decode] = findOperation(model, request);
    const output = await execute({ model, operation: schema[2], input: decode() });
    return model.wire.protocol === 'json' ? encodeJson(schema, output) : encodeQuery(model, schema, output, requestId);
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    if (!(error instanceof AwsError)) report(error);
    return encodeError(model, request, toAwsError(error), requestId);
  }
}

/** By `X-Amz-Target` where there is one; else the service whose signature it bears. */
function findModel(models: readonly ServiceModel[], request: ApiRequest): ServiceModel {
  const target = targetOf(request);
  if (target !== undefined) {
    const found = models.find(({ wire }) => wire.protocol === 'json' && wire.targetPrefix === target.prefix);
    return found ?? unknownOperation(target.operation);
  }
  const signed = signedService(request.headers, request.query);
  const found = models.find(({ name, wire }) => wire.protocol === 'query' && name === signed);
  return found ?? unknownAction(formOf(request).get('Action') ?? '');
}

function findOperation(model: ServiceModel, request: ApiRequest): [StaticOperationSchema, () => unknown] {
  if (model.wire.protocol === 'json') {
    const name = targetOf(request)?.operation ?? '';
    const schema = model.operations.get(name) ?? unknownOperation(name);
    return [schema, () => decodeJson(schema, request.body)];
  }
  const form = formOf(request);
  const name = form.get('Action');
  if (name === null) throw new AwsError('MissingAction', 'Could not find parameter Action in the request', 400);
  const schema = model.operations.get(name) ?? unknownAction(name);
  return [schema, () => decodeQuery(model, schema, form)];
}

/** Also for an operation that the model knows and the local AWS lacks: never an empty success. */
export function unknownOperation(name: string): never {
  throw new AwsError('UnknownOperationException', `The operation ${name} is not known here.`);
}

export function unknownAction(name: string): never {
  throw new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`);
}

function targetOf(request: ApiRequest): { prefix: string; operation: string } | undefined {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return undefined;
  const dot = target.lastIndexOf('.');
  return { prefix: target.slice(0, dot), operation: target.slice(dot + 1) };
}

function formOf(request: ApiRequest): URLSearchParams {
  return request.body === '' ? request.query : new URLSearchParams(request.body);
}

function encodeError(model: ServiceModel | undefined, request: ApiRequest, error: AwsError, requestId: string): Reply {
  const speaksJson = model === undefined ? targetOf(request) !== undefined : model.wire.protocol === 'json';
  const described = model ?? nobody;
  return speaksJson ? encodeJsonError(described, error) : encodeQueryError(described, error, requestId);
}

/** Stands in where the service isn't known. */
const nobody: ServiceModel = {
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
