/**
 * Random walks: people and mishaps do anything at any time, against a model that knows who may serve what. Each walk begins on the
 * Platform Server and ends there, after a removal; walks go side by side in two zones of one stack, so that one's kills and faults are
 * the others' too. A walk that fails is made smaller, and printed as a script for walks/saved, whose scripts are walked first, and one of which has a step of every kind.
 *
 * `npm run chaos -- walks` takes WALK_STEPS steps (default 400), in walks of 20 at most; CHAOS_SEED repeats its draws.
 */
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSeed } from '../../drawn';
import { startOwnStack, type OwnStack } from './own-stack';
import { anyStep, commandOf, type Step } from './walks/steps';
import { finish, newModel, type Walker } from './walks/walker';

const wanted = Number(process.env['WALK_STEPS'] ?? 400);
const atOnce = 4;
const saved = join(__dirname, 'walks', 'saved');

let own: OwnStack;
const zones: string[] = [];
beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
  const other = await own.living.addZone('walks', (zone) => ({
    ...zone,
    address: 'http://127.0.0.1:9001',
    priorities: { from: 2_000, to: 2_999 },
  }));
  zones.push(own.living.stack().zone, other);
}, 300_000);
afterAll(() => own.close());

let walks = 0;
const taken: Step[] = [];

/** On an application of its own; in the end whatever it left is brought to its end, and removed. */
async function walk(commands: Iterable<fc.AsyncCommand<ReturnType<typeof newModel>, Walker>>): Promise<void> {
  const { living } = own;
  const name = `Walk${++walks}`;
  const entrance = { loadBalancer: living.stack().loadBalancer, requestsPerSecond: 15 };
  const application = await living.liveApplication(name, [name, `${name}API`], zones[walks % zones.length], entrance);
  const walker = { living, application };
  const model = newModel();
  try {
    await fc.asyncModelRun(() => ({ model, real: walker }), commands);
    await finish(walker, model, [true]);
    for (const step of [{ do: 'remove' }, { do: 'finish', coins: [true] }] as const) {
      const last = commandOf(step, []);
      if (last.check(model)) await last.run(model, walker);
    }
  } finally {
    await application.judged();
  }
}

const scripts = readdirSync(saved).filter((file) => file.endsWith('.json'));

test.each(scripts)('the script %s', async (file) => {
  const steps = JSON.parse(readFileSync(join(saved, file), 'utf8')) as Step[];
  await walk(steps.map((step) => commandOf(step, taken)));
});

test(
  `${wanted} steps of random walks with seed ${drawSeed}: users get what may serve, and lose no request`,
  async () => {
    const lane = async (seed: number): Promise<void> => {
      for (let number = 0; taken.length < wanted; number += 1) {
        const commands = fc.commands([anyStep.map((step) => commandOf(step, taken))], { maxCommands: 20, size: 'max' });
        const options = { seed: seed + number, numRuns: 1, interruptAfterTimeLimit: 900_000 };
        await fc.assert(fc.asyncProperty(commands, walk), options);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, async (_, at) => await lane(drawSeed + at * 10_000)));
    process.stdout.write(`${taken.length} steps in ${walks} walks\n`);
  },
  5 * 3_600_000,
);
