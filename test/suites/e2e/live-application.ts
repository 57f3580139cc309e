/**
 * An application under steady traffic on the shared stack: installed on the Platform Server, deployed through the typed client,
 * and judged by what its users saw.
 */
import { DescribeServicesCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { parse } from 'yaml';
import { createClients, type AwsClients } from '../../../activities/aws/client/clients';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import {
  connectDeployments,
  type Deployments,
  type Ending,
  type StartedDeployment,
  type Target,
} from '../../../client/deployments';
import { buildForStack } from '../../../local/images/build';
import { installAndRegister } from '../../../local/platform-server/install';
import { parseBreakage, writeBundle } from '../../../local/sample/bundle';
import { stackFolders } from '../../../local/stack/folders';
import type { StackReport } from '../../../local/stack/report';
import { startTraffic, type Traffic, type TrafficOptions, type TrafficReport } from '../../../local/traffic/traffic';
import { tagKeys } from '../../../planning/names';
import { changeSettings, type SettingsChange } from '../../../local/stack/settings';
import { loadSettings } from '../../../settings/load';
import { connectToTemporal } from '../../../temporal/connection';
import { temporalConfiguration } from '../../../temporal/configuration';
import { Unanswered } from '../../../client/errors';
import type { DeploymentRequestInput } from '../../../contract/runbook-requests';
import type { DeploymentStatus, Runbook } from '../../../contract/status';
import { runsAll } from '../../drawn';

export const folder = process.env['TEST_STACK_FOLDER'] ?? '';
/** `local.json` as it is now. */
export const stack = (): StackReport => JSON.parse(readFileSync(stackFolders(folder).report, 'utf8')) as StackReport;

export interface Release {
  readonly version: string;
  readonly modules?: readonly string[];
  /** As `cutover local bundle --broken` takes it. */
  readonly broken?: string;
  readonly startSeconds?: number;
  /** What the image says that it runs on. Default: Linux. */
  readonly os?: 'windows';
}

export interface LiveApplication {
  readonly target: Target;
  readonly deployments: Deployments;
  readonly traffic: Traffic;
  /** Builds a release's image, and gives its name. */
  readonly image: (release: Release) => Promise<string>;
  /** Builds the release's image and starts its deployment, quick and unattended unless `input` says otherwise. */
  readonly deploy: (
    release: Release,
    input?: Partial<DeploymentRequestInput>,
    strategy?: Runbook,
  ) => Promise<StartedDeployment>;
  readonly until: (wanted: (status: DeploymentStatus) => boolean) => Promise<DeploymentStatus>;
  readonly ended: (deployment: StartedDeployment) => Promise<Ending>;
  /** What this application has on AWS: its live and test rules, and the desired count of each slot's service. */
  readonly onAws: () => Promise<OnAws>;
  /** The names of its ECS services. */
  readonly services: () => Promise<string[]>;
  /** Ends the traffic and tells what its users saw. */
  readonly judged: () => Promise<TrafficReport>;
}

export interface OnAws {
  readonly liveRules: number;
  readonly testRules: number;
  readonly desiredCounts: readonly number[];
}

/** For so long reads of the local AWS may be late: 2 s, ten times as fast, and a little more. */
const lateMs = 250;
/** Resolves when reads show what is there now. */
export const currentReads = () => sleep(lateMs);

/** Where its users come from, and how many. Default: the stack's own listener, 8 a second, 15 in `npm run chaos`. */
type Entrance = Pick<TrafficOptions, 'loadBalancer' | 'certificateAuthority' | 'headers'> &
  Partial<Pick<TrafficOptions, 'requestsPerSecond'>> & {
    /** The Temporal namespace that its deployments are in. Default: the stack's. */
    readonly namespace?: string;
  };

const quick = { approval: 'none', bake: '1s' } as const;

/** @param modules named after the application, so that none is another's */
export async function liveApplication(
  name: string,
  modules: readonly string[],
  zone = stack().zone,
  { namespace, ...entrance }: Entrance = { loadBalancer: stack().loadBalancer },
): Promise<LiveApplication> {
  names.add(name);
  await installAndRegister(folder, { application: name, modules, version: '1.0' });
  const { temporal } = loadSettings(stack().settings);
  const connection = await temporalConfiguration(temporal);
  const deployments = await connectDeployments({ ...connection, ...(namespace !== undefined && { namespace }) });
  const target = { zone, application: name };
  const traffic = await startTraffic({
    requestsPerSecond: runsAll ? 15 : 8,
    ...entrance,
    nodes: stack().loadBalancerNodes,
    cookie: await logIn(),
    applications: [{ name, modules: [...modules] }],
    streamMs: 800,
  });
  opened.push({ close: () => traffic.stop().catch(() => undefined) }, { close: () => deployments.close() });
  return {
    target,
    deployments,
    traffic,
    ...onStack(name, modules),
    deploy: async (release, input = {}, strategy = 'blueGreen') => {
      const image = await build(name, { modules, ...release });
      return await deployments.start(target, strategy, { image, ...quick, ...input });
    },
    until: (wanted) => untilStatus(deployments, target, wanted),
    ended: (deployment) => endedWithoutHolding(deployments, target, deployment),
    judged: () => traffic.stop(),
  };
}

/** What there is of an application by this name. */
export const onStack = (
  name: string,
  modules: readonly string[],
): Pick<LiveApplication, 'image' | 'onAws' | 'services'> => ({
  image: (release) => build(name, { modules, ...release }),
  onAws: async () => {
    await currentReads();
    return await describeOnAws(name);
  },
  services: () => listServices(name),
});

/** The cookie of a user whom the load balancer knows. */
export async function logIn(): Promise<string> {
  const answer = await fetch(`${stack().aws.control}/logins`, { method: 'POST' });
  return ((await answer.json()) as { cookie: string }).cookie;
}

const opened: { readonly close: () => Promise<unknown> }[] = [];

const names = new Set<string>();

/** Ends what tests left open, however they ended. */
export async function closeOpened(): Promise<void> {
  for (const { close } of opened.splice(0)) await close();
}

/** Does the same, and to Route 53 none of the tests' applications made the load balancer unhealthy at any time. */
export async function closeAll(): Promise<void> {
  await closeOpened();
  await expectHealthyToRoute53();
}

/**
 * The local AWS looks at every change of a target's health, so what it doesn't tell was at no time.
 * @param applications whose target groups are meant. Default: those that this file has made live
 */
export async function expectHealthyToRoute53(applications: Iterable<string> = names): Promise<void> {
  expect(await unhealthySpells([...applications])).toEqual([]);
}

/** When target groups of applications had targets, and none that was healthy: the group, and since when until when. */
async function unhealthySpells(applications: readonly string[]): Promise<string[]> {
  const answer = await fetch(`${stack().aws.control}/load-balancers`);
  const loadBalancers = (await answer.json()) as { unhealthy: Spell[] }[];
  const spells = loadBalancers.flatMap(({ unhealthy }) => unhealthy);
  const own = spells.filter(({ targetGroup }) =>
    applications.some((name) =>
      new RegExp(`^(?:${name}-[0-9a-f]+-[ab]|${name.slice(0, 14)}-[0-9a-f]+-[ab]-[0-9a-f]+)$`).test(targetGroup),
    ),
  );
  const time = (at: number | undefined) => (at === undefined ? 'now' : new Date(at).toISOString());
  return own.map(
    ({ targetGroup, from, until, targets }) =>
      `${targetGroup}: ${time(from)} to ${time(until)} (${targets.join(', ')})`,
  );
}

interface Spell {
  readonly targetGroup: string;
  readonly from: number;
  readonly until?: number;
  readonly targets: readonly string[];
}

async function build(application: string, release: Release & { modules: readonly string[] }): Promise<string> {
  const { version, modules, broken, startSeconds = 0, os } = release;
  const bundle = join(folder, 'bundles', `${application}-${version}.zip`);
  await writeBundle(
    {
      application,
      version,
      modules,
      startSeconds,
      ...(broken && { broken: parseBreakage(broken, modules) }),
      ...(os && { os }),
    },
    bundle,
  );
  const image = `${application.toLowerCase()}:${version}`;
  await buildForStack(stackFolders(folder), bundle, image);
  return image;
}

async function untilStatus(
  deployments: Deployments,
  target: Target,
  wanted: (status: DeploymentStatus) => boolean,
): Promise<DeploymentStatus> {
  for (;;) {
    const status = await answered(deployments, target);
    if (status && wanted(status)) return status;
    if (status && status.outcome !== null) throw new Error(`It ended first: ${JSON.stringify(status)}`);
    await sleep(200);
  }
}

/** Fails when the deployment holds: nobody is there to go on. */
async function endedWithoutHolding(
  deployments: Deployments,
  target: Target,
  deployment: StartedDeployment,
): Promise<Ending> {
  const over = new AbortController();
  const looking = async () => {
    while (!over.signal.aborted) {
      await sleep(1_000, undefined, { signal: over.signal }).catch(() => undefined);
      const held = over.signal.aborted ? undefined : await holding(deployments, target);
      if (held !== undefined) throw new Error(held);
    }
  };
  const ending = deployments.ended(deployment).finally(() => over.abort());
  return await Promise.race([ending, looking().then(() => ending)]);
}

/** Where it holds and why; `undefined` when it doesn't. */
async function holding(deployments: Deployments, target: Target): Promise<string | undefined> {
  const status = await answered(deployments, target);
  return status?.phase === 'hold' ? `It holds in ${status.heldIn}: ${status.failure}` : undefined;
}

/** `undefined` while its worker is being replaced: tests that kill it share it with all others. */
async function answered(deployments: Deployments, target: Target): Promise<DeploymentStatus | undefined> {
  try {
    return await deployments.status(target);
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}

async function describeOnAws(application: string): Promise<OnAws> {
  const { aws } = stack();
  const { liveListener, testListener } = listeners();
  const { ecs, elb } = stackAws();
  const ofApplication = async (listener: string) =>
    (await describeRules(elb, listener)).filter(({ tags }) => tags[tagKeys.application] === application).length;
  const own = await listServices(application);
  const { services = [] } =
    own.length === 0 ? {} : await ecs.send(new DescribeServicesCommand({ cluster: aws.cluster, services: own }));
  return {
    liveRules: await ofApplication(liveListener),
    testRules: await ofApplication(testListener),
    desiredCounts: services.map(({ desiredCount = 0 }) => desiredCount).toSorted((one, other) => one - other),
  };
}

async function listServices(application: string): Promise<string[]> {
  const { cluster } = stack().aws;
  const { serviceArns = [] } = await stackAws().ecs.send(new ListServicesCommand({ cluster, maxResults: 100 }));
  return serviceArns.filter((arn) => arn.includes(`/${application}-`)).map((arn) => arn.split('/').at(-1) ?? '');
}

function listeners(): { liveListener: string; testListener: string } {
  const zone = loadSettings(stack().settings).zones['local'];
  return { liveListener: zone?.listener ?? '', testListener: zone?.testListener ?? '' };
}

/** AWS as the stack has it, through the real SDK. */
export function stackAws(): AwsClients {
  const { aws } = stack();
  return createClients(aws.region, { endpoint: aws.endpoint, credentials: aws });
}

/** The Temporal server of the stack, for what the Temporal UI does and the typed client does not. */
export async function stackTemporal(): Promise<Client> {
  const { address, namespace } = stack().temporal;
  const { connection, close } = await connectToTemporal({ address });
  opened.push({ close });
  return new Client({ connection, namespace });
}

/** Sets a fault of the local AWS; the returned function takes it away again, and none but it. */
export async function setFault(fault: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
  const faults = `${stack().aws.control}/faults`;
  const answer = await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  if (!answer.ok) throw new Error(await answer.text());
  const { id } = (await answer.json()) as { id: string };
  return async () => void (await fetch(`${faults}/${id}`, { method: 'DELETE' }));
}

/** Resolves when requests of this many more answers have been sent: the traffic has seen what holds now. */
export async function moreTraffic({ traffic }: LiveApplication, more = runsAll ? 40 : 24): Promise<void> {
  const { sent } = await traffic.report();
  while ((await traffic.report()).sent < sent + more) await sleep(50);
}

/** After any ending: one slot serves, the other has no tasks, no test route is left, and no request was lost. */
export async function expectWhole(
  application: LiveApplication,
  desiredCounts: readonly number[],
  liveRules: number,
): Promise<void> {
  expect(await application.onAws()).toEqual({ liveRules, testRules: 0, desiredCounts });
  const { failures, sent } = await application.judged();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(0);
}

/** An application that has moved into containers, version 2.0 in slot a. */
export async function inContainers(
  name: string,
  modules: readonly string[],
  zone = stack().zone,
  entrance?: Entrance,
): Promise<LiveApplication> {
  const application = await liveApplication(name, modules, zone, entrance);
  const moved = await application.ended(await application.deploy({ version: '2.0' }));
  expect(moved).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } } });
  await application.traffic.expect(name, [{ servedBy: 'container', version: '2.0' }]);
  return application;
}

