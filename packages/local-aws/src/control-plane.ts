/**
 * The control plane of the local AWS: one process with the APIs of ECS, ELBv2 and the services around them on one port, a
 * scheduler for services and tasks, and a link to the load balancer's process. It may be killed at any moment: what it answered
 * is stored, and tasks are processes of their own that it finds again.
 */
import { join } from 'node:path';
import { createAuthority, type Authority } from './acm/authority';
import { certificateRoutes } from './acm/certificates';
import { writeWhole } from './processes/whole-file';
import { callRecorder, recordWrites } from './call-record';
import { randomSeed, type Conditions } from './conditions';
import { createMetrics } from './autoscaling/metrics';
import { actOnAlarm } from './autoscaling/step-scaling';
import { autoscalingOperations } from './autoscaling/operations';
import { startTargetTracking } from './autoscaling/target-tracking';
import { storeCounts } from './cloudwatch/counts';
import { cloudwatchOperations } from './cloudwatch/operations';
import { serveControl } from './control';
import { downloadLayer, ecrOperations, type Ecr } from './ecr/operations';
import { ec2Operations } from './ec2/operations';
import type { Ecs } from './ecs/ecs';
import { processRunner } from './ecs/tasks/process-runner';
import type { TaskRunner } from './ecs/tasks/runner';
import { askEngine, engineOf } from './engine/engine';
import { engineRunner } from './engine/engine-runner';
import { keepTaskKind } from './engine/kept-kind';
import { logFile } from './ecs/tasks/log-streams';
import { ecsOperations } from './ecs/operations';
import { startScheduler, type Scheduler } from './ecs/scheduler';
import { dataPlaneConfiguration, defaultPropagation, type Propagation } from './elbv2/configuration';
import { linkDataPlane, type DataPlaneLink } from './elbv2/data-plane';
import type { Elbv2 } from './elbv2/elbv2';
import { dnsHealthRoute, watchDnsHealth, type DnsHealth } from './elbv2/dns-health';
import { loginKey, loginRoutes } from './elbv2/logins';
import { loopbackAddresses } from './elbv2/nodes';
import { elbv2Operations } from './elbv2/operations';
import { executor, type CallCounts, type Execution } from './execution';
import { withAddressFaults } from './faults/address-faults';
import { createCallFaults } from './faults/call-faults';
import { createFaults, type Faults } from './faults/faults';
import { withHealthFaults } from './faults/health-faults';
import { restartOnDemand } from './faults/load-balancer-fault';
import { faultRoutes } from './faults/routes';
import { createStaleReads, type StaleReads } from './faults/stale-reads';
import { createTaskFaults } from './faults/task-faults';
import { decisionRecorder } from './iam/decisions';
import { enforcement } from './iam/enforcement';
import { callerOf, secretOf, setIdentities, type Identities } from './iam/identities';
import { identityRoutes } from './iam/routes';
import { kmsOperations } from './kms/operations';
import { createLogClock, type LogClock } from './logs/events';
import { logsOperations } from './logs/operations';
import { limitModel, type ServiceModel } from './protocol/model';
import { models } from './protocol/models';
import { serveApi } from './protocol/server';
import { startNameServer } from './name-server';
import type { Operations } from './operations';
import { addressesOf } from './route53/answers';
import { route53Operations } from './route53/operations';
import { openStore, type Store } from './store';
import { stsOperations } from './sts/operations';
import { tasksFolder } from './tasks';

