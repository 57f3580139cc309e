/**
 * AWS's errors become a few typed failures, here and nowhere else. Temporal retries the retryable ones; the others hold the
 * deployment and say what to do next.
 *
 * Errors are told apart by name, never by class alone: errors that the SDK doesn't model arrive as a service's base class.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
 */
import { ApplicationFailure } from '@temporalio/common';

export type AwsFailureType =
  'Throttled' | 'AwsUnavailable' | 'AccessDenied' | 'QuotaExceeded' | 'NotFound' | 'NotYet' | 'AwsRefused';

interface AwsError {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const throttled = /throttl|RequestLimitExceeded|TooManyRequests|SlowDown/i;
/**
 * Credentials that can't be had now, or that ran out: the metadata service, STS and identity providers time out now and then, and the SDK gets new ones.
 */
const withoutSession = /CredentialsProviderError|ExpiredToken|RequestExpired|IDPCommunicationError/;
/** A token that AWS doesn't know (any more) has one of these names; only the message says that it ran out. */
const unknownToken = /InvalidClientToken|UnrecognizedClient/;
/** What a call is refused for whose time AWS finds wrong; the SDK has corrected its clock by the next one. */
const wrongTime = /signature expired|signature not yet current|RequestTimeTooSkewed|RequestInTheFuture/i;
const denied =
  /AccessDenied|UnauthorizedOperation|NotAuthorized|Credentials|InvalidClientToken|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|MissingAuthentication/i;
const quota = /^TooMany|LimitExceeded|LimitFault/;
const absent = /NotFound|NotActive/;
/**
 * What ECS and ELB answer while an earlier change is still in progress, a role that was just made isn't known everywhere, or somebody
 * else registers a revision; the same call succeeds a little later.
 */
const notYet = new RegExp(
  [
    'does not have an associated load balancer',
    'still Draining',
    'Unable to Start a service that is still',
    'creation of service was not idempotent',
    'Unable to assume role and validate the specified targetGroupArn',
    'Too many concurrent attempts to create a new revision',
    'invalid revision number',
  ].join('|'),
  'i',
);

/**
 * The failure that an AWS call's error becomes.
 * @param operation as AWS writes it, e.g. `UpdateService`
 */
export function awsFailure(error: unknown, operation: string): ApplicationFailure {
  const { name, message } = error as AwsError;
  const type = failureType(error as AwsError);
  return ApplicationFailure.create({
    type,
    nonRetryable: !['Throttled', 'AwsUnavailable', 'NotYet'].includes(type),
    message: `${operation}: ${sentence(type, name, message)}`,
    details: [{ awsError: name }],
    cause: error as Error,
  });
}

function failureType({ name, message, $metadata }: AwsError): AwsFailureType {
  const status = $metadata?.httpStatusCode;
  if (throttled.test(name)) return 'Throttled';
  if (hiccupOf(name, message) !== undefined) return 'AwsUnavailable';
  if (denied.test(name)) return 'AccessDenied';
  if (notYet.test(message)) return 'NotYet';
  if (quota.test(name)) return 'QuotaExceeded';
  if (absent.test(name)) return 'NotFound';
  // Without a status the request never arrived, or its answer didn't: a timeout, or a connection refused or reset.
  return status === undefined || status >= 500 ? 'AwsUnavailable' : 'AwsRefused';
}

/** What passes by itself, and where to look if it doesn't. */
function hiccupOf(name: string, message: string): string | undefined {
  if (wrongTime.test(`${name} ${message}`)) return "the clock of the worker's machine was wrong";
  const ranOut = withoutSession.test(name) || (unknownToken.test(name) && /expired/i.test(message));
  return ranOut ? "the worker's credentials had run out, or couldn't be had" : undefined;
}

function sentence(type: AwsFailureType, name: string, message: string): string {
  const text = `${message || name} (${name})`;
  const hiccup = hiccupOf(name, message);
  if (hiccup !== undefined) return `${hiccup}: ${text}`;
  switch (type) {
    case 'AccessDenied':
      return `AWS refused permission: ${text}. Grant it to the worker's role, then retry.`;
    case 'QuotaExceeded':
      return `an AWS quota is used up: ${text}. Raise it or free some, then retry.`;
    default:
      return text;
  }
}

/** Whether a failure was made by {@link awsFailure} from the AWS error of this name, with or without `Exception`. */
export function isAwsError(failure: unknown, name: string): boolean {
  const details = failure instanceof ApplicationFailure ? (failure.details?.[0] as { awsError?: string }) : undefined;
  return details?.awsError?.replace(/Exception$/, '') === name.replace(/Exception$/, '');
}

/** Waits for a call; an AWS error of this name becomes the value `otherwise`. */
export async function unless<T, Otherwise>(
  name: string,
  otherwise: Otherwise,
  call: Promise<T>,
): Promise<T | Otherwise> {
  try {
    return await call;
  } catch (failure) {
    if (isAwsError(failure, name)) return otherwise;
    throw failure;
  }
}
