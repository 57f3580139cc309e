/**
 * Everything that can be said to a deployment, said in the Temporal UI by the mouse and the keyboard, in a real Chromium: for
 * `npm run conformance`. The last test holds what was said to what the README says can be. A sample of it, a deployment from its
 * start to its end, is test/suites/ui.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandNames } from '../../../contract/commands';
import { taskQueues } from '../../../contract/ids';
import type { DeploymentStatus, Runbook } from '../../../contract/status';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import type { LiveApplication } from '../e2e/live-application';
import { findChromium } from '../ui/chromium';
import { openTemporalUi, type TemporalUi } from '../ui/temporal-ui';

const chromium = findChromium();
const isFull = process.env['CONFORMANCE'] === 'full';
// A test that doesn't run must not look like one that passed.
if (isFull && chromium === undefined)
  process.stderr.write('\n*** NOT TESTED: the commands of the Temporal UI. No Chromium on the PATH. ***\n\n');
const inChromium = isFull && chromium !== undefined ? test : test.skip;

let own: OwnStack;
let ui: TemporalUi;

beforeAll(async () => {
  if (!isFull || chromium === undefined) return;
  own = await startOwnStack({ timeScale: 10 });
  ui = noting(await openTemporalUi(own.living.stack().temporal.ui ?? '', chromium));
}, 300_000);
afterAll(async () => {
  if (!isFull || chromium === undefined) return;
  await ui.close();
  await own.closeHealthy();
});

/** Whatever was given in the UI: `start undo`, `sendSignal pause`, `cancel`. */
const given = new Set<string>();

/** Notes what the UI has taken. */
function noting(actual: TemporalUi): TemporalUi {
  const noted = <Words extends readonly unknown[], Result>(
    name: string,
    act: (...words: Words) => Promise<Result>,
    what: (...words: Words) => string = () => '',
  ) => ({
    [name]: async (...words: Words) => {
      const result = await act(...words);
      given.add(`${name} ${what(...words)}`.trim());
      return result;
    },
  });
  const named = (name: string) => name;
  return {
    ...actual,
    ...noted('start', actual.start, ({ workflowType }) => workflowType),
    ...noted('sendUpdate', actual.sendUpdate, named),
    ...noted('sendSignal', actual.sendSignal, named),
    ...noted('query', actual.query, named),
    ...noted('cancel', actual.cancel),
    ...noted('terminate', actual.terminate),
    ...noted('reset', actual.reset),
  };
}

const container = (version: string) => ({ servedBy: 'container', version });
const inPhase = (wanted: string) => (status: DeploymentStatus) => status.phase === wanted;
const asks = inPhase('approve');

const served = [container('2.0'), container('3.0')];

interface Walk {
  readonly application: LiveApplication;
  /** Starts a runbook by the form, and opens what it says of itself. */
  readonly start: (workflowType: Runbook, input: object) => Promise<void>;
  /** A blue-green deployment of this version. */
  readonly deploy: (version: string, input?: object) => Promise<void>;
}

async function walk(name: string): Promise<Walk> {
  const application = await own.living.inContainers(name, [name]);
  await application.traffic.expect(name, served);
  const workflowId = `${application.target.zone}/${name}`;
  const start: Walk['start'] = async (workflowType, input) => {
    await ui.start({ workflowId, workflowType, taskQueue: taskQueues.workflows, input });
    await ui.openDetails(workflowId);
  };
  const deploy: Walk['deploy'] = async (version, input = {}) => {
    const image = await application.image({ version });
    await start('blueGreen', { image, approval: 'afterVerify', bake: '1s', ...input });
  };
  return { application, start, deploy };
}

const by = { by: 'Ana', reason: 'from the UI' };

inChromium('a query tells where it stands; pause, resume and approve move it', async () => {
  const { application, deploy } = await walk('Steered');
  await deploy('3.0');
  await application.until(asks);
  expect(await ui.query('status')).toMatch(/"phase": "approve"/);
  await ui.sendSignal('pause');
  await application.until(({ paused }) => paused);
  await ui.sendUpdate('resume', by);
  await application.until(({ paused }) => !paused);
  await ui.sendUpdate('pause', by);
  await application.until(({ paused }) => paused);
  await ui.sendSignal('resume');
  await application.until(({ paused }) => !paused);
  await ui.sendSignal('approve', by);
  await ui.status('Completed');
  expect(await application.deployments.status(application.target)).toMatchObject({
    outcome: 'completed',
    live: container('3.0'),
  });
  await own.living.expectWhole(application, [0, 2], 1);
});

