/** What AWS's errors become, through the real SDK. */
import { ApplicationFailure } from '@temporalio/common';
import { awsFailure } from '../../../../activities/aws/client/errors';
import { createClients } from '../../../../activities/aws/client/clients';
import { describeRules } from '../../../../activities/aws/elb/listener-rules';
import { testCredentials } from '../../../../packages/local-aws/test/local-aws';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('an AWS that can’t be reached is worth a retry, a missing permission is not', async () => {
  const { clients, local, listenerArn } = zone;
  const nowhere = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  const failure = await describeRules(nowhere.elb, listenerArn).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  const denied = { kind: 'accessDenied', operation: 'elasticloadbalancing:DescribeRules', times: 1 };
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(denied) });
  const refusal = await describeRules(clients.elb, listenerArn).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApplicationFailure);
  expect(refusal).toMatchObject({
    type: 'AccessDenied',
    nonRetryable: true,
    message: expect.stringContaining('Grant it'),
  });
});

const failureOf = (name: string, message = name) =>
  awsFailure(Object.assign(new Error(message), { name }), 'UpdateService');

test.each([
  ['CredentialsProviderError', 'Could not load credentials from any providers'],
  ['ExpiredToken', 'The provided token has expired.'],
  ['ExpiredTokenException', 'The security token included in the request is expired'],
  ['RequestExpired', 'Request has expired.'],
  ['IDPCommunicationError', 'An error occurred when accessing the identity provider'],
  ['InvalidClientTokenId', 'The security token included in the request is expired'],
  ['UnrecognizedClientException', 'The security token included in the request is expired'],
])('a hiccup of credentials is an AWS that is away: %s', (name, message) => {
  const failure = failureOf(name, message);
  expect(failure).toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  expect(failure.message).toMatch(/credentials had run out/);
});

test.each([
  ['InvalidSignatureException', 'Signature expired: 20261128T090000Z is now earlier than 20261128T091000Z'],
  ['SignatureDoesNotMatch', 'Signature not yet current: 20261128T092000Z is still later than 20261128T091500Z'],
  ['RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
])('a clock that jumped is asked again, and is said to be one: %s', (name, message) => {
  const failure = failureOf(name, message);
  expect(failure).toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  expect(failure.message).toMatch(/^UpdateService: the clock of the worker's machine was wrong: /);
});

test.each(['AccessDeniedException', 'InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch'])(
  '%s is a missing permission still',
  (name) => {
    const invalid = 'The security token included in the request is invalid.';
    expect(failureOf(name, invalid)).toMatchObject({ type: 'AccessDenied', nonRetryable: true });
  },
);

test.each([
  [
    'InvalidParameterException',
    'Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.',
  ],
  ['ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'],
  ['ClientException', 'The specified family has an invalid revision number.'],
  ['InvalidParameterException', 'Invalid revision number. Number: 7'],
])('what succeeds a little later is asked again: %s: %s', (name, message) => {
  expect(failureOf(name, message)).toMatchObject({ type: 'NotYet', nonRetryable: false });
});
