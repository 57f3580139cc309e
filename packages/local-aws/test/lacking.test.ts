/** An operation that the local AWS lacks is refused as unknown, whatever its input is: the answer is never an empty success. */
import { NormalizedSchema } from '@smithy/core/schema';
import { models } from '../src/protocol/models';
import { startLocalAws, type LocalAws } from './local-aws';
import { signed } from './signed';

let local: LocalAws;

beforeAll(async () => {
  local = await startLocalAws();
});
afterAll(() => local.close());

/** Calls an operation with an empty input, in the protocol of its service. */
async function call(service: string, operation: string): Promise<{ status: number; body: string }> {
  const { wire, operations } = models.find(({ name }) => name === service) ?? {};
  const { http } = NormalizedSchema.of(operations?.get(operation) ?? 0).getMergedTraits() as Rest;
  if (wire?.protocol === 'rest-xml' && http !== undefined) return await send(service, http);
  const json = wire?.protocol === 'json' ? wire : undefined;
  const request = await signed(local.aws.endpoint, {
    service,
    body: json ? '{}' : `Action=${operation}&Version=2015-12-01`,
    headers: json ? { 'x-amz-target': `${json.targetPrefix}.${operation}` } : {},
  });
  const response = await fetch(local.aws.endpoint, request);
  return { status: response.status, body: await response.text() };
}

interface Rest {
  readonly http?: readonly [method: string, path: string, status: number];
}

async function send(service: string, [method, path]: NonNullable<Rest['http']>) {
  const address = `${local.aws.endpoint}${path.replaceAll(/[{][^}]+[}]/g, 'any')}`;
  const response = await fetch(address, await signed(address, { service, method }));
  return { status: response.status, body: await response.text() };
}

test.each([
  ['ecs', 'CreateTaskSet'],
  ['ecs', 'ExecuteCommand'],
  ['ecr', 'PutImage'],
  ['logs', 'PutLogEvents'],
  ['application-autoscaling', 'GetPredictiveScalingForecast'],
  ['monitoring', 'PutMetricData'],
])('%s is asked for %s, which it lacks: UnknownOperationException', async (service, operation) => {
  const { status, body } = await call(service, operation);
  expect({ status, type: JSON.parse(body) as unknown }).toEqual({
    status: 400,
    type: expect.objectContaining({
      __type: expect.stringContaining('UnknownOperationException') as string,
    }) as unknown,
  });
});

test.each([
  ['elasticloadbalancing', 'CreateTrustStore'],
  ['elasticloadbalancing', 'GetResourcePolicy'],
  ['sts', 'GetFederationToken'],
  ['ec2', 'RunInstances'],
])('%s is asked for %s, which it lacks: InvalidAction', async (service, operation) => {
  const { status, body } = await call(service, operation);
  expect(status).toBe(400);
  expect(body).toContain('<Code>InvalidAction</Code>');
});

test('Route 53 is asked for health checks, which it lacks: UnknownOperationException', async () => {
  const { status, body } = await call('route53', 'CreateHealthCheck');
  expect(status).toBe(400);
  expect(body).toContain('<Code>UnknownOperationException</Code>');
});

test('no operation of any service answers an empty call with a failure of its own', async () => {
  const wires = models.filter(({ wire }) => wire.protocol !== 'cbor');
  const calls = wires.flatMap(({ name, operations }) =>
    [...operations.keys()].map((operation) => [name, operation] as const),
  );
  const failed: string[] = [];
  for (const [service, operation] of calls) {
    const { status, body } = await call(service, operation);
    if (status >= 500) failed.push(`${service}:${operation} ${status} ${body}`);
  }
  expect(failed).toEqual([]);
});
