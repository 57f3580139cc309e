/**
 * Random walks: people and mishaps do anything at any time, against a model that knows who may serve what. Each walk begins on the
 * Platform Server and ends there, after a removal; walks go side by side in two zones of one stack, so that one's kills and faults are
 * the others' too. A walk that fails is made smaller, and printed as a script for walks/saved. Its scripts are walked beside the
 * others; one has a step of every kind.
 *
 * `npm run chaos -- walks` takes 20,000 steps in walks of 150 at most, and goes on where it was stopped, as long as the sources are
 * the same. WALK_STEPS takes so many, whatever was taken before; CHAOS_SEED repeats its draws.
 */
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { drawSeed } from '../../drawn';
import { addKnown, knownFile, readKnown } from './known';
import type { OwnStack } from './own-stack';
import { anyStep, commandOf, type Step } from './walks/steps';
import { modulesOf, newModel, platformModules, type Walker } from './walks/model';
import { answered } from './walks/patience';
import { finish } from './walks/walker';
import { startWithWorkers, type Workers } from './walks/workers';

const file = knownFile('walks');
/** With 0 the saved scripts alone; the walks that have begun go on to their ends. */
const wanted = Number(process.env['WALK_STEPS'] ?? Math.max(0, 20_000 - stepsKnown(file)));
const atOnce = Number(process.env['WALKS_AT_ONCE'] ?? 10);
const saved = join(__dirname, 'walks', 'saved');

/** A walk that came to its end. */
interface Walked {
  readonly seed: number;
  readonly steps: number;
}

function stepsKnown(known: string): number {
  const walked = readKnown<Walked>(known, ({ seed }) => String(seed));
  return walked.reduce((sum, { steps }) => sum + steps, 0);
}

let own: OwnStack;
let workers: Workers;
const zones: string[] = [];
beforeAll(async () => {
  [own, workers] = await startWithWorkers({ timeScale: 20, failedStarts: 0 });
  const other = await own.living.addZone('walks', (zone) => ({
    ...zone,
    address: 'http://127.0.0.1:9001',
    priorities: { from: 2_000, to: 2_999 },
  }));
  zones.push(own.living.stack().zone, other);
}, 300_000);
afterAll(async () => {
  await workers.close();
  await own.close();
  process.stdout.write(`${JSON.stringify(Object.fromEntries(outcomes))}\n`);
});

let walks = 0;
const outcomes = new Map<string, number>();
const tally = (what: string) => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1);

/** On an application of its own; in the end whatever it left is brought to its end, and removed. */
async function walk(commands: Iterable<fc.AsyncCommand<ReturnType<typeof newModel>, Walker>>): Promise<void> {
  const { living, propagationMs } = own;
  // None begins as another does: faults find it by its name.
  const name = `Walk${String(++walks).padStart(4, '0')}`;
  const model = newModel(name);
  const entrance = { loadBalancer: living.stack().loadBalancer, requestsPerSecond: 6 };
  const modules = modulesOf(model, platformModules);
  const application = await answered(
    async () => await living.liveApplication(name, modules, zones[walks % zones.length], entrance),
  );
  const { startAnswers } = await import('../e2e/gated.js');
  const answers = await startAnswers();
  const walker: Walker = { living, workers, answers, application, propagationMs, tally, log: [] };
  try {
    await fc.asyncModelRun(() => ({ model, real: walker }), commands);
    await finish(walker, model, [true]);
    for (const step of [{ do: 'remove' }, { do: 'finish', coins: [true] }] as const) {
      const last = commandOf(step, []);
      if (last.check(model)) await last.run(model, walker);
    }
  } catch (error) {
    process.stdout.write(`${walker.log.join('\n')}\n${inspect(error)}\n`);
    throw error;
  } finally {
    answers.close();
    await application.judged();
  }
}

const scripts = readdirSync(saved).filter((file) => file.endsWith('.json'));

test.concurrent.each(scripts)(
  'the script %s',
  async (file) => {
    const steps = JSON.parse(readFileSync(join(saved, file), 'utf8')) as Step[];
    await walk(steps.map((step) => commandOf(step, [])));
  },
  900_000,
);

(wanted > 0 ? test.concurrent : test.skip)(
  `${wanted} steps of random walks with seed ${drawSeed}: users get what may serve, and lose no request`,
  async () => {
    const began = performance.now();
    let [steps, walked] = [0, 0];
    const lane = async (first: number): Promise<void> => {
      for (let seed = first; steps < wanted; seed += 1) {
        const taken: Step[] = [];
        const commands = fc.commands([anyStep.map((step) => commandOf(step, taken))], {
          maxCommands: 150,
          size: 'max',
        });
        const options = { seed, numRuns: 1, interruptAfterTimeLimit: 900_000 };
        await fc.assert(fc.asyncProperty(commands, walk), options);
        addKnown(file, { seed, steps: taken.length } satisfies Walked);
        [steps, walked] = [steps + taken.length, walked + 1];
        if (walked % 10 === 0) process.stdout.write(`${steps} steps, ${walked} walks\n`);
      }
    };
    // A walk takes some forty.
    const many = Math.min(atOnce, Math.ceil(wanted / 40));
    // All of them, whatever becomes of one: what it is made smaller by needs the stack.
    const lanes = await Promise.allSettled(Array.from({ length: many }, (_, at) => lane(drawSeed + at * 10_000)));
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stdout.write(`${steps} steps in ${seconds} s, and ${walked} walks (known in ${file})\n`);
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  },
  5 * 3_600_000,
);
