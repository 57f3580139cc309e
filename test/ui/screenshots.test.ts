/**
 * Pictures of a deployment in the Temporal UI in each phase, for the documentation: `npm run screenshots` (SCREENSHOTS=1)
 * takes them anew. Faults of the local AWS make the short phases last long enough for a picture.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase } from '../../workflows/messages';
import { closeAll, liveApplication, setFault, stack } from '../e2e/live-application';
import { findChromium, openTemporalUi, type TemporalUi } from './temporal-ui';

const pictures = join(__dirname, '..', '..', 'docs', 'images', 'ui');
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

const slow = [
  'DescribeListeners',
  'RegisterTaskDefinition',
  'DescribeTargetHealth',
  'ModifyRule',
  'UpdateService',
  'DeleteRule',
].map((operation) => ({ kind: 'latency', operation: `*:${operation}`, latencyMs: 4_000 }));

(wanted ? test : test.skip)(
  'every phase has its picture',
  async () => {
    mkdirSync(pictures, { recursive: true });
    const application = await liveApplication('Orders', ['Orders', 'OrdersAPI']);
    await application.ended(await application.deploy({ version: '1.4.1' }));
    ui = await openTemporalUi(stack().temporal.ui ?? '', chromium ?? '');
    for (const fault of slow) await setFault(fault);
    await forwardPictures(application, ui);
    await backwardPictures(application, ui);
  },
  600_000,
);

type Application = Awaited<ReturnType<typeof liveApplication>>;

const asked = { approval: 'afterVerify', settle: '8s', bake: '12s', by: 'ada', reason: 'ticket 4711' } as const;

/** One deployment from its plan to its end. */
async function forwardPictures(application: Application, shown: TemporalUi): Promise<void> {
  const started = await application.deploy({ version: '1.4.2', startSeconds: 3 }, asked);
  for (const [index, [phase, headline]] of forward.entries()) {
    await application.until((status) => status.phase === phase);
    await picture(shown, started.workflowId, `${String(index + 1).padStart(2, '0')}-${phase}`, headline);
    if (phase !== 'approve') continue;
    await timeline(shown, started.workflowId);
    await application.deployments.command(application.target, 'approve', { by: 'ada' });
  }
  await application.ended(started);
  await picture(shown, started.workflowId, '11-completed', 'Completed');
}

/** Another one, that holds, goes on, and is rolled back. */
async function backwardPictures(application: Application, shown: TemporalUi): Promise<void> {
  await setFault({ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 });
  const { deployments, target, until } = application;
  const { workflowId } = await application.deploy({ version: '1.5.0' }, { ...asked, bake: '1h' });
  await until(({ phase }) => phase === 'hold');
  await picture(shown, workflowId, '12-hold', 'Holds in prepare');
  await deployments.command(target, 'retry', { by: 'ada' });
  await until(({ phase }) => phase === 'approve');
  await deployments.command(target, 'approve', { by: 'ada' });
  await until(({ phase, live }) => phase === 'bake' && live?.version === '1.5.0');
  await deployments.command(target, 'rollback', { by: 'ada', reason: 'wrong prices' });
  await until(({ phase }) => phase === 'rollBack');
  await picture(shown, workflowId, '13-rollBack', 'Now: roll back');
  await deployments.ended({ workflowId, runId: '' });
  await picture(shown, workflowId, '14-rolled-back', 'Rolled back');
}

const clip = { x: 257, y: 104, width: 1010, height: 880 };

async function picture({ page, openDetails, details }: TemporalUi, workflowId: string, name: string, text: string) {
  await openDetails(workflowId);
  await details(text);
  await page.screenshot({ path: join(pictures, `${name}.png`), clip });
}

async function timeline({ page, openDetails }: TemporalUi, workflowId: string) {
  await openDetails(workflowId);
  await page.getByText('Timeline', { exact: true }).first().click();
  await page.getByText('Wait for approval').first().waitFor();
  await page.screenshot({ path: join(pictures, '05-approve-timeline.png'), clip });
}
