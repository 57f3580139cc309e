/** What a careless or hostile client sends is answered as on AWS, never with an empty success or a broken connection. */
import type { ApiCall } from '../../src/protocol/dispatch';
import { models } from '../../src/protocol/models';
import { serveApi } from '../../src/protocol/server';
import { signed } from '../signed';

const calls: ApiCall[] = [];
let server: { url: string; close(): Promise<void> };

beforeAll(async () => {
  server = await serveApi({
    port: 0,
    models,
    execute: async (call) => {
      calls.push(call);
      return {};
    },
    findSecret: () => ({ secretAccessKey: 'test' }),
    download: async () => undefined,
    report: () => undefined,
  });
});
afterAll(() => server.close());
afterEach(() => {
  calls.length = 0;
});

type Answer = readonly [status: number, body: string];

/** Posts a body, signed for a service; null: not signed. */
async function post(
  service: string | null,
  body: string | Uint8Array,
  headers: Record<string, string>,
  path = '/',
): Promise<Answer> {
  const address = `${server.url}${path}`;
  const plain = { method: 'POST', body: body as string, headers };
  const response = await fetch(address, service === null ? plain : await signed(address, { service, body, headers }));
  return [response.status, await response.text()];
}

const ecs = async (operation: string, body: string, service: string | null = 'ecs'): Promise<Answer> =>
  await post(service, body, { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}` });

const elbv2 = async (form: string, service: string | null = 'elasticloadbalancing'): Promise<Answer> =>
  await post(service, form, { 'content-type': 'application/x-www-form-urlencoded' });

test('a request without a signature is refused', async () => {
  expect(await ecs('ListClusters', '{}', null)).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  expect(await elbv2('Action=DescribeRules', null)).toEqual([
    403,
    expect.stringContaining('MissingAuthenticationToken'),
  ]);
  expect(calls).toEqual([]);
});

test('a signature for another service is refused', async () => {
  const [status, body] = await ecs('ListClusters', '{}', 'elasticloadbalancing');
  expect(status).toBe(403);
  expect(body).toContain("Credential should be scoped to correct service: 'ecs'.");
});

test('an operation that no service has is refused in the words of its protocol', async () => {
  expect(await ecs('MakeCoffee', '{}')).toEqual([400, expect.stringContaining('UnknownOperationException')]);
  expect(await elbv2('Action=MakeCoffee')).toEqual([400, expect.stringContaining('<Code>InvalidAction</Code>')]);
  expect(await elbv2('Version=2015-12-01')).toEqual([400, expect.stringContaining('<Code>MissingAction</Code>')]);
});

test.each(['{', '[1]', '{"clusters":"default"}', '{"clusters":[{}]}', '{"clusters":{"0":"a"}}', '7'])(
  'ECS refuses the body %s as one that it cannot read',
  async (body) => {
    expect(await ecs('DescribeClusters', body)).toEqual([400, expect.stringContaining('SerializationException')]);
  },
);

test('ECS names the required member that is missing', async () => {
  const [status, body] = await ecs('RegisterTaskDefinition', '{"family":"web"}');
  expect(status).toBe(400);
  expect(JSON.parse(body)).toEqual({
    __type: 'InvalidParameterException',
    message: 'containerDefinitions should not be null.',
  });
});

test.each([
  ['Action=CreateRule', 'Member must not be null'],
  ['Action=ModifyTargetGroup&TargetGroupArn=a&HealthCheckIntervalSeconds=abc', 'Member must be a number'],
  ['Action=DescribeRules&RuleArns.member.1.x=1', 'ValidationError'],
  ['Action=DescribeRules&ListenerArn.x=1', 'ValidationError'],
])('ELBv2 refuses the form %s', async (form, words) => {
  const [status, body] = await elbv2(form);
  expect([status, body]).toEqual([400, expect.stringContaining('<Code>ValidationError</Code>')]);
  expect(body).toContain(words);
});

async function cloudwatch(operation: string, body: Buffer, service: string | null = 'monitoring'): Promise<Answer> {
  const path = `/service/GraniteServiceVersion20100801/operation/${operation}`;
  const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
  return await post(service, new Uint8Array(body), headers, path);
}

test.each([
  ['what is not CBOR', 'DescribeAlarms', 'ff00ff', 'SerializationException'],
  ['a text where a list belongs', 'DescribeAlarms', 'a16a416c61726d4e616d65736161', 'SerializationException'],
  ['a name that is missing', 'SetAlarmState', 'a0', 'InvalidParameterException'],
  ['an operation that is none', 'MakeCoffee', 'a0', 'UnknownOperationException'],
])('CloudWatch refuses %s', async (_, operation, hex, code) => {
  expect(await cloudwatch(operation, Buffer.from(hex, 'hex'))).toEqual([400, expect.stringContaining(code)]);
  expect(calls).toEqual([]);
});

test('CloudWatch refuses a request without a signature, in its own protocol', async () => {
  expect(await cloudwatch('DescribeAlarms', Buffer.from('a0', 'hex'), null)).toEqual([
    403,
    expect.stringContaining('MissingAuthenticationToken'),
  ]);
});

test('EC2 refuses a number that is none in the words of its protocol', async () => {
  const form = 'Action=DescribeSubnets&MaxResults=many';
  const [status, body] = await elbv2(form, 'ec2');
  expect(status).toBe(400);
  expect(body).toContain('<Errors><Error><Code>InvalidParameterValue</Code>');
});