export interface AwsOptions extends Conditions {
  /** The folder of the state and the tasks. */
  readonly folder: string;
  /** The API's port; 0 takes a free one. */
  readonly port: number;
  /** The control port; 0 takes a free one. */
  readonly controlPort: number;
  /** What every path begins with on the control ports, this one and that of the load balancer's process. */
  readonly controlKey: string;
  /** The control port of the load balancer's process, e.g. `http://127.0.0.1:4620`, without the key. That process may start later, and restart. */
  readonly proxyControlUrl: string;
  /** All of AWS's own times are divided by it. The API takes and shows AWS's legal values. */
  readonly timeScale: number;
  readonly imagesFolder: string;
  /** Default: us-east-1. */
  readonly region?: string;
  /** The number of tasks that a cluster has room for. Default: 1000. */
  readonly capacity?: number;
  readonly propagation?: Propagation;
  /** Whether rules may have `(?i)` in regular expressions: it isn't known whether AWS accepts it. Default: false. */
  readonly allowInlineFlags?: boolean;
  /** The secrets by access key; no other key is taken, but those of roles that were assumed. */
  readonly keys: Readonly<Record<string, string>>;
  /** Who may do what; added to those of the folder. Default: everybody may do everything. */
  readonly identities?: Identities;
  /** Tasks find their id in `<prefix>_TASK`, and a volume's path in `<prefix>_MOUNT_<VOLUME>`. Default: `LOCAL_AWS`. */
  readonly environmentPrefix?: string;
  readonly log: AwsLog;
  /** Issues the load balancers' certificates. Default: one that the folder's first start makes, which takes half a second. */
  readonly authority?: Authority;
}

/** The part of pino's logger that is used. */
export interface AwsLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RunningAws {
  readonly endpoint: string;
  /** With the key. */
  readonly controlUrl: string;
  /** Where DNS knows the hosted zones' records, by UDP: the control port. */
  readonly hostedZones: string;
  /** Ends this process's own work; tasks go on running. */
  close(): Promise<void>;
}

/**
 * Runs the control plane in this process.
 * @throws {Error} when the folder can't be used or a port is taken
 */
export async function runAws(options: AwsOptions): Promise<RunningAws> {
  await keepTaskKind(options.folder, options.tasks ?? 'processes');
  const store = await openStore(options.folder);
  setIdentities(store.state.iam, options.identities ?? {});
  const seed = options.seed ?? randomSeed();
  const report = (error: unknown): void => options.log.error({ err: error }, 'local AWS failed');
  const faults = createFaults(Date.now);
  const addresses = await loopbackAddresses();
  const authority = await keepAuthority(store, options);
  const runner = await runnerOf(options, report);
  const parts = { options: { ...options, seed }, store, faults, report, addresses, runner };
  const { ecs, link, scheduler, dnsHealth } = createControlPlane(parts);
  const clock = createLogClock(Date.now);
  const noting = setInterval(() => noteLogs(ecs, clock), 200);
  const ecr: Ecr = { scope: ecs.scope, listImages: runner.listImages, endpoint: () => api.url };
  const calls: CallCounts = {};
  const writes = recordWrites(Date.now);
  const metrics = createMetrics();
  const endTracking = startTargetTracking({
    state: store.state.autoscaling,
    ecs,
    counts: () => store.state.cloudwatch.counts ?? {},
    counted: () => link.count(),
    metrics,
    report,
  });
  const services = operationsOf({ ecs, ecr, clock, counted: () => link.count(), faults });
  const execute = executor({
    services,
    store,
    calls,
    record: callRecorder(options.folder),
    writes,
    now: Date.now,
    callerOf: (accessKeyId) => callerOf(store.state.iam, accessKeyId),
    enforce: enforcement(store.state, ecs.scope, decisionRecorder(options.folder)),
    faults: createCallFaults(faults, Date.now, options.rates),
    staleState: createStaleReads({ faults, store, now: Date.now, usual: usualStaleness(options, seed) }),
  });
  const api = await serveApi({
    port: options.port,
    models: presentModels(services(store.state)),
    execute,
    findSecret: (accessKeyId) => secretOf(store.state.iam, options.keys, accessKeyId),
    download: (path) => downloadLayer(ecr, path),
    report,
  });
  const control = await serveControl({ port: options.controlPort, key: options.controlKey }, [
    ({ url }) => (url.pathname === '/health' ? { healthy: true } : undefined),
    ({ url }) => (url.pathname === '/calls' ? calls : undefined),
    ({ url }) => (url.pathname === '/writes' ? writes.since(Number(url.searchParams.get('after') ?? 0)) : undefined),
    faultRoutes(faults),
    metrics.route,
    identityRoutes(store.state.iam, () => storedNow(store)),
    loginRoutes(store.state.elbv2, Date.now),
    dnsHealthRoute(ecs.elbv2, dnsHealth),
    certificateRoutes({ acm: store.state.acm, authority, scope: ecs.scope, stored: () => storedNow(store) }),
  ]);
  const answering = { state: store.state.route53, elbv2: ecs.elbv2, dnsHealth };
  const names = await startNameServer(control.port, (name) => addressesOf(answering, name));
  options.log.info({ endpoint: api.url, controlPort: control.port, seed }, 'local AWS ready');
  return {
    endpoint: api.url,
    controlUrl: control.url,
    hostedZones: names.address,
    close: async () => {
      clearInterval(noting);
      endTracking();
      await Promise.all([api.close(), control.close(), names.close(), link.close(), scheduler.close()]);
      await store.saved();
    },
  };
}