/**
 * A zone on the listeners of the stack's own one, and different as told. The platform finds a zone by its address: that must
 * be another, so that it isn't taken for the one that others use.
 */
export async function addZone(
  name: string,
  differing: (own: Readonly<Record<string, never>>) => NonNullable<SettingsChange['value']>,
): Promise<string> {
  const { zones } = parse(readFileSync(stack().settings, 'utf8')) as { zones: { local: Record<string, never> } };
  await changeSettings(stack().settings, [{ path: ['zones', name], value: differing(zones.local) }]);
  return name;
}

/** Writes an App.config as the platform does. */
export async function configure(application: string, greeting: string): Promise<void> {
  const key = loadSettings(stack().settings).applications[application]?.key ?? '';
  const own = join(stackFolders(folder).configurations, key);
  await mkdir(own, { recursive: true });
  await writeFile(
    join(own, 'App.Config'),
    `<configuration><appSettings><add key="Greeting" value="${greeting}"/></appSettings></configuration>`,
  );
}

/** What the module's page tells of the configuration, through the load balancer. */
export async function greetingOf({ target }: LiveApplication): Promise<string> {
  const answer = await fetch(`${stack().loadBalancer}/${target.application}/`, { headers: { connection: 'close' } });
  return ((await answer.json()) as { configuration: string }).configuration;
}

/** Ends a process of the stack as a crash would; its supervisor starts it again. */
export function kill(name: keyof StackReport['processes']): void {
  const pid = stack().processes[name]?.pid;
  if (pid === undefined) throw new Error(`There is no ${name} to kill now.`);
  process.kill(pid, 'SIGKILL');
}

/** The same; resolves when what takes its place has been started, with that moment. */
export async function killAndAwaitSuccessor(name: Parameters<typeof kill>[0]): Promise<number> {
  const before = stack().processes[name]?.pid;
  kill(name);
  for (;;) {
    const now = stack().processes[name]?.pid;
    if (now !== undefined && now !== before) return Date.now();
    await sleep(5);
  }
}
