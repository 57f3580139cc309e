/**
 * The demo: under steady traffic the Platform Server publishes the application Orders into containers through the hooks, then
 * its next version and a new configuration, and it moves back, while OrdersAdmin beside it stays where it is.
 * It runs on a stack of its own, and ends all of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDeployments, type Deployments, type StartedDeployment } from '../../client/deployments';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../temporal/configuration';
import { installAndRegister } from '../platform-server/install';
import type { Platform } from '../platform-server/publishing';
import { describePlatformZone } from '../platform-server/zone';
import { stackFolders } from '../stack/folders';
import { changeSettings } from '../stack/settings';
import { startStack, type Stack } from '../stack/stack';
import type { Allowed, AnsweredSpan, TrafficReport } from '../traffic/messages';
import { startTraffic, type Traffic } from '../traffic/traffic';
import { actsOf, application, installedVersion, modules, type Stage } from './acts';
import { runDeployment } from './deployment';
import type { Display } from '../../terminal/display';
import type { AnsweredBy, DemoReport, DeploymentReport } from './report';

export interface DemoOptions {
  readonly approve: 'ask' | 'auto';
  readonly display: Display;
  /** The stack's folder. Default: a temporary one, removed afterwards. */
  readonly folder?: string;
  readonly timeScale?: number;
  /** Whether a staging through LifeTime is its second part. Default: not. */
  readonly lifetime?: boolean;
  readonly signal: AbortSignal;
}

const ordersAdmin = { application: 'OrdersAdmin', modules: ['OrdersAdmin'] };
const requestsPerSecond = 120;

/**
 * Runs the demo, and ends everything that it started, whatever happens.
 * @throws {Error} of one sentence when it can't start
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'cutover-demo-')));
  let whole = false;
  try {
    const report = await demonstrate(folder, options);
    whole = true;
    return report;
  } finally {
    if (options.folder === undefined && whole) await rm(folder, { recursive: true, force: true });
    else if (!whole) options.display.say(`What was logged is in ${stackFolders(folder).logs}`);
  }
}

async function demonstrate(folder: string, options: DemoOptions): Promise<DemoReport> {
  const { display, timeScale = 1, signal } = options;
  await prepare(folder);
  const stack = await startStack({ folder, ports: 'auto', timeScale, say: display.say }, signal);
  try {
    const deployments = await connect(stack);
    try {
      const platform = await enterPlatform(folder, options);
      const target = { zone: stack.report().zone, application };
      const configureDeployments: Stage['configureDeployments'] = async (value) =>
        void (await changeSettings(stack.report().settings, [
          { path: ['applications', application, 'deployment'], value },
        ]));
      return await underTraffic(
        stack,
        { deployments, target, platform, say: display.say, configureDeployments },
        options,
      );
    } finally {
      await deployments.close();
    }
  } finally {
    display.say('Ending everything');
    await stack.close();
  }
}

/** Makes what there is before the first deployment: two applications on the Platform Server. */
async function prepare(folder: string): Promise<void> {
  await installAndRegister(folder, { application, modules, version: installedVersion });
  await installAndRegister(folder, { ...ordersAdmin, version: '1.0' });
}

async function connect(stack: Stack): Promise<Deployments> {
  const { temporal } = loadSettings(stack.report().settings);
  return await connectDeployments(await temporalConfiguration(temporal));
}

async function enterPlatform(folder: string, { display, signal }: DemoOptions): Promise<Platform> {
  const watch: Platform['watch'] = {
    began: () => undefined,
    ended: ({ step, outcome, seconds }) => display.say(`  Platform: ${step} ${outcome} after ${seconds} s`),
  };
  return { zone: await describePlatformZone(folder), watch, signal };
}

async function underTraffic(stack: Stack, stage: Stage, options: DemoOptions): Promise<DemoReport> {
  const { loadBalancer, loadBalancerNodes: nodes, temporal } = stack.report();
  const applications = [
    { name: application, modules },
    { name: ordersAdmin.application, modules: ordersAdmin.modules },
  ];
  const traffic = await startTraffic({ loadBalancer, nodes, applications, requestsPerSecond });
  const { display } = options;
  const links = [`Temporal ${temporal.ui ?? temporal.address}`, `load balancer ${loadBalancer}/Orders/`];
  display.say(`${links.join(', ')}: ${requestsPerSecond} requests a second from now on`);
  try {
    await traffic.expect(ordersAdmin.application, [{ servedBy: 'platform-server' }]);
    const done = await deployAll(stack, stage, traffic, options);
    return summary(done, await traffic.stop());
  } catch (error) {
    await traffic.stop().catch(() => undefined);
    throw error;
  }
}

/** Runs one act after the other. Between two of them only the newer release may answer. */
async function deployAll(
  stack: Stack,
  stage: Stage,
  traffic: Traffic,
  { display, approve, signal, lifetime = false }: DemoOptions,
): Promise<DeploymentReport[]> {
  const { aws } = stack.report();
  const done: DeploymentReport[] = [];
  let before: Allowed = { servedBy: 'platform-server', version: installedVersion };
  for (const act of actsOf(lifetime)) {
    await traffic.expect(application, [before, act.serves]);
    const report = await runDeployment({
      act,
      stage,
      approve,
      display,
      signal,
      requests: async () => await traffic.report(),
      awsCalls: async () => await countCalls(aws.control),
      link: (started) => linkTo(stack, started),
    });
    done.push(report);
    if (report.outcome !== 'completed') break;
    await traffic.expect(application, [act.serves]);
    before = act.serves;
  }
  return done;
}

async function countCalls(control: string): Promise<Readonly<Record<string, number>>> {
  return (await (await fetch(`${control}/calls`)).json()) as Record<string, number>;
}

/** A workflow ID has a slash in it, which the UI wants escaped. */
function linkTo(stack: Stack, { workflowId, runId }: StartedDeployment): string {
  const { ui, namespace, address } = stack.report().temporal;
  if (ui === undefined) return `${workflowId} at ${address}`;
  return `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/timeline`;
}

function summary(deployments: readonly DeploymentReport[], traffic: TrafficReport): DemoReport {
  const { sent, failed } = traffic;
  const failures = traffic.failures.map(
    ({ at, kind, url, status, received }) =>
      `${new Date(at).toISOString()} ${kind} ${url} ${status ?? ''} ${received.trim().slice(0, 100)}`,
  );
  return { deployments, requests: { sent, failed }, answeredBy: answeredBy(traffic.answered), failures };
}

/** Joins the spans of an application's modules. */
function answeredBy(spans: readonly AnsweredSpan[]): AnsweredBy[] {
  const found = new Map<string, AnsweredBy>();
  for (const { application, servedBy, version, firstAt, lastAt, count } of spans) {
    const who = `${servedBy} ${version}`;
    const before = found.get(`${application} ${who}`) ?? { first: firstAt, last: lastAt, answers: 0 };
    const [first, last] = [Math.min(before.first, firstAt), Math.max(before.last, lastAt)];
    found.set(`${application} ${who}`, { application, who, first, last, answers: before.answers + count });
  }
  return [...found.values()].toSorted(
    (one, other) => one.application.localeCompare(other.application) || one.first - other.first,
  );
}
