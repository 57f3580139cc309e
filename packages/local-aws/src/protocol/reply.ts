/** What is answered over HTTP. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from './errors';
import type { ServiceModel } from './model';

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorTraits {
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
}

/** How an error is answered, by its shape's traits: its status, and its code in the query protocol. */
export function describeError(model: ServiceModel, error: AwsError): { status: number; queryCode: string | undefined } {
  const schema = model.errors.get(error.code);
  const traits: ErrorTraits = schema === undefined ? {} : NormalizedSchema.of(schema).getMergedTraits();
  const status = error.status ?? traits.httpError ?? (traits.error === 'server' ? 500 : 400);
  return { status, queryCode: traits.awsQueryError?.[0] };
}

/**
 * A service that once had only the query protocol sends its older error codes in a header.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export function queryErrorHeader(status: number, queryCode: string | undefined): Pick<Reply, 'headers'> {
  if (queryCode === undefined) return {};
  return { headers: { 'x-amzn-query-error': `${queryCode};${status >= 500 ? 'Receiver' : 'Sender'}` } };
}
