/** The codec against the SDK's own clients, over HTTP: every operation of ECS, ELBv2 and Route 53, with seeded random values. */
import * as ecs from '@aws-sdk/client-ecs';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as route53 from '@aws-sdk/client-route-53';
import { NormalizedSchema } from '@smithy/core/schema';
import type { ApiCall } from '../../src/protocol/dispatch';
import { seededRandom, type Random } from '../../src/faults/random';
import { AwsError } from '../../src/protocol/errors';
import { limitModel, type ServiceModel } from '../../src/protocol/model';
import { ecsModel, elbv2Model, models, route53Model } from '../../src/protocol/models';
import { serveApi } from '../../src/protocol/server';
import { route53Operations } from '../../src/route53/operations';
import { requiredMembers } from '../../src/protocol/validation';
import { randomValue } from './random-value';

interface Client {
  send(command: object): Promise<Record<string, unknown>>;
}

let execute: (call: ApiCall) => unknown = () => ({});
let server: { url: string; close(): Promise<void> };
let clients: Record<'ecs' | 'elasticloadbalancing' | 'route53', Client & { destroy(): void }>;

beforeAll(async () => {
  server = await serveApi({
    port: 0,
    models,
    execute: async (call) => execute(call),
    findSecret: () => ({ secretAccessKey: 'test' }),
    download: async () => undefined,
    report: () => undefined,
  });
  const settings = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  clients = {
    ecs: new ecs.ECSClient(settings) as unknown as Client & { destroy(): void },
    elasticloadbalancing: new elbv2.ElasticLoadBalancingV2Client(settings) as unknown as Client & { destroy(): void },
    route53: new route53.Route53Client(settings) as unknown as Client & { destroy(): void },
  };
});

afterAll(async () => {
  Object.values(clients).forEach((client) => client.destroy());
  await server.close();
});

const ofRoute53 = Object.keys(route53Operations({} as never)).filter((name) => name !== 'CreateHostedZone');

const services = [
  { model: ecsModel, exported: ecs as Record<string, unknown>, client: 'ecs', sparse: false },
  { model: elbv2Model, exported: elbv2 as Record<string, unknown>, client: 'elasticloadbalancing', sparse: true },
  // A random value is no header, as the location of a hosted zone is.
  {
    model: limitModel(route53Model, ofRoute53),
    exported: route53 as Record<string, unknown>,
    client: 'route53',
    sparse: true,
  },
] as const;

test.each(services)('every operation of $model.name survives the wire in both directions', async (service) => {
  const random = seededRandom(20261122);
  for (const [name, schema] of service.model.operations) {
    for (let round = 0; round < 4; round++) {
      const input = randomValue(NormalizedSchema.of(schema[4]), random, service.sparse);
      const output = randomValue(NormalizedSchema.of(schema[5]), random, service.sparse);
      let received: unknown;
      execute = (call) => {
        received = { operation: call.operation, input: call.input };
        return output;
      };
      const answer = await send(clients[service.client], service.exported, name, input);
      expect(plain(received)).toEqual(plain({ operation: name, input }));
      delete answer['$metadata'];
      expect(plain(answer)).toEqual(plain(output));
    }
  }
});

test.each(services)('every error of $model.name arrives as its own class with its message', async (service) => {
  for (const code of service.model.errors.keys()) {
    if (code.endsWith('ServiceException')) continue;
    execute = () => {
      throw new AwsError(code, `about ${code} & <others>`);
    };
    const [operation, input] = anyCall(service.model, seededRandom(1), service.sparse);
    const failure = await send(clients[service.client], service.exported, operation, input).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: code, message: `about ${code} & <others>` });
    expect((failure as { $metadata: { requestId?: string } }).$metadata.requestId).toBeDefined();
  }
});

test('the required members of a structure are the first ones, as many as the schema counts', () => {
  const required = (model: ServiceModel, operation: string): string[] =>
    requiredMembers(NormalizedSchema.of(model.operations.get(operation)?.[4] ?? 0));
  expect(required(elbv2Model, 'CreateRule').toSorted()).toEqual(['Actions', 'Conditions', 'ListenerArn', 'Priority']);
  expect(required(elbv2Model, 'ModifyRule')).toEqual(['RuleArn']);
  expect(required(ecsModel, 'RegisterTaskDefinition').toSorted()).toEqual(['containerDefinitions', 'family']);
  expect(required(ecsModel, 'DescribeClusters')).toEqual([]);
});

function anyCall(model: ServiceModel, random: Random, sparse: boolean): [string, unknown] {
  const [name, schema] = [...model.operations][0] ?? [];
  return [name ?? '', schema === undefined ? {} : randomValue(NormalizedSchema.of(schema[4]), random, sparse)];
}

async function send(
  client: Client,
  exported: Record<string, unknown>,
  operation: string,
  input: unknown,
): Promise<Record<string, unknown>> {
  const Command = exported[`${operation}Command`] as new (input: unknown) => object;
  return await client.send(new Command(input));
}

/** Absent and undefined become the same, and so do an empty structure and none. The client makes tokens itself. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? {});
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([name]) => name !== 'clientToken')
    .map(([name, item]) => [name, plain(item)] as const)
    .filter(([, item]) => item !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
