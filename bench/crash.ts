/**
 * How soon a deployment goes on once its worker is killed. While green starts: until another process has the activity that waits for it.
 * While people decide, and in the bake, somebody gives a command within a second of its death: until its first write to AWS. The stack starts a
 * killed worker again at once. `node lib/bench/crash.js [--rounds N]`; prints a JSON line for each, and fails above the limits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { commandSignals, type CommandName } from '../contract/commands';
import { at, inTenths, reported } from './figures';
import { target, withOneApplication, writesSince, type OneApplication } from './one-application';

const limits = { medianS: 2, mostS: 5 };
const wait = 'waitForReplicas';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '6' } } });
  const times: Readonly<Record<string, number[]>> = { start: [], approve: [], bake: [] };
  await withOneApplication({ timeScale: 2, startSeconds: 8 }, async (ground) => {
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [phase, tookMs] of Object.entries(await playRound(ground, `2.${round}`))) times[phase]?.push(tookMs);
  });
  for (const [phase, took] of Object.entries(times)) {
    const figures = { phase, kills: took.length, medianS: inTenths(at(took, 0.5)), mostS: inTenths(at(took, 1)) };
    process.stdout.write(`${JSON.stringify({ ...figures, limits })}\n`);
    if (figures.medianS > limits.medianS || figures.mostS > limits.mostS) process.exitCode = 1;
  }
}

/** One deployment, in which the worker is killed three times. @returns milliseconds */
async function playRound(ground: OneApplication, version: string): Promise<Record<string, number>> {
  const { deployments, client, image, until } = ground;
  const options = { image: await image(version), approval: 'afterVerify', bake: '1h', settle: '0s' } as const;
  const started = await deployments.start(target, 'blueGreen', options);
  const { workflowId } = started;
  const waiting = async () => {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.find(({ activityType, lastWorkerIdentity }) =>
      activityType?.name === wait ? lastWorkerIdentity : undefined,
    );
  };
  let before = await waiting();
  for (; before === undefined; before = await waiting()) await sleep(50);
  const start = await killed(ground, async () => {
    for (let now = await waiting(); now?.attempt === before?.attempt; now = await waiting()) await sleep(20);
  });
  const commanded = async (command: CommandName) =>
    await killed(ground, async (since) => {
      await sleep(Math.random() * 1_000);
      await client.workflow.getHandle(workflowId).signal(commandSignals[command], { by: 'bench' });
      while ((await writesSince(ground, since)).length === 0) await sleep(20);
    });
  await until(({ commands }) => commands.includes('approve'));
  const approve = await commanded('approve');
  await until(({ commands }) => commands.includes('promote'));
  const bake = await commanded('rollback');
  await deployments.ended(started);
  return { start, approve, bake };
}

/** @returns milliseconds until it has happened, from a kill somewhere between two signs of life */
async function killed({ stack }: OneApplication, happened: (since: number) => Promise<void>): Promise<number> {
  await sleep(Math.random() * 2_000);
  const since = Date.now();
  let { worker } = stack.report().processes;
  for (; worker === undefined; { worker } = stack.report().processes) await sleep(20);
  process.kill(worker.pid, 'SIGKILL');
  await happened(since);
  return Date.now() - since;
}

reported(main);
