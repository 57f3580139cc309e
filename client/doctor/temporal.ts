/** What the doctor finds out about Temporal: whether it answers, knows the search attributes, and has workers. */
import type { Connection } from '@temporalio/client';
import { taskQueues, zoneQueueOf } from '../../contract/ids';
import { finding } from '../../contract/questions';
import type { Finding } from '../../planning/doctor';
import type { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';
import { buildIdsOf, pollersOf, recentPollers } from '../../temporal/pollers';
import {
  createByOperator,
  createOnCloud,
  findSearchAttributes,
  searchAttributeNames,
} from '../../temporal/search-attributes';
import { readWorkerVersions, type TemporalNamespace, type WorkerVersions } from '../../temporal/worker-deployment';

/** @param apart the zone, where it has workers of its own; default none */
export async function checkTemporal(
  { connectionOptions, namespace }: Awaited<ReturnType<typeof temporalConfiguration>>,
  apart?: string,
): Promise<Finding[]> {
  const { connection, close } = await connectToTemporal(connectionOptions);
  try {
    const says = `${connectionOptions.address} answers, namespace ${namespace}`;
    return [
      finding({ check: 'Temporal', state: 'ok', says }),
      await checkSearchAttributes(connection, namespace),
      await checkWorkers({ connection, namespace }, apart),
      ...(await checkVersions({ connection, namespace })),
    ];
  } finally {
    await close();
  }
}

async function checkSearchAttributes(connection: Connection, namespace: string): Promise<Finding> {
  const check = 'search attributes';
  const found = await findSearchAttributes(connection, namespace);
  const missing = found.by === 'list' ? found.missing : [];
  if (missing.length > 0) {
    const says = `${missing.map(({ name }) => name).join(', ')} are missing`;
    const next = `Start a worker, which registers them, or use ${createByOperator(namespace, missing)}.`;
    return finding({ check, state: 'error', says, next });
  }
  if (found.by === 'search' && found.refused !== null) {
    const next = `Create what is missing with ${createOnCloud(namespace)}.`;
    return finding({ check, state: 'error', says: `one is missing: ${found.refused}`, next });
  }
  if (found.by === 'nothing') {
    const next = `See that they are there, as by ${createOnCloud(namespace)}.`;
    return finding({ check, state: 'warning', says: `nobody may look: ${found.why}`, next });
  }
  return finding({ check, state: 'ok', says: searchAttributeNames.join(', ') });
}

async function checkWorkers(temporal: TemporalNamespace, apart: string | undefined): Promise<Finding> {
  const check = 'worker';
  const workers: string[] = [];
  const names = Object.values(taskQueues);
  const own = names.filter((name) => name !== taskQueues.workflows);
  for (const name of [...names, ...(apart === undefined ? [] : own.map((one) => zoneQueueOf(one, apart)))]) {
    const seen = recentPollers(await pollersOf(temporal, name));
    if (seen.length === 0) {
      const next = names.some((one) => one === name)
        ? 'Start one with "cutover worker", or name its kind where workers have "--kinds".'
        : `Start one with "cutover worker --zones ${apart}" where the zone is reached.`;
      return finding({ check, state: 'error', says: `nobody polls task queue ${name}`, next });
    }
    workers.push(...seen.map(({ identity }) => identity ?? ''));
  }
  return finding({ check, state: 'ok', says: [...new Set(workers)].join(', ') });
}

/** Nothing where workers have no versions. */
async function checkVersions(temporal: TemporalNamespace): Promise<Finding[]> {
  const known = await readWorkerVersions(temporal);
  if (known === undefined) return [];
  const polling = recentPollers(await pollersOf(temporal, taskQueues.workflows));
  return examineVersions(known, buildIdsOf(polling));
}

/** What stands still: a version that deployments need, and no worker of which polls. @param polled the build IDs that are there */
export function examineVersions(
  { current, versions }: Pick<WorkerVersions, 'current' | 'versions'>,
  polled: ReadonlySet<string>,
): Finding[] {
  const check = 'versions';
  if (current === null) {
    const next = 'Run "cutover upgrade" where the newest version of cutover is installed.';
    return [finding({ check, state: 'error', says: 'no version of the workers is the current one', next })];
  }
  const needed = versions.filter(({ state }) => ['current', 'ramping', 'draining'].includes(state));
  const missing = needed.filter(({ buildId }) => !polled.has(buildId));
  if (missing.length === 0)
    return [
      finding({ check, state: 'ok', says: needed.map(({ buildId, state }) => `${buildId} is ${state}`).join(', ') }),
    ];
  return missing.map(({ buildId, state }) => {
    const next = `Start workers of ${buildId} again${state === 'draining' ? ' until its deployments have ended' : ', or run "cutover upgrade" with the version that is there'}.`;
    return finding({ check, state: 'error', says: `${buildId} is ${state}, and no worker of it takes work`, next });
  });
}
