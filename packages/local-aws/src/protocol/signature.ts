/**
 * Verifies the signature of a request (Signature Version 4, in the header): what the tasks of a local AWS run are commands on this
 * machine, so whoever calls must know its secret. Signatures in the query are no signatures here: a link must not be a call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './errors';

/** What a request claims about who signed it, and for which service. */
export interface Signature {
  readonly accessKeyId: string;
  /** Date, region, service and `aws4_request`. */
  readonly scope: readonly [date: string, region: string, service: string, terminator: string];
  readonly signedHeaders: readonly string[];
  readonly value: string;
}

/** A request as it was signed: path and query as they were sent. */
export interface SignedRequest {
  readonly method: string;
  /** As in the request line, e.g. `/?Action=DescribeRules`. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What belongs to an access key; the token is that of a role's credentials. */
export interface Secret {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is known of an access key; undefined for one that doesn't exist. */
export type FindSecret = (accessKeyId: string) => Secret | undefined;

/** AWS takes a signature for five minutes; clocks that differ are no matter on one machine. */
const validForMs = 5 * 60_000;

/**
 * What the header says, not yet verified.
 * @throws {AwsError} as AWS answers to a request without a signature, or with a malformed one
 */
export function signatureOf({ authorization = '' }: IncomingHttpHeaders): Signature {
  if (authorization === '') throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  const part = (name: string): string => {
    const value = new RegExp(`\\b${name}=([^,\\s]+)`).exec(authorization)?.[1];
    if (value !== undefined) return value;
    throw new AwsError('IncompleteSignature', `Authorization header requires '${name}' parameter.`, 400);
  };
  const credential = part('Credential');
  const [accessKeyId = '', date = '', region = '', service, terminator] = credential.split('/');
  if (service === undefined || terminator !== 'aws4_request')
    throw new AwsError('IncompleteSignature', `'${credential}' is not a valid credential scope.`, 400);
  const signedHeaders = part('SignedHeaders').toLowerCase().split(';');
  return { accessKeyId, scope: [date, region, service, terminator], signedHeaders, value: part('Signature') };
}

/** @throws {AwsError} in AWS's words when a request is signed for another service than the one that it calls */
export function checkScope({ scope: [, , signed] }: Signature, service: string): void {
  if (signed === service) return;
  throw new AwsError('SignatureDoesNotMatch', `Credential should be scoped to correct service: '${service}'.`, 403);
}

/** What the errors of a protocol are called. https://docs.aws.amazon.com/awssupport/latest/user/common-errors.html */
export interface SignatureErrors {
  readonly unknownKey: string;
  readonly mismatch: string;
}

const codes: Readonly<Record<string, SignatureErrors>> = {
  query: { unknownKey: 'InvalidClientTokenId', mismatch: 'SignatureDoesNotMatch' },
  'rest-xml': { unknownKey: 'InvalidClientTokenId', mismatch: 'SignatureDoesNotMatch' },
  ec2: { unknownKey: 'AuthFailure', mismatch: 'AuthFailure' },
};
const jsonCodes = { unknownKey: 'UnrecognizedClientException', mismatch: 'InvalidSignatureException' };

/**
 * @param protocol that of the service, whose clients know its errors
 * @throws {AwsError} in AWS's words for a key that doesn't exist, a signature that isn't this request's, or one that is too old
 */
export function verifySignature(
  signature: Signature,
  request: SignedRequest,
  { findSecret, protocol, now }: { findSecret: FindSecret; protocol: string; now: number },
): void {
  const { unknownKey, mismatch } = codes[protocol] ?? jsonCodes;
  const secret = findSecret(signature.accessKeyId);
  const token = request.headers['x-amz-security-token'] as string | undefined;
  if (secret === undefined || !sameText(token ?? '', secret.sessionToken ?? ''))
    throw new AwsError(unknownKey, 'The security token included in the request is invalid.', 403);
  const expected = signatureFor(signature, request, secret.secretAccessKey);
  if (expected === undefined || !sameText(expected, signature.value))
    throw new AwsError(
      mismatch,
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
      403,
    );
  const signedAt = momentOf(request);
  if (Math.abs(now - signedAt) <= validForMs) return;
  throw new AwsError(mismatch, `Signature expired: ${dateOf(request)} is not within five minutes of now.`, 403);
}

/** The right signature; undefined when it doesn't cover what every signature must. */
function signatureFor({ scope, signedHeaders }: Signature, request: SignedRequest, secret: string): string | undefined {
  const date = dateOf(request);
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-amz-date') || !date.startsWith(scope[0])) return;
  const canonical = sha256(canonicalRequest(request, signedHeaders));
  const key = scope.reduce<string | Buffer>((signing, part) => hmac(signing, part).digest(), `AWS4${secret}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), canonical].join('\n')).digest('hex');
}

function canonicalRequest({ method, target, headers, body }: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = '/', query = ''] = target.split(/\?(.*)/s);
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => [escaped(name), escaped(value)] as const);
  const pairs = parameters.map(([name, value]) => `${name}=${value}`).sort();
  const lines = signedHeaders.map((name) => `${name}:${textOf(headers[name]).replace(/\s+/g, ' ')}\n`);
  const escapedPath = path.split('/').map(escaped).join('/');
  return [method, escapedPath, pairs.join('&'), lines.join(''), signedHeaders.join(';'), sha256(body)].join('\n');
}

/** Percent-encoded as RFC 3986 has it. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** One that came several times is signed with its values in one line. */
const textOf = (value: string | string[] = ''): string => [value].flat().join(',').trim();

const dateOf = ({ headers }: SignedRequest): string => textOf(headers['x-amz-date']);

function momentOf(request: SignedRequest): number {
  return Date.parse(dateOf(request).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text);

/** In a time that says nothing about where they differ. */
const sameText = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(one)), Buffer.from(sha256(other)));
