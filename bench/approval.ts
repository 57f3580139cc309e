/**
 * How soon an approval moves users, and what a deployment costs beside what it waits for: blue-green deployments of three modules
 * under a user's requests, one after the other, on a stack of its own whose load balancer takes changes at once.
 * `node lib/bench/approval.js [--deployments N]`; prints JSON, with the machine's load, and fails above the limits.
 *
 * The fixed cost is all but the start of tasks, their health checks, settle, bake and the deregistration delay.
 */
import { Agent, get } from 'node:http';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { commandSignals } from '../contract/commands';
import type { DeploymentOutcome } from '../contract/status';
import { at, reported } from './figures';
import { application, modules, target, withOneApplication, type OneApplication } from './one-application';

const limits = { medianMs: 120, p99Ms: 250, fixedSeconds: 2 };
const timeScale = 10;
/** What a deployment waits for, in seconds of real time. */
const [settle, bake, drain] = [0.5, 0.5, 5 / timeScale];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { deployments: { type: 'string', default: '25' } } });
  const conditions = { timeScale, longestRequestMs: 500 };
  const figures = await withOneApplication(
    conditions,
    async (ground) => await measure(ground, Number(values.deployments)),
  );
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  const { approvalMs, fixedSeconds } = figures;
  const isSlow = approvalMs.median > limits.medianMs || approvalMs.p99 > limits.p99Ms;
  if (isSlow || fixedSeconds.all > limits.fixedSeconds) process.exitCode = 1;
}

async function measure({ stack, deployments, client, image, until }: OneApplication, count: number) {
  const { loadBalancer, aws } = stack.report();
  const body = JSON.stringify({ kind: 'propagation', batchSeconds: 0, jitterSeconds: 0 });
  await fetch(`${aws.control}/faults`, { method: 'POST', body });
  const user = startUser(`${loadBalancer}/${application}/`);
  try {
    const approvals: number[] = [];
    const outcomes: DeploymentOutcome[] = [];
    /** So many needed no longer look. */
    let atOnce = 0;
    // The first is from the Platform Server, and its worker has done nothing before.
    for (let number = 0; number <= count; number++) {
      const version = `2.${number}`;
      const options = { approval: 'afterVerify', settle: `${settle}s`, bake: `${bake}s` } as const;
      const started = await deployments.start(target, 'blueGreen', { image: await image(version), ...options });
      await until(({ commands }) => commands.includes('approve'));
      // People take their time; whatever watches green meanwhile has begun.
      await sleep(1_500);
      const seen = user.sees(version);
      const signalled = performance.now();
      await client.workflow.getHandle(started.workflowId).signal(commandSignals.approve, { by: 'bench' });
      const tookMs = (await seen) - signalled;
      const ending = await deployments.ended(started);
      if (!('result' in ending) || ending.result.outcome !== 'completed') throw new Error(JSON.stringify(ending));
      if (number === 0) continue;
      const { events } = await client.workflow.getHandle(started.workflowId).fetchHistory();
      const names = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
      if (!names.includes('confirmGreen')) atOnce += 1;
      approvals.push(Math.round(tookMs));
      outcomes.push(ending.result);
    }
    return {
      deployments: count,
      modules: modules.length,
      atOnce,
      load: loadavg().map((load) => Math.round(load * 10) / 10),
      approvalMs: { median: at(approvals, 0.5), p99: at(approvals, 0.99), least: at(approvals, 0) },
      fixedSeconds: fixedCost(outcomes),
      limits,
    };
  } finally {
    await user.stop();
  }
}

/** The middle of each phase without what it waits for, and of their sum. */
function fixedCost(outcomes: readonly DeploymentOutcome[]) {
  const waits: Readonly<Record<string, number>> = { settle, bake, retire: drain };
  const counted = ['plan', 'prepare', 'verify', 'shift', 'settle', 'bake', 'retire', 'cleanUp'] as const;
  const over = (phase: (typeof counted)[number]) => (one: DeploymentOutcome) =>
    (one.phases[phase] ?? 0) - (waits[phase] ?? 0);
  const middle = (values: readonly number[]) => Math.round(at(values, 0.5) * 100) / 100;
  const byPhase = Object.fromEntries(counted.map((phase) => [phase, middle(outcomes.map(over(phase)))]));
  const sums = outcomes.map((one) => counted.reduce((sum, phase) => sum + over(phase)(one), 0));
  return { all: middle(sums), ...byPhase };
}

/** Somebody who asks, again and again, on one connection. */
function startUser(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const waiting: { readonly version: string; readonly seen: (at: number) => void }[] = [];
  let isOver = false;
  const ask = async () =>
    await new Promise<string>((resolve, reject) => {
      const request = get(url, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve(text));
      });
      request.on('error', reject);
    });
  const asking = (async () => {
    while (!isOver) {
      const text = await ask();
      const now = performance.now();
      for (const one of waiting) if (text.includes(`"${one.version}"`)) one.seen(now);
      await sleep(2);
    }
    agent.destroy();
  })();
  return {
    /** When this version first answered. */
    sees: async (version: string) => await new Promise<number>((seen) => waiting.push({ version, seen })),
    stop: async () => {
      isOver = true;
      await asking;
    },
  };
}

reported(main);
