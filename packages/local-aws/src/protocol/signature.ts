/**
 * Checks that a request has a signature (Signature Version 4, in the header or in the query), and for which service. The
 * signature isn't verified: any key is accepted, since every program on this machine may call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './errors';

/** Who signed, for which service. */
export interface Signature {
  readonly accessKeyId: string;
  readonly service: string;
}

/**
 * What the credential and its scope say.
 * @throws {AwsError} as AWS answers to a request without a signature, or with a malformed one
 */
export function signatureOf(headers: IncomingHttpHeaders, query: URLSearchParams): Signature {
  const authorization = headers.authorization ?? '';
  const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? query.get('X-Amz-Credential') ?? undefined;
  if (credential === undefined) {
    if (authorization === '') throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
    throw new AwsError('IncompleteSignature', "Authorization header requires 'Credential' parameter.", 400);
  }
  const [accessKeyId = '', , , service, terminator] = credential.split('/');
  if (service === undefined || terminator !== 'aws4_request') {
    throw new AwsError('IncompleteSignature', `'${credential}' is not a valid credential scope.`, 400);
  }
  return { accessKeyId, service };
}

/** @throws {AwsError} in AWS's words when a request is signed for another service than the one that it calls */
export function checkScope(signed: string, service: string): void {
  if (signed === service) return;
  throw new AwsError('SignatureDoesNotMatch', `Credential should be scoped to correct service: '${service}'.`, 403);
}
