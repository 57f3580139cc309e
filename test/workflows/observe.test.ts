/** What operators see of a worker: metrics, health, logs and traces, of a real process with a local AWS. */
import { Client, Connection } from '@temporalio/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connectDeployments } from '../../client/deployments';
import { taskQueues } from '../../contract/ids';
import { hookMethods, hookCallIdOf, type HookMethod } from '../../contract/hook-calls';
import { readBody } from '../../packages/local-aws/src/protocol/server';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../../packages/local-aws/test/local-aws';
import { createZone } from '../../packages/local-aws/test/ecs/zone';
import { askedBy, expressions, type Asked } from '../packaging/monitoring';
import { freePort } from '../../packages/local-aws/test/free-port';

const namespace = `observe-${process.pid}`;
const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';

interface Span {
  readonly name: string;
  readonly traceId: string;
}

let local: LocalAws;
let collector: Server;
let worker: ChildProcess;
let ports: { readonly metrics: number; readonly health: number };
let lines = '';
const spans: Span[] = [];

beforeAll(async () => {
  local = await startLocalAws();
  collector = createServer((request, response) => void collect(request).then(() => response.end('{}')));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
  });
  await connection.close();
  ports = { metrics: await freePort(), health: await freePort() };
  worker = startWorker((await createZone(local)).listenerArn);
  await eventually(
    () => statusOf('readyz'),
    (status) => status === 200,
    60_000,
  );
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (worker.exitCode === null) worker.kill('SIGKILL');
  collector.close();
  await local.close();
});
type Long = never;

async function collect(request: Parameters<typeof readBody>[0]): Promise<void> {
  const { resourceSpans } = JSON.parse(await readBody(request)) as {
    readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
  };
  for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
}

/** All three are one here. */
function folders() {
  const one = { platform: String.raw`D:\Shared`, mounted: local.folder };
  return { target: one, result: one, config: one };
}

function startWorker(listener: string): ChildProcess {
  const settings = join(local.folder, 'cutover.yaml');
  const common = `address: 'http://127.0.0.1', region: us-east-1, cluster: zone, testRoute: { value: a-long-test-secret }`;
  writeFileSync(
    settings,
    `defaultZone: production
zones:
  production: { ${common}, listener: '${listener}', folders: ${JSON.stringify(folders())} }
  unmade: { ${common}, listener: '${listener.slice(0, -4)}0000' }
applications: { Orders: { key: 0c4a5b6e-2f1d-4c8a-9a53-0c6a6f1f8f11 } }
`,
  );
  const at = (port: number) => `127.0.0.1:${port}`;
  const words = ['--settings', settings, '--metrics', at(ports.metrics), '--health', at(ports.health)];
  const child = spawn(process.execPath, [join(__dirname, '../../bin/cutover.js'), 'worker', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      AWS_ENDPOINT_URL: local.aws.endpoint,
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    },
  });
  child.stderr?.on('data', (text: Buffer) => (lines += text.toString()));
  return child;
}

const statusOf = async (path: string): Promise<number> =>
  await fetch(`http://127.0.0.1:${ports.health}/${path}`).then(
    ({ status }) => status,
    () => 0,
  );
const metrics = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();

async function callOfThePlatform(method: HookMethod): Promise<unknown> {
  const connection = await Connection.connect({ address });
  const request = {
    zone: 'production',
    applicationName: 'Orders',
    applicationKey: '0c4a5b6e-2f1d-4c8a-9a53-0c6a6f1f8f11',
    operationId: randomUUID(),
  };
  const outcome = await new Client({ connection, namespace }).workflow.execute(hookMethods[method].workflow, {
    workflowId: hookCallIdOf(method, request),
    taskQueue: taskQueues.workflows,
    args: [request],
  });
  await connection.close();
  return outcome;
}

/** What is there only once something has gone wrong. https://docs.temporal.io/references/sdk-metrics */
const rare = /^(cutover_holds|temporal_(workflow_task_execution_failed|request_failure|long_request_failure))_total$/;

/** What the alerts and the dashboard ask for, and the worker doesn't have. */
function missingIn(text: string, { metric, labels }: Asked): string[] {
  const series = text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
  if (series.length === 0) return rare.test(metric) ? [] : [metric];
  return labels
    .filter((label) => !series.some((line) => line.includes(`${label}="`)))
    .map((one) => `${metric}{${one}}`);
}

test('a deployment that fails is counted, logged and traced, with the AWS calls that it made', async () => {
  const deployments = await connectDeployments({ connectionOptions: { address }, namespace });
  const target = { zone: 'unmade', application: 'Orders' };
  const started = await deployments.start(target, 'blueGreen', { image: 'orders:1' });
  expect(await deployments.ended(started)).toMatchObject({ failure: expect.stringContaining('Nothing was changed') });
  await deployments.close();
  // An image that nobody has built, and the configuration of what isn't in containers.
  expect(await callOfThePlatform('ContainerRun')).toMatchObject({
    answered: 'error',
    error: expect.stringContaining('Container Run of Orders failed'),
  });
  expect(await callOfThePlatform('UpdateConfigurations')).toMatchObject({ answered: 'success' });

  const text = await eventually(metrics, (now) => now.includes('outcome="success"'));
  expect(
    expressions()
      .flatMap(askedBy)
      .flatMap((asked) => missingIn(text, asked)),
  ).toEqual([]);
  expect(text).toMatch(/^cutover_deployments_total\{[^}]*outcome="failed"[^}]*zone="unknown"[^}]*\} 1$/m);
  expect(text).toMatch(
    /^cutover_aws_calls_total\{[^}]*operation="DescribeListeners"[^}]*outcome="NotFound"[^}]*\} 1$/m,
  );
  expect(text).toMatch(/^cutover_aws_call_duration_seconds_count\{/m);
  expect(text).toMatch(/^cutover_phase_duration_seconds_count\{[^}]*phase="plan"[^}]*\} 1$/m);
  expect(text).toMatch(/^temporal_/m);
  expect(text).toMatch(/^cutover_operations_total\{[^}]*method="ContainerRun"[^}]*outcome="error"[^}]*\} 1$/m);
  expect(text).toMatch(/^cutover_operation_duration_seconds_count\{[^}]*method="ContainerRun"[^}]*\} 1$/m);
  expect(text).toMatch(/^cutover_operation_wait_seconds_count\{[^}]*method="UpdateConfigurations"[^}]*\} 1$/m);

  // What isn't sent yet is sent when the process ends.
  expect(await statusOf('healthz')).toBe(200);
  worker.kill('SIGTERM');
  expect(await once(worker, 'exit')).toEqual([0, null]);

  const [first, ...others] = [
    'StartWorkflow:blueGreen',
    'RunActivity:planBlueGreenUnconfigured',
    'elasticloadbalancing.DescribeListeners',
  ].map((name) => spans.find((span) => span.name === name)?.traceId);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(others).toEqual([first, first]);

  const logged = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ofDeployment = logged.filter(({ workflowId }) => workflowId === 'unmade/Orders');
  expect(ofDeployment.length).toBeGreaterThan(0);
  for (const line of ofDeployment)
    expect(line).toMatchObject({ zone: 'unmade', application: 'Orders', deployment: started.runId });
});