/** @throws {Error} of one sentence when the engine that is to run the tasks isn't there */
async function runnerOf(
  { folder, tasks = 'processes', imagesFolder, environmentPrefix = 'LOCAL_AWS' }: AwsOptions,
  report: (error: unknown) => void,
): Promise<TaskRunner> {
  const places = { tasksFolder: tasksFolder(folder), environmentPrefix };
  if (tasks === 'processes') return processRunner({ ...places, imagesFolder });
  const engine = engineOf(tasks);
  return engineRunner({ ...places, ...(await askEngine(engine)), engine, folder, report });
}

/** AWS's users see reads that are late by up to about two seconds. */
function usualStaleness({ staleReads = true, timeScale }: AwsOptions, seed: number): StaleReads['usual'] {
  return staleReads ? { seed, shortestMs: 500 / timeScale, longestMs: 2_000 / timeScale } : undefined;
}

interface ControlPlane {
  readonly ecs: Ecs;
  readonly link: DataPlaneLink;
  readonly scheduler: Scheduler;
  readonly dnsHealth: DnsHealth;
}

/** The file with the certificate of the authority that issues the load balancers' certificates, in the folder of the state. */
export const authorityFile = (folder: string): string => join(folder, 'authority.pem');

/** The folder's authority, made at the first start; others trust its file from then on. */
async function keepAuthority(store: Store, { folder, authority }: AwsOptions): Promise<Authority> {
  const { acm, elbv2 } = store.state;
  acm.authority ??= authority ?? (await createAuthority(Date.now()));
  loginKey(elbv2);
  await storedNow(store);
  await writeWhole(authorityFile(folder), acm.authority.certificate);
  return acm.authority;
}

async function storedNow({ changed, saved }: Store): Promise<void> {
  changed();
  await saved();
}

interface ControlPlaneParts {
  readonly options: AwsOptions & { readonly seed: number };
  readonly store: Store;
  readonly faults: Faults;
  readonly report: (error: unknown) => void;
  /** The loopback addresses of this machine. */
  readonly addresses: readonly string[];
  readonly runner: TaskRunner;
}

