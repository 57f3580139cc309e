/**
 * The process that hosts workflows and activities: one worker a task queue, so that each can run where it belongs. A SIGTERM
 * hands the work over at once.
 */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker, DefaultLogger, type WorkerOptions } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { awsActivities, awsWaits, type AwsDependencies } from '../activities/aws';
import { awsClients } from '../activities/aws/clients';
import { awsDescriptions } from '../activities/aws/descriptions';
import { fileActivities } from '../activities/files';
import { probeActivities } from '../activities/probes';
import { loadSettings } from '../settings/load';
import { taskQueues } from '../workflows/messages';
import { lastAbandonedRun } from './abandoned-runs';
import { watchFleet } from './fleet';
import { registerSearchAttributes } from './search-attributes';
import { temporalConfiguration } from './temporal';

export interface WorkerConfiguration {
  /** The settings file. */
  readonly settings: string;
  /** The workflow bundle; default the one that the build made. */
  readonly bundle?: string;
}

/** Runs until the process is told to stop; every error at start is one sentence. */
export async function runWorker({ settings, bundle = defaultBundle() }: WorkerConfiguration): Promise<void> {
  const { temporal, awsRates } = loadSettings(settings);
  Runtime.install({ logger: new DefaultLogger('INFO'), shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const { connectionOptions, namespace } = temporalConfiguration(temporal);
  const connection = await Connection.connect(connectionOptions);
  await registerSearchAttributes(connection, namespace);
  const native = await NativeConnection.connect(connectionOptions);
  const fleet = await watchFleet(connection, { namespace, taskQueue: taskQueues.aws, identity });
  try {
    const client = new Client({ connection, namespace });
    const dependencies: AwsDependencies = {
      clientsOf: awsClients({ share: () => awsRates.factor / (awsRates.workers ?? fleet.size()) }),
      settings: () => loadSettings(settings),
      lastAbandonedRun: (workflowId) => lastAbandonedRun(client, workflowId),
    };
    const workers = await createWorkers(
      { connection: native, namespace, identity },
      { codePath: bundle },
      dependencies,
    );
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    fleet.close();
    await native.close();
    await connection.close();
  }
}

function defaultBundle(): string {
  const path = join(__dirname, '..', 'workflow-bundle.js');
  if (!existsSync(path)) throw new Error(`The workflow bundle ${path} is missing: run "npm run build".`);
  return path;
}

/** As the Temporal UI shows it; no two workers may bear the same, or they count as one. */
const identity = `${process.pid}@${hostname()}`;

/**
 * How soon a worker that died is noticed: see docs/decisions/0004-crash-timing.md. One that is told to stop ends its waits at
 * once, and another takes them over; what is being written is written to its end, and must be within the force time.
 */
const common = {
  shutdownGraceTime: 0,
  shutdownForceTime: '20s',
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '1s',
} as const satisfies Partial<WorkerOptions>;

/** The workers of all task queues that this process serves. */
export async function createWorkers(
  place: Pick<WorkerOptions, 'namespace' | 'identity'> & { readonly connection: NativeConnection },
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>,
  dependencies: AwsDependencies,
): Promise<Worker[]> {
  return await Promise.all([
    Worker.create({
      ...place,
      ...common,
      taskQueue: taskQueues.workflows,
      workflowBundle,
      stickyQueueScheduleToStartTimeout: '2s',
      maxCachedWorkflows: 500,
    }),
    Worker.create({
      ...place,
      ...common,
      taskQueue: taskQueues.aws,
      activities: {
        ...awsActivities(dependencies),
        ...awsWaits(dependencies),
        ...awsDescriptions(dependencies),
        ...probeActivities(),
      },
      maxConcurrentActivityTaskExecutions: 200,
    }),
    Worker.create({ ...place, ...common, taskQueue: taskQueues.files, activities: fileActivities(dependencies) }),
  ]);
}
