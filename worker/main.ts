/**
 * The process that hosts workflows and activities: one worker a task queue, so that each can run where it belongs. A SIGTERM
 * hands the work over at once.
 */
import { Client } from '@temporalio/client';
import { type Logger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { awsClients } from '../activities/aws/client/clients';
import type { AwsDependencies } from '../activities/aws/dependencies';
import { threadsFor } from '../activities/files/zone-folders';
import type { HookDependencies } from '../activities/hooks/index';
import type { LifeTimeDependencies } from '../activities/lifetime/index';
import { checkProbeFiles } from '../activities/probes/certificates';
import { conditionsOf } from '../settings/applications/zone';
import { settingsReader } from '../settings/load';
import { taskQueues, zoneQueueOf, type WorkerKind } from '../contract/ids';
import { activeClusterOf } from './fences/active-cluster';
import { parseAddress } from './addresses';
import { earlierRuns } from './fences/abandoned-runs';
import { keepApiKey, withKeyOfNow } from '../temporal/api-key';
import { connectToTemporal, endThoughConnecting } from '../temporal/connection';
import { hookCallDirectory } from './calls/hook-call-directory';
import { readsEarlierInputs } from './earlier-inputs';
import { watchFleet } from './fleet';
import { serveHealth } from './health';
import { workerLog } from './log';
import { awsCallMeter, prometheus } from './metrics';
import { confirmAttempts } from './fences/attempts';
import { endsWatches, pendingOf } from './fences/ended-watches';
import { createWorkers } from './kinds';
import { stagedCalls } from './calls/staged-calls';
import { runTogether } from './run-together';
import { registerSearchAttributes } from './search-attributes';
import { buildIdOf, versioned } from './versions/build-id';
import { defaultBundle } from './versions/bundle';
import { claimVersion } from './versions/claim';
import { replayInFlight } from './versions/replay';
import { measureWaiting } from './waiting';
import { checkZones, handsOn, zonesApart } from './zones';
import { temporalConfiguration } from '../temporal/configuration';
import { startTracing } from '../temporal/tracing';

export interface WorkerConfiguration {
  /** The settings file. */
  readonly settings: string;
  /** The workflow bundle; default the one that the build made. */
  readonly bundle?: string;
  /** The address where Prometheus finds the metrics, such as `0.0.0.0:9464`; default `CUTOVER_METRICS`, else none. */
  readonly metrics?: string | undefined;
  /** The address of its health checks, such as `0.0.0.0:9465`; default `CUTOVER_HEALTH`, else none. */
  readonly health?: string | undefined;
  /** The kinds of work that it takes; default all. */
  readonly kinds?: readonly WorkerKind[] | undefined;
  /** The zones, each with workers of its own, whose work it takes alone. Default: those that have none. */
  readonly zones?: readonly string[] | undefined;
}

/** Runs until the process gets a SIGTERM or SIGINT. @throws {Error} at the start, with one sentence */
export async function runWorker(configuration: WorkerConfiguration): Promise<void> {
  const { bundle = defaultBundle(), health = process.env['CUTOVER_HEALTH'], zones: own } = configuration;
  const settings = settingsReader(configuration.settings);
  const { temporal, awsRates, zones } = settings();
  const kinds = checkZones(settings(), configuration.kinds, own);
  checkProbeFiles(zones);
  // Set before the first thread is needed: later it has no effect.
  process.env['UV_THREADPOOL_SIZE'] ??= `${threadsFor(Object.keys(zones).length)}`;
  const metrics = configuration.metrics ?? process.env['CUTOVER_METRICS'];
  if (metrics !== undefined) parseAddress(metrics);
  const log = workerLog(process.env['CUTOVER_LOG_LEVEL'] ?? 'info');
  const tracing = await startTracing('worker');
  const { connectionOptions, namespace, dataConverter, apiKey } = await temporalConfiguration(temporal);
  const { connection, close } = await connectToTemporal(connectionOptions);
  await registerSearchAttributes(connection, namespace, (message) => log.warn(message));
  // Once it is there only the end of its last connection ends it, and so the process.
  installRuntime(log, metrics);
  const native = await NativeConnection.connect(withKeyOfNow(connectionOptions));
  const keeping = apiKey && keepApiKey(native, apiKey);
  const buildId = buildIdOf(bundle);
  const stopping = new AbortController();
  const { metricMeter: meter } = Runtime.instance();
  const waiting = kinds.includes('workflows') ? measureWaiting({ connection, namespace, meter }) : undefined;
  const fleet = await watchFleet(connection, {
    namespace,
    taskQueues: callingAws(zonesApart(settings())),
    identity,
  }).catch(async (error: Error) => {
    await native.close();
    throw error;
  });
  try {
    const client = new Client({ connection, namespace, dataConverter });
    const activeCluster = activeClusterOf(connection, namespace);
    const dependencies: AwsDependencies & HookDependencies & LifeTimeDependencies = {
      calls: hookCallDirectory(client),
      stagedCalls: stagedCalls(client),
      clientsOf: awsClients({
        share: () => awsRates.factor / (awsRates.workers ?? fleet.size()),
        observe: awsCallMeter(),
        ...(tracing.call && { trace: tracing.call }),
        confirm: confirmAttempts(client, activeCluster),
        conditions: () => conditionsOf(settings()),
      }),
      pollMs: awsRates.pollInterval,
      settings,
      activeCluster,
      earlierRuns: (workflowId, asking) => earlierRuns(client, workflowId, asking),
    };
    const workers = await createWorkers(
      {
        connection: native,
        namespace,
        identity,
        dataConverter,
        interceptors: {
          activity: [
            ...tracing.activities,
            ...(own === undefined ? [handsOn(settings)] : []),
            readsEarlierInputs,
            endsWatches(pendingOf(client)),
          ],
        },
        ...(temporal.workerVersioning && versioned(buildId)),
      },
      { codePath: bundle },
      dependencies,
      { kinds, zones: own },
    );
    const running = runTogether(workers);
    if (temporal.workerVersioning && kinds.includes('workflows')) {
      const replay = async () => await replayInFlight({ client, bundle, dataConverter });
      void claimVersion({ connection, namespace, buildId, replay, log, signal: stopping.signal }).catch(
        (error: Error) => log.error(`Nobody could tell which version is the current one: ${error.message}`),
      );
    }
    const isReady = () => workers.every((each) => each.getState() === 'RUNNING');
    const healthServer =
      health === undefined ? undefined : await serveHealth(health, { isReady, isConnected: fleet.isConnected });
    try {
      await running;
    } finally {
      await healthServer?.close();
    }
  } finally {
    stopping.abort();
    endInAnyCase();
    fleet.close();
    waiting?.close();
    keeping?.close();
    await tracing.close();
    await native.close();
    await close();
    endThoughConnecting();
  }
}

/** A thread that hangs on a share keeps the process alive, even when it calls `process.exit`. */
function endInAnyCase(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), endsWithinMs).unref();
}
const endsWithinMs = 20_000;

/** @param metrics the address where Prometheus finds them; `undefined` for none */
function installRuntime(logger: Logger, metrics: string | undefined): void {
  Runtime.install({
    logger,
    shutdownSignals: ['SIGINT', 'SIGTERM'],
    telemetryOptions: {
      // What the SDK's core says is a line of JSON too, as the rest.
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metrics !== undefined && { metrics: prometheus(metrics) }),
    },
  });
}

/** Whose workers share AWS's rates. */
function callingAws(apart: readonly string[]): string[] {
  const queues = [taskQueues.aws, taskQueues.waits, taskQueues.questions];
  return [...queues, ...apart.flatMap((zone) => queues.map((name) => zoneQueueOf(name, zone)))];
}

/**
 * What the Temporal UI shows. No two workers may have the same one, or they would count as one: in containers on one network all
 * have the same process number and host.
 */
const identity = `${process.pid}@${hostname()}/${randomBytes(3).toString('hex')}`;