/** ECS and ELBv2 over the store, the scheduler, and the link to the load balancer. */
function createControlPlane(parts: ControlPlaneParts): ControlPlane {
  const { options, store, faults, report, addresses, runner } = parts;
  const { state, changed, saved } = store;
  const proxyControlUrl = `${options.proxyControlUrl}/${options.controlKey}`;
  const link = linkDataPlane({
    controlUrl: proxyControlUrl,
    configuration: async () => {
      await saved();
      const [slow] = faults.of('propagation');
      return dataPlaneConfiguration(elbv2, slow?.fault ?? options.propagation ?? defaultPropagation);
    },
    onReport: () => {
      dnsHealth.look();
      scheduler.wake();
    },
    onCounts: (counts) => storeCounts((state.cloudwatch.counts ??= {}), counts),
  });
  const elbv2: Elbv2 = {
    state: state.elbv2,
    acm: state.acm,
    scope: { region: options.region ?? 'us-east-1' },
    allowInlineFlags: options.allowInlineFlags ?? false,
    timeScale: options.timeScale,
    profile: options.profile,
    addresses: () => withAddressFaults(faults, addresses),
    isTaskAddress: (address) => Object.values(state.ecs.tasks).some((task) => task.address === address),
    now: Date.now,
    changed: () => {
      state.elbv2.version++;
      changed();
      link.push();
      dnsHealth.look();
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
    changed,
    saved,
    wake: () => scheduler.wake(),
    capacity: (zone) =>
      faults.of('capacity').findLast(({ fault }) => fault.zone === zone)?.fault.tasks ??
      (zone === undefined ? options.capacity : undefined) ??
      1000,
    runner,
    taskFaults: createTaskFaults(faults, state.ecs, options, runner),
    tasksFolder: tasksFolder(options.folder),
  };
  const dnsHealth = watchDnsHealth(elbv2);
  const scheduler = startScheduler(ecs, report);
  faults.onChange(() => elbv2.changed());
  restartOnDemand(faults, proxyControlUrl, report);
  return { ecs, link, scheduler, dnsHealth };
}

interface ServiceParts {
  readonly ecs: Ecs;
  readonly ecr: Ecr;
  readonly clock: LogClock;
  /** Resolves when the state has what the load balancer counted so far. */
  readonly counted: () => Promise<void>;
  readonly faults: Faults;
}

/** The operations of every service on a state: the present one, or an older one for a stale read. */
function operationsOf({ ecs, ecr, clock, counted, faults }: ServiceParts): Execution['services'] {
  const { scope, now } = ecs;
  return (state) => {
    const elbv2 = { ...ecs.elbv2, state: state.elbv2, acm: state.acm };
    const own = { ...ecs, state: state.ecs, elbv2 };
    return {
      ecs: ecsOperations(own),
      ec2: ec2Operations({ scope, elbv2: state.elbv2, ecs: state.ecs }),
      monitoring: cloudwatchOperations({
        state: state.cloudwatch,
        scope,
        now,
        counted,
        lateMs: () => faults.of('lateMetrics').at(-1)?.fault.lateMs ?? 0,
        act: (action) => actOnAlarm({ state: state.autoscaling, ecs: own }, action),
      }),
      'application-autoscaling': autoscalingOperations({
        state: state.autoscaling,
        alarms: state.cloudwatch.alarms,
        scope,
        ecs: own,
        now,
      }),
      elasticloadbalancing: elbv2Operations(elbv2),
      ecr: ecrOperations(ecr),
      logs: logsOperations({ state: state.logs, scope, clock }),
      sts: stsOperations(state.iam),
      kms: kmsOperations({ state: state.kms, scope }),
      route53: route53Operations({ state: state.route53, elbv2 }),
    };
  };
}

/** An operation that the local AWS lacks is refused as AWS refuses one that it doesn't know, never with an empty success. */
function presentModels(services: Readonly<Record<string, Operations>>): readonly ServiceModel[] {
  return models.map((model) => limitModel(model, Object.keys(services[model.name] ?? {})));
}

/** Notes the growth of the running containers' logs, which gives their lines a time. */
function noteLogs(ecs: Ecs, clock: LogClock): void {
  for (const task of Object.values(ecs.state.tasks)) {
    for (const container of task.containers) {
      if (container.lastStatus === 'RUNNING') clock.note(logFile(ecs, task, container));
    }
  }
}