inChromium('a rejection, a rollback in the bake and a cancellation each leave what served', async () => {
  const { application, deploy } = await walk('Refused');
  const leaves = async (outcome: RegExp) => {
    expect(await ui.details(outcome)).toContain('Live now: slot a, refused:2.0');
  };
  await deploy('3.0');
  await application.until(asks);
  await ui.sendUpdate('reject', by);
  await leaves(/^\s*Rolled back/);

  await deploy('3.0');
  await application.until(asks);
  await ui.sendSignal('reject', by);
  await leaves(/^\s*Rolled back/);

  await deploy('3.0');
  await application.until(asks);
  await ui.sendUpdate('rollback', by);
  await leaves(/^\s*Rolled back/);

  await deploy('3.0', { approval: 'none', bake: '1h' });
  await application.until(inPhase('bake'));
  await ui.sendSignal('rollback', by);
  await leaves(/^\s*Rolled back/);

  await deploy('3.0');
  await application.until(asks);
  await ui.cancel();
  await ui.status('Canceled');
  await own.living.expectWhole(application, [0, 2], 1);
});

inChromium('what holds is retried, and what bakes is promoted', async () => {
  const { application, deploy } = await walk('Mended');
  await own.living.setFault({ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 });
  await deploy('3.0', { bake: '1h' });
  expect(await ui.details('Holds in prepare')).toMatch(/More Actions, Send an Update, retry/);
  await ui.sendUpdate('retry', by);
  await application.until(asks);
  await ui.sendUpdate('approve', by);
  await application.until(inPhase('bake'));
  await ui.sendSignal('promote');
  expect(await ui.details(/^\s*Completed/)).toContain('Live now: slot b, mended:3.0');

  await own.living.setFault({ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 });
  await deploy('2.0', { approval: 'none', bake: '1h' });
  await application.until(inPhase('hold'));
  await ui.sendSignal('retry', by);
  await application.until(inPhase('bake'));
  await ui.sendUpdate('promote', by);
  expect(await ui.details(/^\s*Completed/)).toContain('Live now: slot a, mended:2.0');
  await own.living.expectWhole(application, [0, 2], 1);
});

inChromium(
  'after a Terminate and a Reset nothing is lost, and a deployment that begins anew comes to its end',
  async () => {
    const { application, deploy } = await walk('Broken');
    await deploy('3.0');
    await application.until(asks);
    await ui.terminate('test');
    await ui.status('Terminated');

    await deploy('3.0');
    await application.until(asks);
    // Its first task: a deployment that begins again, and plans from what is there now.
    await ui.reset('first', 'test');
    const { workflowId } = await application.until(asks);
    await ui.openDetails(workflowId);
    await ui.details('Wanted: approve or reject');
    await ui.sendUpdate('approve', by);
    expect(await ui.details(/^\s*Completed/)).toContain('Live now: slot b, broken:3.0');
    await own.living.expectWhole(application, [0, 2], 1);
  },
);

inChromium('the other runbooks are started by the same form, and what they need is said', async () => {
  const { application, start } = await walk('Others');
  const quick = { approval: 'none', bake: '1s' };
  await start('rollingUpdate', { image: await application.image({ version: '3.0' }), ...quick });
  expect(await ui.details(/^\s*Completed/)).toContain('others:3.0');
  await start('updateConfiguration', quick);
  expect(await ui.details('Ended before it began: nothing was changed')).toContain('Others has no App.config in');
  await start('undo', quick);
  expect(await ui.details(/^\s*Completed/)).toMatch(/Live now: slot \w, others:2\.0/);
  // The Platform Server still has it: nobody is asked, and it serves from there.
  await application.traffic.expect('Others', [...served, { servedBy: 'platform-server', version: '1.0' }]);
  await start('removeApplication', { by: 'Ana', reason: 'from the UI' });
  expect(await ui.details(/^\s*Completed/)).toContain('Live now: the Platform Server');
  expect(await application.onAws()).toEqual({ liveRules: 0, testRules: 0, desiredCounts: [] });
  expect((await application.judged()).failures).toEqual([]);
});

inChromium('nothing that the README says can be given in the Temporal UI was left out', () => {
  const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
  const [, section = ''] = /### From the Temporal UI\n(.*?)\n## /s.exec(readme) ?? [];
  const told = new Set([...section.matchAll(/`(\w+)`/g)].map(([, word = '']) => word));
  // Every runbook that people start, and every command, is told of there.
  const inTheBundle = readFileSync(join(__dirname, '../../../workflows/index.ts'), 'utf8');
  // `keepWarm` is a field of the input there.
  const isType = (word: string) => word !== 'keepWarm' && new RegExp(`\\b${word}\\b.* from`).test(inTheBundle);
  const runbooks = [...told].filter(isType);
  const wanted: readonly Runbook[] = ['blueGreen', 'rollingUpdate', 'undo', 'updateConfiguration', 'removeApplication'];
  expect(runbooks.toSorted()).toEqual(wanted.toSorted());
  expect([...told]).toEqual(expect.arrayContaining([...commandNames]));
  for (const action of ['Request Cancellation', 'Terminate', 'Reset']) expect(section).toContain(`_${action}_`);
  expect([...given].toSorted()).toEqual(
    [
      ...runbooks.map((name) => `start ${name}`),
      ...commandNames.flatMap((name) => [`sendSignal ${name}`, `sendUpdate ${name}`]),
      'query status',
      'cancel',
      'terminate',
      'reset',
    ].toSorted(),
  );
});
