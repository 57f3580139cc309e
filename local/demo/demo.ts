/**
 * The demo: under steady traffic the application Orders moves from the Platform Server to containers, gets its next versions
 * there, a new configuration and an undo, and moves back, while OrdersAdmin beside it stays where it is. It runs on a stack of
 * its own, and ends all of it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDeployments, type Deployments, type StartedDeployment } from '../../client/deployments';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../worker/temporal';
import { buildImage } from '../images/build';
import { installAndRegister } from '../platform-server/install';
import { writeBundle } from '../sample/bundle';
import { stackFolders } from '../stack/folders';
import { startStack, type Stack } from '../stack/stack';
import type { Strategy } from '../../workflows/messages';
import type { AnsweredSpan, TrafficReport } from '../traffic/messages';
import { startTraffic, type Traffic } from '../traffic/traffic';
import { runDeployment } from './deployment';
import type { Display } from './display';
import type { AnsweredBy, DemoReport, DeploymentReport } from './report';

export interface DemoOptions {
  readonly approve: 'ask' | 'auto';
  readonly display: Display;
  /** Default: one of its own, that is gone afterwards. */
  readonly folder?: string;
  readonly timeScale?: number;
  readonly signal: AbortSignal;
}

interface Release {
  readonly version: string;
  readonly servedBy: 'platform-server' | 'container';
}

interface Act {
  readonly runbook: Strategy;
  readonly image?: string;
  readonly strategy?: 'rollingUpdate';
  readonly serves: Release;
}

const orders = { application: 'Orders', modules: ['Orders', 'OrdersAPI', 'OrdersCore'] };
const ordersAdmin = { application: 'OrdersAdmin', modules: ['OrdersAdmin'] };
const installed: Release = { version: '1.4.1', servedBy: 'platform-server' };
const inContainers = (version: string): Release => ({ version, servedBy: 'container' });

/** What is done, one after the other, and who answers once it is done. */
const acts: readonly Act[] = [
  { runbook: 'blueGreen', image: 'orders:1.4.2', serves: inContainers('1.4.2') },
  { runbook: 'blueGreen', image: 'orders:1.5.0', serves: inContainers('1.5.0') },
  { runbook: 'rollingUpdate', image: 'orders:1.5.1', serves: inContainers('1.5.1') },
  { runbook: 'updateConfiguration', strategy: 'rollingUpdate', serves: inContainers('1.5.1') },
  { runbook: 'undo', strategy: 'rollingUpdate', serves: inContainers('1.5.1') },
  { runbook: 'removeApplication', serves: installed },
];
const images = acts.flatMap(({ image }) => image ?? []);
const requestsPerSecond = 120;

/** How many deployments there are to be completed. */
export const wantedDeployments = acts.length;

/** Ends everything that it started, whatever happens. Throws an error of one sentence when it can't even start. */
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
  await prepare(folder, display);
  const stack = await startStack({ folder, ports: 'auto', timeScale, say: display.say }, signal);
  try {
    const deployments = await connect(stack);
    try {
      return await underTraffic(stack, deployments, options);
    } finally {
      await deployments.close();
    }
  } finally {
    display.say('Ending everything');
    await stack.close();
  }
}

/** What is there before the first deployment: two applications on the Platform Server, and the images to deploy. */
async function prepare(folder: string, display: Display): Promise<void> {
  await installAndRegister(folder, { ...orders, version: installed.version });
  await installAndRegister(folder, { ...ordersAdmin, version: '1.0' });
  for (const image of images) {
    const version = image.replace('orders:', '');
    const bundle = join(folder, 'bundles', `orders-${version}.zip`);
    await writeBundle({ ...orders, version, startSeconds: 1 }, bundle);
    const { repository, tag } = await buildImage(stackFolders(folder).images, bundle, image);
    display.say(`Built ${repository}:${tag}`);
  }
}

async function connect(stack: Stack): Promise<Deployments> {
  const { temporal } = loadSettings(stack.report().settings);
  return await connectDeployments(temporalConfiguration(temporal));
}

async function underTraffic(stack: Stack, deployments: Deployments, options: DemoOptions): Promise<DemoReport> {
  const { loadBalancer, temporal } = stack.report();
  const applications = [orders, ordersAdmin].map(({ application, modules }) => ({ name: application, modules }));
  const traffic = await startTraffic({ loadBalancer, applications, requestsPerSecond });
  const { display } = options;
  const links = [`Temporal ${temporal.ui ?? temporal.address}`, `load balancer ${loadBalancer}/Orders/`];
  display.say(`${links.join(', ')}: ${requestsPerSecond} requests a second from now on`);
  try {
    await traffic.expect(ordersAdmin.application, [{ servedBy: 'platform-server' }]);
    const done = await deployAll(stack, deployments, traffic, options);
    return summary(done, await traffic.stop());
  } catch (error) {
    await traffic.stop().catch(() => undefined);
    throw error;
  }
}

/** One act after the other; between two of them only the newer release may answer. */
async function deployAll(
  stack: Stack,
  deployments: Deployments,
  traffic: Traffic,
  { display, approve, signal }: DemoOptions,
): Promise<DeploymentReport[]> {
  const { zone, aws } = stack.report();
  const target = { zone, application: orders.application };
  const done: DeploymentReport[] = [];
  let before = installed;
  for (const { runbook, image, strategy, serves } of acts) {
    await traffic.expect(orders.application, [before, serves]);
    if (runbook === 'updateConfiguration') await writeConfiguration(stack);
    const report = await runDeployment({
      deployments,
      target,
      runbook,
      ...(image !== undefined && { image }),
      ...(strategy !== undefined && { strategy }),
      approve,
      display,
      signal,
      requests: async () => await traffic.report(),
      awsCalls: async () => await countCalls(aws.control),
      link: (started) => linkTo(stack, started),
    });
    done.push(report);
    if (report.outcome !== 'completed') break;
    await traffic.expect(orders.application, [serves]);
    before = serves;
  }
  return done;
}

/** As the platform writes it when an operator changes a setting of the application. */
async function writeConfiguration(stack: Stack): Promise<void> {
  const { applications, zones } = loadSettings(stack.report().settings);
  const folder = zones['local']?.configuration?.folder;
  const key = applications[orders.application]?.key;
  if (folder === undefined || key === undefined) throw new Error('The stack has no folder for configurations.');
  await mkdir(join(folder, key), { recursive: true });
  const setting = '<add key="Greeting" value="Welcome back"/>';
  await writeFile(
    join(folder, key, 'App.config'),
    `<configuration><appSettings>${setting}</appSettings></configuration>\n`,
  );
}

async function countCalls(control: string): Promise<Readonly<Record<string, number>>> {
  return (await (await fetch(`${control}/calls`)).json()) as Record<string, number>;
}

/** An ID has a slash in it, which the UI wants escaped. */
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

/** An application's modules taken together. */
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
