/**
 * One change of an application, in every way that its users could do it: how soon the first user has it, how soon all have it, and how
 * many requests it lost. `node lib/bench/comparison/index.js [--sizes 2x1,8x1] [--time-scale 10] [--rates 20]`, a size being replicas
 * and modules; a JSON line for each, and it fails where cutover loses a request. Times are seconds of AWS: what the stack takes
 * times how much faster than AWS it is, so cutover's own work, which isn't faster, counts so many times more than it would.
 *
 * Every way has an application of its own, under the same traffic, one after the other, on one stack.
 */
import { DescribeServicesCommand, paginateListServices, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClients } from '../../activities/aws/client/clients';
import { connectDeployments } from '../../client/deployments';
import { installAndRegister } from '../../local/platform-server/install';
import { awsEnvironment, temporalEnvironment } from '../../local/stack/environment';
import { changeSettings } from '../../local/stack/settings';
import { startStack, type Stack } from '../../local/stack/stack';
import { startTraffic, type TrafficReport } from '../../local/traffic/traffic';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../temporal/configuration';
import { programOf, ways, type Change, type Way } from './ways';
import { reported } from '../figures';
import { buildRelease } from '../own-stack';

interface Size {
  readonly replicas: number;
  readonly modules: number;
}

interface Measured extends Size {
  readonly way: string;
  /** Seconds from the beginning to the first answer of the new version, to the last one of the old, and to the word that it is done. */
  readonly firstS: number;
  readonly allS: number;
  readonly doneS: number;
  /** By how much later than by hand all users have it. Nothing by hand. */
  readonly overFloorS?: number;
  readonly sent: number;
  readonly lost: number;
}

/** `8x20`: 8 replicas, 20 modules. */
function sizeOf(text: string): Size {
  const [replicas = NaN, modules = NaN] = text.split('x').map(Number);
  if (!(replicas > 0 && modules > 0))
    throw new Error(`--sizes has "${text}"; a size is REPLICASxMODULES, such as 8x20.`);
  return { replicas, modules };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '2x1,8x1,32x1,2x20,2x60' },
      'time-scale': { type: 'string', default: '10' },
      rates: { type: 'string', default: '20' },
    },
  });
  const timeScale = Number(values['time-scale']);
  const folder = await mkdtemp(join(tmpdir(), 'bench-comparison-'));
  const stack = await startStack({ folder, ports: 'auto', timeScale, rates: Number(values.rates) });
  try {
    const sizes = values.sizes.split(',').map(sizeOf);
    for (const [at, size] of sizes.entries()) {
      let floor: Measured | undefined;
      for (const [number, [name, way]] of Object.entries(ways).entries()) {
        if (!isThere(programOf[name])) continue;
        const application = `Way${number}Of${at}`;
        const measured = await measure({ stack, folder, timeScale, application, size, name, way });
        const compared = floor === undefined ? measured : { ...measured, overFloorS: measured.allS - floor.allS };
        floor ??= measured;
        process.stdout.write(`${JSON.stringify(compared)}\n`);
        if (name.startsWith('cutover') && measured.lost > 0) process.exitCode = 1;
        await stopServices(stack, application);
      }
    }
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What served one way's users takes nothing from the next one's. */
async function stopServices(stack: Stack, application: string): Promise<void> {
  const { aws } = stack.report();
  const { cluster } = aws;
  const { ecs } = createClients(aws.region, { endpoint: aws.endpoint, credentials: aws });
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs }, { cluster })) {
    const own = serviceArns.filter((arn) => arn.includes(`/${application}-`));
    if (own.length === 0) continue;
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: own }));
    // AWS refuses to change one whose target group no rule leads to any more, and that has no replicas.
    for (const { serviceName: service, desiredCount = 0 } of services)
      if (desiredCount > 0) await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: 0 }));
  }
}

function isThere(program: string | undefined): boolean {
  if (program === undefined) return true;
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`\n*** NOT MEASURED: ${program} is not on PATH. ***\n\n`);
    return false;
  }
}

interface Asked {
  readonly stack: Stack;
  readonly folder: string;
  readonly timeScale: number;
  readonly application: string;
  readonly size: Size;
  readonly name: string;
  readonly way: Way;
}

/** The application moves into containers by cutover; what is measured is its next version. */
async function measure({ stack, folder, timeScale, application, size, name, way }: Asked): Promise<Measured> {
  const running = stack.report();
  const { zone, settings, aws, loadBalancer, loadBalancerNodes } = running;
  const modules = Array.from({ length: size.modules }, (_, at) => `${application}M${at}`);
  await installAndRegister(folder, { application, modules, version: '1.0' });
  await changeSettings(settings, [{ path: ['applications', application, 'desiredCount'], value: size.replicas }]);
  const deployments = await connectDeployments(await temporalConfiguration(loadSettings(settings).temporal));
  const traffic = await startTraffic({
    loadBalancer,
    ...(loadBalancerNodes && { nodes: loadBalancerNodes }),
    applications: [{ name: application, modules }],
    requestsPerSecond: 100,
    streamMs: 500,
  });
  try {
    const image = async (version: string) => await buildRelease(folder, { application, modules, version });
    const change: Omit<Change, 'image'> = {
      zone,
      application,
      cluster: aws.cluster,
      listener: loadSettings(settings).zones[zone]?.listener ?? '',
      aws: createClients(aws.region, { endpoint: aws.endpoint, credentials: aws }),
      deployments,
      environment: { ...awsEnvironment(running), ...temporalEnvironment(running), AWS_DEFAULT_REGION: aws.region },
    };
    await ways['cutover, blue-green']?.({ ...change, image: await image('2.0') });
    const before = await traffic.report();
    const next = { ...change, image: await image('3.0') };
    const began = Date.now();
    await way(next);
    const done = Date.now();
    const report = await untilAllHave(traffic.report, '3.0', modules);
    const { sent, failed } = report.byApplication[application] ?? { sent: NaN, failed: NaN };
    const was = before.byApplication[application] ?? { sent: 0, failed: 0 };
    const seconds = (at: number) => Math.round(((at - began) / 1_000) * timeScale);
    return {
      way: name,
      ...size,
      firstS: seconds(Math.min(...spans(report, '3.0').map(({ firstAt }) => firstAt))),
      allS: seconds(Math.max(...spans(report, '2.0').map(({ lastAt }) => lastAt))),
      doneS: seconds(done),
      sent: sent - was.sent,
      lost: failed - was.failed,
    };
  } finally {
    await traffic.stop();
    await deployments.close();
  }
}

const spans = ({ answered }: TrafficReport, version: string) => answered.filter((span) => span.version === version);

/** Until each module has answered from this version, and none from another for a while: old streams end, and replicas drain. */
async function untilAllHave(
  report: () => Promise<TrafficReport>,
  version: string,
  modules: readonly string[],
): Promise<TrafficReport> {
  for (;;) {
    const now = await report();
    const last = Math.max(...spans(now, '2.0').map(({ lastAt }) => lastAt));
    if (new Set(spans(now, version).map(({ module }) => module)).size === modules.length && Date.now() - last > 2_000)
      return now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

reported(main);
