/** What AWS's errors become, through the real SDK. */
import { ApplicationFailure } from '@temporalio/common';
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
