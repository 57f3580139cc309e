/**
 * Deployments that are all started at once and run to their end, beside the rates that AWS publishes: moves into containers, of which
 * each load balancer takes 40 (100 rules are its limit, and each needs a live and a test rule), on one worker. Users ask all of them
 * meanwhile. `node lib/bench/many/to-the-end.js [--deployments 200]`; prints JSON, and fails where one doesn't complete or a request
 * is lost. Seconds are the machine's; the stack, and AWS's rates with it, are three times as fast as AWS, and cutover takes half of
 * AWS's own: changes of a load balancer are what all wait for.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { createClients } from '../../activities/aws/client/clients';
import { changeSettings } from '../../local/stack/settings';
import { zoneName } from '../../local/stack/zone';
import { startTraffic, type Traffic } from '../../local/traffic/traffic';
import { chooseFreePorts, makeFolder } from '../../packages/local-aws/src/index';
import { at, inTenths, reported } from '../figures';
import { eachOf } from '../temporal/rig';
import { residentMiB, startsAtOnce, withApplications, type ManyApplications } from './applications';
import { createLoadBalancer, untilHealthy } from './load-balancer';

const timeScale = 3;
const ofEach = 40;

interface Zone {
  readonly zone: string;
  readonly loadBalancer: string;
  readonly node: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { deployments: { type: 'string', default: '200' } } });
  const count = Number(values.deployments);
  const names = Array.from({ length: count }, (_, number) => `Factory${number}`);
  await withApplications(names, { timeScale }, async (ground) => {
    const zones = await zonesFor(ground, Math.ceil(count / ofEach));
    const users = await Promise.all(zones.map(async (zone, number) => await ask(ground, zone, namesOf(names, number))));
    const figures = await deployAll(ground, zones, names);
    const reports = await Promise.all(users.map(async (traffic) => await traffic.stop()));
    const requests = reports.reduce((sum, { sent }) => sum + sent, 0);
    const lost = reports.flatMap(({ failures }) => failures);
    process.stdout.write(`${JSON.stringify({ ...figures, requests, lost: lost.length })}\n`);
    if (lost[0] !== undefined) process.stderr.write(`${JSON.stringify(lost[0])}\n`);
    if (lost.length > 0 || figures.completed < count) process.exitCode = 1;
  });
}

const namesOf = (names: readonly string[], zone: number) => names.slice(zone * ofEach, (zone + 1) * ofEach);

/** The stack's own zone and others like it, one replica an application. */
async function zonesFor({ stack }: ManyApplications, count: number): Promise<Zone[]> {
  const report = stack.report();
  const { settings, aws, loadBalancerNodes } = report;
  // Checks every five seconds of two hundred groups, by each node, are more than two cores are for.
  const healthCheck = { interval: '15s', timeout: '2s' };
  await changeSettings(settings, [
    { path: ['zones', report.zone, 'desiredCount'], value: 1 },
    { path: ['zones', report.zone, 'targetGroup', 'healthCheck'], value: healthCheck },
  ]);
  const { zones } = parse(await readFile(settings, 'utf8')) as { zones: Record<string, object> };
  const own = zones[report.zone] ?? {};
  const { elb } = createClients(aws.region, { endpoint: aws.endpoint, credentials: aws });
  const all: Zone[] = [{ zone: report.zone, loadBalancer: report.loadBalancer, node: loadBalancerNodes.name }];
  const folder = join(dirname(settings), 'further');
  await makeFolder(folder);
  while (all.length < count) {
    const zone = `further${all.length}`;
    const free = await chooseFreePorts(folder, [`${zone}-live`, `${zone}-test`]);
    const ports = [free[`${zone}-live`] ?? 0, free[`${zone}-test`] ?? 0] as const;
    // The worker's policies are for load balancers that are named like the stack's own.
    const name = `${zoneName}-${all.length}`;
    const made = await createLoadBalancer({ elb, name, like: aws.listenerArn, ports });
    await untilHealthy(elb, made.platformServer);
    const loadBalancer = `http://127.0.0.1:${made.live.port}`;
    const value = {
      ...own,
      address: loadBalancer,
      listener: made.live.arn,
      testListener: made.test.arn,
    };
    await changeSettings(settings, [{ path: ['zones', zone], value }]);
    all.push({ zone, loadBalancer, node: made.name });
  }
  return all;
}

/** Users of all applications of a zone, who may get either version. */
async function ask({ stack }: ManyApplications, zone: Zone, names: readonly string[]): Promise<Traffic> {
  const { loadBalancerNodes } = stack.report();
  const traffic = await startTraffic({
    loadBalancer: zone.loadBalancer,
    nodes: { ...loadBalancerNodes, name: zone.node },
    applications: names.map((name) => ({ name, modules: [name] })),
    requestsPerSecond: 10,
    streamMs: 500,
    // Of two hundred applications two streams each, all the time, would be what is measured.
    streamEveryMs: 10_000,
  });
  const allowed = [
    { servedBy: 'platform-server', version: '1.0' },
    { servedBy: 'container', version: '2.0' },
  ] as const;
  for (const name of names) await traffic.expect(name, [...allowed]);
  return traffic;
}

async function deployAll(
  { stack, deployments, client, imageOf }: ManyApplications,
  zones: readonly Zone[],
  names: readonly string[],
) {
  const began = performance.now();
  const sinceStart = () => inTenths(performance.now() - began);
  const endedS: number[] = [];
  const outcomes: string[] = [];
  let workerMiB = 0;
  const { worker } = stack.report().processes;
  const measuring = setInterval(() => (workerMiB = Math.max(workerMiB, residentMiB(worker?.pid))), 1_000);
  const ending: Promise<void>[] = [];
  await eachOf(names.length, startsAtOnce, async (number) => {
    const application = names[number] ?? '';
    const { zone = '' } = zones[Math.floor(number / ofEach)] ?? {};
    const image = imageOf(application);
    const started = await deployments.start({ zone, application }, 'blueGreen', {
      image,
      approval: 'none',
      bake: '5s',
      // What holds is to count as not completed, and not to keep the others waiting for a day.
      holdTimeout: '5m',
    });
    const ended = async () => {
      const { outcome } = (await client.workflow.getHandle(started.workflowId, started.runId).result()) as {
        outcome: string;
      };
      outcomes.push(outcome);
      endedS.push(sinceStart());
    };
    ending.push(ended().catch((error: unknown) => void outcomes.push(String(error))));
  });
  const startedS = sinceStart();
  await Promise.all(ending);
  clearInterval(measuring);
  return {
    deployments: names.length,
    zones: zones.length,
    startedS,
    firstEndedS: at(endedS, 0),
    medianEndedS: at(endedS, 0.5),
    lastEndedS: at(endedS, 1),
    completed: outcomes.filter((outcome) => outcome === 'completed').length,
    others: [...new Set(outcomes.filter((outcome) => outcome !== 'completed'))].join(', '),
    workerMiB,
    workerRestarted: stack.report().processes.worker?.pid !== worker?.pid,
  };
}

reported(main);
