/**
 * Workflows share what `contract/` exports, frozen (record 28): every message must still be read then. Frozen as Temporal's SDK
 * does it, whose own function isn't exported: https://github.com/temporalio/sdk-typescript, `reusable-vm.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as HookCalls from '../../contract/hook-calls';
import type * as Questions from '../../contract/questions';
import type * as Requests from '../../contract/runbook-requests';
import type * as Commands from '../../contract/commands';

const root = join(__dirname, '..', '..');

function deepFreeze(value: unknown, visited = new WeakSet<object>()): void {
  if (value === null || !['object', 'function'].includes(typeof value) || visited.has(value as object)) return;
  visited.add(value as object);
  if (typeof value === 'object')
    for (const key of Reflect.ownKeys(value as object)) deepFreeze(Reflect.get(value as object, key), visited);
  Object.freeze(value);
}

/** Those of which the workflows' bundle has any. */
const modules = [
  ...new Set(
    readFileSync(join(root, 'lib', 'workflow-bundle.js'), 'utf8').match(
      /\.\/lib\/(contract|settings)\/[\w-]+(?=\.js)/g,
    ),
  ),
].map((file) => join(root, file.replace('./lib/', '')));

/** A module of its own, frozen with all that it imports. */
function frozen<T>(load: () => T): T {
  let loaded: T | undefined;
  jest.isolateModules(() => {
    loaded = load();
    for (const each of ['zod', ...modules]) deepFreeze(require(each));
  });
  return loaded as T;
}

const key = '0c115dcb-1241-5440-9bfd-029157249f1d';
const everyOption = {
  application: { name: 'Orders', key },
  deadline: '2026-11-28T12:00:00Z',
  commits: 'afterProof',
  by: 'Ana',
  reason: 'slow checkout',
  strategy: 'blueGreen',
  shift: [{ percent: 10, bake: '1m' }, { percent: 100 }],
  approval: 'none',
  whileWaiting: 'one',
  bake: '10m',
  keepWarm: '1h',
  settle: '60s',
  removeAfter: '1m',
  removal: 'automatic',
  minimumHealthyPercent: 50,
  maximumPercent: 150,
  deleteAdopted: true,
  onFailure: 'rollback',
  approvalTimeout: '1h',
  holdTimeout: '2h',
};
const deployment = { ...everyOption, image: 'orders:1.4.2', modules: ['Orders'] };

test('a request with every field is read, twice, and a wrong one gets its sentence', () => {
  const { parseDeploymentRequest, parseUndoRequest, parseKeepWarmRequest } = frozen(
    () => require('../../contract/runbook-requests') as typeof Requests,
  );
  for (const _ of [1, 2]) expect(parseDeploymentRequest(deployment)).toMatchObject({ value: { bake: 600_000 } });
  expect(parseUndoRequest(everyOption)).toMatchObject({ value: { shift: [{ percent: 10, bake: 60_000 }, {}] } });
  expect(parseDeploymentRequest({ ...deployment, bake: 'soon', shift: [{ percent: 5 }], extra: 1 })).toMatchObject({
    error: expect.stringContaining('bake: expected a duration'),
  });
  const kept = { service: 'orders-a', taskDefinition: 'orders:1' };
  expect(parseKeepWarmRequest({ lock: 'z/a', keepMs: 5, kept })).toMatchObject({ value: { keepMs: 5 } });
});

test('a call of the platform with every field is read, and a wrong one gets its sentence', () => {
  const { parseHookCallRequest } = frozen(() => require('../../contract/hook-calls') as typeof HookCalls);
  const call = {
    zone: 'production',
    applicationName: 'Orders',
    applicationKey: key,
    operationId: key,
    modules: ['Orders', 'OrdersAPI'],
    calledAt: '2026-11-28T12:00:00Z',
  };
  for (const _ of [1, 2]) expect(parseHookCallRequest(call)).toEqual({ value: call });
  expect(parseHookCallRequest({ ...call, modules: ['a b'] })).toMatchObject({
    error: expect.stringContaining('modules.0: expected module names'),
  });
});

test('every question and command is read', () => {
  const { parseQuestion } = frozen(() => require('../../contract/questions') as typeof Questions);
  const where = { zone: 'production', application: 'Orders' };
  for (const kind of ['live', 'history', 'topology', 'watch', 'logs'])
    expect(parseQuestion({ kind, ...where })).toMatchObject({ value: { kind } });
  for (const kind of ['zone', 'doctor']) expect(parseQuestion({ kind, zone: 'production' })).toHaveProperty('value');
  expect(parseQuestion({ kind: 'plan', ...where, deployment })).toHaveProperty('value');
  expect(parseQuestion({ kind: 'planRunbook', ...where, runbook: 'undo', input: everyOption })).toHaveProperty('value');
  expect(parseQuestion({ kind: 'lives' })).toMatchObject({ error: expect.stringContaining('not a question') });
  const { parseCommandInput } = frozen(() => require('../../contract/commands') as typeof Commands);
  expect(parseCommandInput({ by: 'Ana', reason: 'late', image: 'orders:1' })).toHaveProperty('value');
  expect(parseCommandInput({ by: 5 })).toHaveProperty('error');
});
