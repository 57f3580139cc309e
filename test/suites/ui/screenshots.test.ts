/**
 * Pictures of a deployment in the Temporal UI in each phase, for the documentation: `npm run screenshots` (SCREENSHOTS=1)
 * takes them anew. Faults of the local AWS make the short phases last long enough for a picture.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase } from '../../../contract/status';
import { closeAll, liveApplication, setFault, stack } from '../e2e/live-application';
import { findChromium } from './chromium';
import { openTemporalUi, type TemporalUi } from './temporal-ui';

const pictures = join(__dirname, '..', '..', '..', 'docs', 'images', 'ui');
const chromium = findChromium();
const wanted = process.env['SCREENSHOTS'] === '1' && chromium !== undefined;

let ui: TemporalUi | undefined;
afterAll(async () => {
  await ui?.close();
  await closeAll();
});

/** What the details begin with in each phase that a deployment comes through by itself. */
const forward: readonly (readonly [Phase, string])[] = [
  ['plan', 'Now: plan'],
  ['prepare', 'Now: prepare'],
  ['start', 'Now: start'],
  ['verify', 'Now: verify'],
  ['approve', 'Wanted: approve'],
  ['shift', 'Now: shift'],
  ['settle', 'Now: settle'],
  ['bake', 'Now: bake'],
  ['retire', 'Now: retire'],
  ['cleanUp', 'Now: clean up'],
];

/** Reads may take their time; a write is given up after its lease. */
const slow = [
  ['DescribeListeners', 7_000] as const,
  ...['DescribeTargetGroups', 'DescribeRules', 'DescribeTargetHealth', 'DescribeServices'].map(
    (read) => [read, 3_500] as const,
  ),
  ...['RegisterTaskDefinition', 'ModifyRule', 'UpdateService', 'DeleteRule'].map((write) => [write, 2_500] as const),
].map(([operation, latencyMs]) => ({ kind: 'latency', operation: `*:${operation}`, latencyMs }));

(wanted ? test : test.skip)(
  'every phase has its picture',
  async () => {
    mkdirSync(pictures, { recursive: true });
    const application = await liveApplication('Orders', ['Orders', 'OrdersAPI']);
    await application.ended(await application.deploy({ version: '1.4.1' }));
    ui = await openTemporalUi(stack().temporal.ui ?? '', chromium ?? '');
    await ui.page.setViewportSize({ width: 1560, height: 1560 });
    for (const fault of slow) await setFault(fault);
    await forwardPictures(application, ui);
    await backwardPictures(application, ui);
  },
  900_000,
);

type Application = Awaited<ReturnType<typeof liveApplication>>;

const asked = { approval: 'afterVerify', settle: '8s', bake: '12s', by: 'ada', reason: 'ticket 4711' } as const;

/** One deployment from its plan to its end. */
async function forwardPictures(application: Application, shown: TemporalUi): Promise<void> {
  // With everything in the browser's cache the first phase isn't over before its page is there.
  await shown.openDetails(workflowIdOf(application));
  const started = await application.deploy({ version: '1.4.2', startSeconds: 3 }, asked);
  await shown.openDetails(started.workflowId);
  for (const [index, [phase, headline]] of forward.entries()) {
    await picture(shown, `${String(index + 1).padStart(2, '0')}-${phase}`, headline);
    if (phase !== 'approve') continue;
    await timeline(shown, started.workflowId);
    await shown.openDetails(started.workflowId);
    await application.deployments.command(application.target, 'approve', { by: 'ada' });
  }
  await shown.status('Completed');
  await picture(shown, '11-completed', 'Completed');
}

/** Another one, that holds, goes on, and is rolled back. */
async function backwardPictures(application: Application, shown: TemporalUi): Promise<void> {
  await setFault({ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 });
  const { deployments, target, until } = application;
  const { workflowId } = await application.deploy({ version: '1.5.0' }, { ...asked, bake: '1h' });
  await shown.openDetails(workflowId);
  await picture(shown, '12-hold', 'Holds in prepare');
  await deployments.command(target, 'retry', { by: 'ada' });
  await until(({ phase }) => phase === 'approve');
  await deployments.command(target, 'approve', { by: 'ada' });
  await until(({ phase, live }) => phase === 'bake' && live?.version === '1.5.0');
  await deployments.command(target, 'rollback', { by: 'ada', reason: 'wrong prices' });
  await picture(shown, '13-rollBack', 'Now: roll back');
  await shown.status('Completed');
  await picture(shown, '14-rolled-back', 'Rolled back: blue');
}

/** Beside the UI's own menu and below its head. */
const clip = { x: 257, y: 104, width: 1290, height: 1000 };

/** All of what a phase shows, and no more. */
async function clipOf(page: TemporalUi['page']) {
  const frames = await page.locator('iframe').all();
  const boxes = await Promise.all(frames.map((frame) => frame.boundingBox()));
  const bottom = Math.max(...boxes.map((box) => (box ? box.y + box.height : 0)));
  return { ...clip, height: Math.min(1_440, Math.max(600, bottom - clip.y + 24)) };
}

const workflowIdOf = ({ target }: Application) => `${target.zone}/${target.application}`;

/** Of the details that are open, once they say this. */
async function picture({ page, details }: TemporalUi, name: string, text: string) {
  await details(text);
  await page.screenshot({ path: join(pictures, `${name}.png`), clip: await clipOf(page) });
}

async function timeline({ page, openDetails }: TemporalUi, workflowId: string) {
  await openDetails(workflowId);
  await page.getByText('Timeline', { exact: true }).first().click();
  await page.getByText('Wait for approval').first().waitFor();
  await page.screenshot({ path: join(pictures, '05-approve-timeline.png'), clip });
}
