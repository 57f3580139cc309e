/**
 * The control plane of the local AWS: one process with the APIs of ECS, ELBv2, ECR, CloudWatch Logs and STS on one port,
 * a scheduler for services and tasks, and a link to the load balancer's process. It may be killed at any moment: what it
 * answered is stored, and tasks are processes of their own that it finds again.
 */
import { findImage, listImages } from '../images/images';
import { serveControl } from './control';
import { downloadLayer, ecrOperations, type Ecr } from './ecr/operations';
import type { Ecs } from './ecs/ecs';
import { logFile } from './ecs/log-streams';
import { ecsOperations } from './ecs/operations';
import { startScheduler } from './ecs/scheduler';
import { dataPlaneConfiguration, defaultPropagation, type Propagation } from './elbv2/configuration';
import { linkDataPlane } from './elbv2/data-plane';
import type { Elbv2 } from './elbv2/elbv2';
import { elbv2Operations } from './elbv2/operations';
import { executor, type CallCounts, type Execution } from './execution';
import { createCallFaults } from './faults/call-faults';
import { createFaults } from './faults/faults';
import { withHealthFaults } from './faults/health-faults';
import { faultRoutes } from './faults/routes';
import { createStaleReads } from './faults/stale-reads';
import { createTaskFaults } from './faults/task-faults';
import { createLogClock, type LogClock } from './logs/events';
import { logsOperations } from './logs/operations';
import { models } from './protocol/models';
import { serveApi } from './protocol/server';
import { openStore } from './store';
import { stsOperations } from './sts/operations';
import { tasksFolder } from './tasks';

export interface AwsOptions {
  /** Where the state and the tasks' folders are kept. */
  readonly folder: string;
  /** Of the API; 0 takes a free one. */
  readonly port: number;
  /** Of the control port; 0 takes a free one. */
  readonly controlPort: number;
  /** Of the load balancer's process, e.g. `http://127.0.0.1:4620`; it may come later, and go. */
  readonly proxyControlUrl: string;
  /** All of AWS's own times are divided by it. The API takes and shows AWS's legal values. */
  readonly timeScale: number;
  readonly imagesFolder: string;
  /** Default: us-east-1. */
  readonly region?: string;
  /** Tasks that a cluster has room for. Default: 1000. */
  readonly capacity?: number;
  readonly propagation?: Propagation;
  readonly log: AwsLog;
}

/** A part of pino's logger. */
export interface AwsLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RunningAws {
  readonly endpoint: string;
  readonly controlUrl: string;
  /** Ends this process's own work; tasks go on running. */
  close(): Promise<void>;
}

/** Rejects when the folder can't be used or a port is taken. */
export async function runAws(options: AwsOptions): Promise<RunningAws> {
  const store = await openStore(options.folder);
  const { state } = store;
  const faults = createFaults(Date.now);
  const report = (error: unknown): void => options.log.error({ err: error }, 'local AWS failed');
  const link = linkDataPlane({
    controlUrl: options.proxyControlUrl,
    configuration: async () => {
      await store.saved();
      const [slow] = faults.of('propagation');
      return dataPlaneConfiguration(elbv2, slow?.fault ?? options.propagation ?? defaultPropagation);
    },
    onReport: () => scheduler.wake(),
  });
  const elbv2: Elbv2 = {
    state: state.elbv2,
    scope: { region: options.region ?? 'us-east-1' },
    timeScale: options.timeScale,
    now: Date.now,
    changed: () => {
      state.elbv2.version++;
      store.changed();
      link.push();
    },
    reported: () => withHealthFaults(faults, state.elbv2, link.reported(), Date.now()),
  };
  const ecs: Ecs = {
    state: state.ecs,
    scope: elbv2.scope,
    elbv2,
    logs: state.logs,
    timeScale: options.timeScale,
    now: Date.now,
    changed: store.changed,
    saved: store.saved,
    wake: () => scheduler.wake(),
    capacity: () => faults.of('capacity').at(-1)?.fault.tasks ?? options.capacity ?? 1000,
    findImage: (reference) => findImage(options.imagesFolder, reference),
    taskFaults: createTaskFaults(faults, state.ecs),
    tasksFolder: tasksFolder(options.folder),
  };
  const scheduler = startScheduler(ecs, report);
  faults.onChange(() => elbv2.changed());
  const clock = createLogClock(Date.now);
  const noting = setInterval(() => noteLogs(ecs, clock), 200);
  const ecr: Ecr = { scope: ecs.scope, listImages: () => listImages(options.imagesFolder), endpoint: () => api.url };
  const services: Execution['services'] = (seen) => {
    const seenElbv2 = { ...elbv2, state: seen.elbv2 };
    return {
      ecs: ecsOperations({ ...ecs, state: seen.ecs, elbv2: seenElbv2 }),
      elasticloadbalancing: elbv2Operations(seenElbv2),
      ecr: ecrOperations(ecr),
      logs: logsOperations({ state: seen.logs, scope: ecs.scope, clock }),
      sts: stsOperations(),
    };
  };
  const calls: CallCounts = {};
  const staleState = createStaleReads(faults, store, Date.now);
  const execute = executor({ services, store, calls, faults: createCallFaults(faults, Date.now), staleState });
  const download: Parameters<typeof serveApi>[0]['download'] = (path) => downloadLayer(ecr, path);
  const api = await serveApi({ port: options.port, models, execute, download, report });
  const control = await serveControl(options.controlPort, [
    ({ url }) => (url.pathname === '/health' ? { healthy: true } : undefined),
    ({ url }) => (url.pathname === '/calls' ? calls : undefined),
    faultRoutes(faults),
  ]);
  options.log.info({ endpoint: api.url, control: control.url }, 'local AWS ready');
  return {
    endpoint: api.url,
    controlUrl: control.url,
    close: async () => {
      clearInterval(noting);
      await Promise.all([api.close(), control.close(), link.close(), scheduler.close()]);
      await store.saved();
    },
  };
}

/** What running containers print gets its time while it comes. */
function noteLogs(ecs: Ecs, clock: LogClock): void {
  for (const task of Object.values(ecs.state.tasks)) {
    for (const container of task.containers) {
      if (container.lastStatus === 'RUNNING') clock.note(logFile(ecs, task, container));
    }
  }
}
