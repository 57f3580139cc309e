/** What the doctor finds out about Temporal: whether it answers, knows the search attributes, and has workers. */
import type { Connection } from '@temporalio/client';
import { searchAttributes, taskQueues } from '../../contract/ids';
import { finding } from '../../contract/questions';
import type { Finding } from '../../planning/doctor';
import type { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';
import { buildIdsOf, pollersOf, recentPollers } from '../../temporal/pollers';
import { readWorkerVersions, type TemporalNamespace, type WorkerVersions } from '../../temporal/worker-deployment';

export async function checkTemporal({
  connectionOptions,
  namespace,
}: ReturnType<typeof temporalConfiguration>): Promise<Finding[]> {
  const { connection, close } = await connectToTemporal(connectionOptions);
  try {
    const says = `${connectionOptions.address} answers, namespace ${namespace}`;
    return [
      finding({ check: 'Temporal', state: 'ok', says }),
      await checkSearchAttributes(connection, namespace),
      await checkWorkers({ connection, namespace }),
      ...(await checkVersions({ connection, namespace })),
    ];
  } finally {
    await close();
  }
}

async function checkSearchAttributes({ operatorService }: Connection, namespace: string): Promise<Finding> {
  const check = 'search attributes';
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const names = Object.values(searchAttributes).map(({ name }) => name);
  const missing = names.filter((name) => customAttributes[name] === undefined);
  if (missing.length === 0) return finding({ check, state: 'ok', says: names.join(', ') });
  const next = 'Start a worker, which registers them, or use "temporal operator search-attribute create".';
  return finding({ check, state: 'error', says: `${missing.join(', ')} are missing`, next });
}

async function checkWorkers(temporal: TemporalNamespace): Promise<Finding> {
  const check = 'worker';
  const workers: string[] = [];
  for (const name of Object.values(taskQueues)) {
    const seen = recentPollers(await pollersOf(temporal, name));
    if (seen.length === 0) {
      const next = 'Start one with "cutover worker", or name its kind where workers have "--kinds".';
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
