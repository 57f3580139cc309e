/**
 * `cutover doctor`: everything that deployments in a zone depend on, looked at one after the other from this machine to AWS.
 * What hides the rest comes first; each finding says what to do.
 */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { colors } from '../text/colors';
import type { Finding } from '../../planning/doctor';
import { loadSettings } from '../../settings/load';
import { connectToTemporal } from '../../temporal/connection';
import { temporalConfiguration } from '../../temporal/configuration';
import { deploymentIdOf, searchAttributes, taskQueues } from '../../contract/ids';
import { connectDeployments, type Deployments } from '../deployments';
import { examineListener } from './hook-listener';
import { settingsFile } from '../../settings/file';
import { chosenZone, exitStatuses, print, type CommonOptions } from '../options';

type Configuration = ReturnType<typeof temporalConfiguration>;

export async function doctor(options: CommonOptions): Promise<void> {
  const findings = await examine(options);
  if (options.json) print(JSON.stringify(findings));
  else findings.forEach((one) => print(describeFinding(one)));
  if (findings.some(({ state }) => state === 'error')) process.exitCode = exitStatuses.error;
}

/** Stops where nothing behind can be seen any more. */
async function examine(options: CommonOptions): Promise<Finding[]> {
  const file = settingsFile(options.settings);
  const settings = loadSettings(file);
  const zone = chosenZone(options, settings);
  const found = [
    ok('settings', `${file} is valid; zone ${zone}, ${Object.keys(settings.applications).length} applications`),
  ];
  const configuration = temporalConfiguration(settings.temporal);
  const deployments = await connectDeployments(configuration);
  try {
    found.push(...(await examineTemporal(configuration)));
    if (found.some(({ state }) => state === 'error')) return found;
    const inZone = await deployments.ask({ kind: 'doctor', zone });
    // Without folders no call of the platform could be answered.
    const listener = settings.zones[zone]?.folders ? [await examineListener(settings.hooks)] : [];
    return [...found, ...(await explained(deployments, zone, inZone)), ...listener];
  } finally {
    await deployments.close();
  }
}

async function examineTemporal({ connectionOptions, namespace }: Configuration): Promise<Finding[]> {
  const { connection, close } = await connectToTemporal(connectionOptions);
  try {
    const address = connectionOptions.address ?? '';
    return [
      ok('Temporal', `${address} answers, namespace ${namespace}`),
      await examineAttributes(connection, namespace),
      await examineWorkers(connection, namespace),
    ];
  } finally {
    await close();
  }
}

async function examineAttributes({ operatorService }: Connection, namespace: string): Promise<Finding> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const names = Object.values(searchAttributes).map(({ name }) => name);
  const missing = names.filter((name) => customAttributes[name] === undefined);
  if (missing.length === 0) return ok('search attributes', names.join(', '));
  const next = 'Start a worker, which registers them, or use "temporal operator search-attribute create".';
  return failed('search attributes', `${missing.join(', ')} are missing`, next);
}

/** Temporal remembers a worker for some minutes after it went: only one seen lately counts. */
const seenLatelyMs = 90_000;

async function examineWorkers({ workflowService }: Connection, namespace: string): Promise<Finding> {
  const queues = [
    [taskQueues.workflows, temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW],
    [taskQueues.aws, temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY],
  ] as const;
  const workers: string[] = [];
  for (const [name, taskQueueType] of queues) {
    const { pollers } = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
    const seen = (pollers ?? []).filter(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < seenLatelyMs,
    );
    if (seen.length === 0)
      return failed('worker', `nobody polls task queue ${name}`, 'Start one with "cutover worker".');
    workers.push(...seen.map(({ identity }) => identity ?? ''));
  }
  return ok('worker', [...new Set(workers)].join(', '));
}

/** What looks like a leftover while a deployment runs is its work. */
async function explained(deployments: Deployments, zone: string, findings: readonly Finding[]): Promise<Finding[]> {
  const left = await Promise.all(
    findings.map(async (one) => {
      if (one.check !== 'leftovers' || one.application === null) return one;
      const target = { zone, application: one.application };
      const running = await deployments.running(target);
      return running ? { ...one, state: 'ok' as const, next: `${deploymentIdOf(target)} is at work.` } : one;
    }),
  );
  return left;
}

const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says, next: null, application: null });
const failed = (check: string, says: string, next: string): Finding => ({
  check,
  state: 'error',
  says,
  next,
  application: null,
});

const marks = {
  ok: colors.green('ok     '),
  warning: colors.yellow('warning'),
  error: colors.red('error  '),
} as const;

const describeFinding = ({ check, state, says, next }: Finding) =>
  `${marks[state]}  ${check}: ${says}${next === null ? '' : `\n         ${next}`}`;
