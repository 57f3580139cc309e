/** Whoever answers what gates ask, on loopback: Prometheus, a health page, tests, and CloudWatch's alarms. */
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeSettings, type SettingsChange } from '../../../local/stack/settings';
import type { DeploymentStatus } from '../../../contract/status';
import { stack, stackAws } from './live-application';

export interface Answers {
  /** Its gates, without those of CloudWatch. */
  readonly gates: Readonly<Record<string, object>>;
  /** From now on this gate has something to fail by, or nothing any more. */
  readonly set: (gate: 'prometheus' | 'http' | 'webhook', isWell: boolean) => void;
  readonly close: () => void;
}

/** @param more of every gate, over what makes a test short */
export async function startAnswers(more: object = {}): Promise<Answers> {
  const sick = new Set<string>();
  const server = createServer((request, response) => {
    const kind = request.url?.startsWith('/api/v1/query') ? 'prometheus' : (request.url?.slice(1) ?? '');
    const value = sick.has(kind) ? 7 : 1;
    if (kind === 'webhook') response.statusCode = sick.has(kind) ? 500 : 200;
    const result = [{ metric: {}, value: [Date.now() / 1_000, String(value)] }];
    response.end(JSON.stringify({ status: 'success', value, data: { resultType: 'vector', result } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const common = { every: '1s', failAfter: '1s', ...more };
  return {
    gates: {
      prometheus: { ...common, kind: 'prometheus', address, query: 'errors', most: 5 },
      http: { ...common, kind: 'http', address: `${address}/http`, path: '$.value', most: 5 },
      webhook: { ...common, kind: 'webhook', address: `${address}/webhook` },
    },
    set: (gate, isWell) => void (isWell ? sick.delete(gate) : sick.add(gate)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An application has these gates from its next deployment on. */
export const setGates = (application: string, gates: Readonly<Record<string, object>>) =>
  changeSettings(stack().settings, [
    { path: ['applications', application, 'gates'], value: gates as NonNullable<SettingsChange['value']> },
  ]);

/** An alarm of this name is there, and in this state. */
export async function setAlarm(AlarmName: string, StateValue: 'OK' | 'ALARM'): Promise<void> {
  const { metrics } = stackAws();
  const Metric = { Namespace: 'Shop', MetricName: 'Failed', Statistic: 'Sum', Period: 60, Threshold: 1 } as const;
  const Comparison = { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' } as const;
  await metrics.send(new PutMetricAlarmCommand({ AlarmName, ...Metric, ...Comparison }));
  await metrics.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: `set to ${StateValue}` }));
}

/** How a gate is, as `cutover status` has it. */
export const verdictOf = ({ gates = [] }: DeploymentStatus, name: string) =>
  gates.find(({ gate }) => gate === name)?.verdict;
