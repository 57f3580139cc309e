/**
 * How soon a call of the platform changes something on AWS: from a ContainerRun whose build is done to the first write about its
 * application, and to what the platform reads. `node lib/bench/first-write.js [--calls N]`; prints JSON. Three modules, on a stack that
 * answers as often as it is asked.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findApplication } from '../local/platform-server/applications';
import { callHook, hookSteps, type HookMethod } from '../local/platform-server/hook-calls';
import { describePlatformZone, type PlatformZone } from '../local/platform-server/zone';
import { writeBundle } from '../local/sample/bundle';
import { changeSettings } from '../local/stack/settings';
import { at, inTenths, reported } from './figures';
import { application, modules, target, withOneApplication, writesSince, type OneApplication } from './one-application';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { calls: { type: 'string', default: '10' } } });
  const figures = await withOneApplication({ timeScale: 10 }, async (ground) => {
    const { settings } = ground.stack.report();
    const deployment = { bake: '1s', removeAfter: '1s' };
    await changeSettings(settings, [{ path: ['applications', application, 'deployment'], value: deployment }]);
    const zone = await describePlatformZone(dirname(settings));
    const toWrite: number[] = [];
    const toAnswer: number[] = [];
    // The first is from the Platform Server, on a worker that has done nothing yet.
    for (let round = 0; round <= Number(values.calls); round += 1) {
      const { writeMs, answerMs } = await publish(ground, zone, `3.${round}`);
      if (round === 0) continue;
      toWrite.push(writeMs);
      toAnswer.push(answerMs);
    }
    const spread = (times: readonly number[]) => ({
      median: Math.round(at(times, 0.5)),
      most: Math.round(at(times, 1)),
    });
    return { calls: toWrite.length, firstWriteMs: spread(toWrite), answerS: inTenths(at(toAnswer, 0.5)) };
  });
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function publish(
  ground: OneApplication,
  zone: PlatformZone,
  version: string,
): Promise<{ readonly writeMs: number; readonly answerMs: number }> {
  const { key = '' } = (await findApplication(zone.folder, application)) ?? {};
  const operationId = randomUUID();
  const bundle = join(zone.folders.target, `${key}_${operationId}.zip`);
  await writeBundle({ application, version, modules: [...modules], startSeconds: 0 }, bundle);
  const call = async (method: HookMethod) =>
    await callHook(
      zone,
      { application, key, modules: [...modules], method, operationId },
      new AbortController().signal,
    );
  const answered = async (method: HookMethod) => {
    const file = join(zone.folders.result, `${key}_${operationId}${hookSteps[method].resultFile}`);
    while (!existsSync(file)) await sleep(20);
  };
  await call('ContainerBuild');
  await answered('ContainerBuild');
  const since = Date.now();
  await call('ContainerRun');
  let [first] = await writesSince(ground, since);
  for (; first === undefined; [first] = await writesSince(ground, since)) await sleep(20);
  await answered('ContainerRun');
  const answerMs = Date.now() - since;
  // The answer comes before blue is retired, which the next deployment of the application waits for.
  const { deployments } = ground;
  const deployment = await deployments.newest(target);
  if (deployment) await deployments.ended(deployment);
  return { writeMs: first.began - since, answerMs };
}

reported(main);
