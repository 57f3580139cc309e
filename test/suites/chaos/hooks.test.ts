/**
 * The listener and the worker are killed at once, in any phase of a publish: the platform reads one right answer, and no
 * request is lost. `npm test` draws one phase; CHAOS=all runs them all.
 */
import type * as Publishing from '../e2e/publishing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveApplication } from '../e2e/live-application';
import type { Phase } from '../../../contract/status';
import { drawSeed, sampleOf } from '../../drawn';
import { startOwnStack, type OwnStack } from './own-stack';

const struckIn = [
  'build',
  'plan',
  'prepare',
  'start',
  'verify',
  'shift',
  'settle',
  'bake',
  'retire',
  'cleanUp',
] as const;
type Struck = (typeof struckIn)[number];
const chosen = sampleOf(struckIn, 1);

let own: OwnStack | undefined;
let publishing: typeof Publishing;
let application: LiveApplication;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
  publishing = await import('../e2e/publishing.js');
  application = await own.living.liveApplication('Published', ['Published', 'PublishedAPI']);
  await publishing.setDeployment('Published', { bake: '3s' });
}, 300_000);
afterAll(() => own?.closeHealthy());

const container = (version: string) => ({ servedBy: 'container', version }) as const;
let live: { readonly servedBy: 'container' | 'platform-server'; readonly version: string } = {
  servedBy: 'platform-server',
  version: '1.0',
};

test.each(chosen)(
  `listener and worker killed in %s (seed ${drawSeed}): one answer, and nobody noticed`,
  async (phase) => {
    const version = `2.${struckIn.indexOf(phase)}`;
    await application.traffic.expect('Published', [live, container(version)]);
    const publish = await publishing.compiled('Published', version);
    await publish.call('ContainerBuild');
    if (phase === 'build') strike();
    expect(await publish.answer('.preparedone')).toBe('');
    const known = await newest();
    await untilListening();
    await publish.call('ContainerRun');
    if (phase !== 'build') await strikeIn(phase, known);
    expect(await publish.answer('.deploydone')).toBe('');
    while ((await application.deployments.running(application.target)) !== undefined) await sleep(100);
    expect((await publish.files()).map((name) => name.split('.').at(-1))).toEqual(['deploydone', 'preparedone']);
    expect(await application.onAws()).toMatchObject({ liveRules: 1, testRules: 0 });
    live = container(version);
    await application.traffic.expect('Published', [live]);
    expect((await application.traffic.report()).failures).toEqual([]);
  },
  300_000,
);

function strike(): void {
  own?.living.kill('worker');
  own?.living.kill('hooks');
}

const newest = async () => (await application.deployments.status(application.target)).steps[0]?.started;

/** The phase of the deployment that is newer than the known one. */
async function strikeIn(phase: Exclude<Struck, 'build'>, known: string | undefined): Promise<void> {
  for (;;) {
    const status = await application.deployments.status(application.target);
    const isNew = status.steps[0] !== undefined && status.steps[0].started !== known;
    const phases: readonly (Phase | null)[] = [status.phase, ...status.steps.map((step) => step.phase)];
    if (isNew && phases.includes(phase)) return strike();
    if (isNew && status.outcome !== null) throw new Error(`It was over before ${phase}.`);
    await sleep(20);
  }
}

/** The one that was killed is back: the platform's own calls have no second try. */
async function untilListening(): Promise<void> {
  const ready = async () => (await fetch(`${own?.living.stack().hooks}/readyz`).catch(() => undefined))?.ok;
  while (!(await ready())) await sleep(50);
}
