/** The codec against an independent one, boto3's: every operation and error of every service, with seeded random values. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import { seededRandom } from '../../src/faults/random';
import type { ApiCall } from '../../src/protocol/dispatch';
import { AwsError } from '../../src/protocol/errors';
import type { ServiceModel } from '../../src/protocol/model';
import * as models from '../../src/protocol/models';
import { serveApi } from '../../src/protocol/server';
import { testCredentials } from '../local-aws';
import { randomValue } from '../protocol/random-value';
import { isFull, python, seed, withPython } from './python';

interface Case {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly answer: { readonly output: unknown } | { readonly error: AwsError };
}

const [, cloudwatchModel] = models.cloudwatchModels;
const services: readonly (readonly [client: string, model: ServiceModel])[] = [
  ['ecs', models.ecsModel],
  ['elbv2', models.elbv2Model],
  ['ecr', models.ecrModel],
  ['logs', models.logsModel],
  ['sts', models.stsModel],
  ['ec2', models.ec2Model],
  ['application-autoscaling', models.autoscalingModel],
  ['cloudwatch', cloudwatchModel],
];

/** The sample has one service of each protocol. */
const tested = isFull
  ? services
  : services.filter(([client]) => ['ecs', 'elbv2', 'ec2', 'cloudwatch'].includes(client));

withPython.each(tested)(
  'boto3 (%s) reads every answer and error, and is read, as it was meant',
  async (client, model) => {
    const cases = [...operationCases(client, model), ...errorCases(client, model)];
    const { received, outcomes } = await exchange(cases);
    cases.forEach((one, index) => {
      const where = `${client} ${one.operation}, case ${index}, seed ${seed}`;
      expect([where, received[index]]).toEqual([where, { operation: one.operation, input: plain(one.input) }]);
      expect([where, plain(outcomes[index])]).toEqual([where, plain(wanted(model, one))]);
    });
  },
);

/** Sends all cases with boto3 to a server that gives each its prepared answer. */
async function exchange(cases: readonly Case[]): Promise<{ received: unknown[]; outcomes: unknown[] }> {
  const received: unknown[] = [];
  const execute = async ({ operation, input }: ApiCall): Promise<unknown> => {
    const answer = cases[received.length]?.answer;
    received.push({ operation, input: plain(input) });
    if (answer !== undefined && 'error' in answer) throw answer.error;
    return answer?.output;
  };
  const report = (): void => undefined;
  const server = await serveApi({
    port: 0,
    models: models.models,
    execute,
    findSecret: () => ({ secretAccessKey: testCredentials.secretAccessKey }),
    download: async () => undefined,
    report,
  });
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const file = join(folder, 'cases.jsonl');
    await writeFile(file, cases.map(lineOf).join('\n'));
    const lines = (await python('codec.py', server.url, file)).trim().split('\n');
    return { received, outcomes: lines.map((line) => JSON.parse(line) as unknown) };
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

const lineOf = ({ service, operation, input }: Case): string => JSON.stringify(onWire({ service, operation, input }));

/** Clients don't sign the first two, and unsigned calls are refused. The others are answered with a stream of events. */
const leftOut = ['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'StartLiveTail', 'GetLogObject'];

function operationCases(service: string, model: ServiceModel): Case[] {
  const random = seededRandom(seed);
  const rounds = isFull ? 20 : 1;
  const operations = [...model.operations].filter(([operation]) => !leftOut.includes(operation));
  return operations.flatMap(([operation, schema]) =>
    Array.from({ length: rounds }, () => {
      const sparse = model.wire.protocol === 'query' || model.wire.protocol === 'ec2';
      const any = randomValue(NormalizedSchema.of(schema[4]), random, sparse);
      // EC2's form can't express an empty list.
      const input = model.wire.protocol === 'ec2' ? withoutEmptyLists(any) : any;
      const output = randomValue(NormalizedSchema.of(schema[5]), random, sparse);
      return { service, operation, input, answer: { output } };
    }),
  );
}

function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists).filter((item) => Object.keys(Object(item)).length > 0);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, item]) => !Array.isArray(item) || item.length > 0);
  return Object.fromEntries(members.map(([name, item]) => [name, withoutEmptyLists(item)]));
}

function errorCases(service: string, model: ServiceModel): Case[] {
  const [operation = '', schema] = [...model.operations][0] ?? [];
  const input = schema === undefined ? {} : randomValue(NormalizedSchema.of(schema[4]), seededRandom(seed), true);
  return [...model.errors.keys()]
    .filter((code) => !code.endsWith('ServiceException') || model.name === 'ecs')
    .map((code) => ({ service, operation, input, answer: { error: new AwsError(code, `about ${code} & <others>`) } }));
}

/** boto3 shows an error's code in the query protocol, if it has one. */
function wanted(model: ServiceModel, { answer }: Case): unknown {
  if ('output' in answer) return { output: onWire(answer.output) };
  const schema = model.errors.get(answer.error.code);
  const traits = (schema === undefined ? {} : NormalizedSchema.of(schema).getMergedTraits()) as {
    readonly awsQueryError?: readonly [string, number];
  };
  const code = (model.name === 'ecs' ? undefined : traits.awsQueryError?.[0]) ?? answer.error.code;
  return { error: { code, message: answer.error.message, status: expect.any(Number) as unknown } };
}

function onWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $date: Math.floor(value.getTime() / 1000) };
  if (Array.isArray(value)) return value.map(onWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, onWire(item)]));
}

/** Absent and undefined become the same, and so do an empty structure and none. The client makes tokens itself. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $date: Math.floor(value.getTime() / 1000) };
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? {});
  if (typeof value !== 'object' || value === null || 'asymmetricMatch' in value) return value;
  const members = Object.entries(value)
    .filter(([name]) => name !== 'clientToken')
    .map(([name, item]) => [name, plain(item)] as const)
    .filter(([, item]) => item !== undefined && item !== null);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
