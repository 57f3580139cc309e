/** A deployment as an operator without a terminal does it: all of it in the Temporal UI. */
import type { Page } from 'playwright-core';
import { loadSettings } from '../../../settings/load';
import { servePageOver, settingsWith, tokenOf } from '../../page/world';
import { closeAll, liveApplication, stack, stackTemporal, type LiveApplication } from '../e2e/live-application';
import { taskQueues, workflowTaskTimeout } from '../../../contract/ids';
import { findChromium } from './chromium';
import { openTemporalUi, type TemporalUi } from './temporal-ui';

const chromium = findChromium();
// A test that doesn't run must not look like one that passed.
if (chromium === undefined)
  process.stderr.write(
    '\n*** NOT TESTED: the Temporal UI. No Chromium on the PATH; install it or set CHROMIUM_PATH. ***\n\n',
  );

let ui: TemporalUi | undefined;
afterEach(async () => {
  await ui?.close();
  await closeAll();
});

(chromium === undefined ? test.skip : test)(
  'a deployment is started, approved and followed to its end in the UI',
  async () => {
    const application = await liveApplication('Clicked', ['Clicked']);
    const image = await application.image({ version: '2.0' });
    ui = await openTemporalUi(stack().temporal.ui ?? '', chromium ?? '');
    const workflowId = `${application.target.zone}/${application.target.application}`;
    const input = { image, bake: '1s', approval: 'afterVerify' };
    await ui.start({ workflowId, workflowType: 'blueGreen', taskQueue: taskQueues.workflows, input });

    await ui.openDetails(workflowId);
    const asked = await ui.details('Wanted: approve or reject');
    expect(asked).toContain(`Green runs ${image} and answers`);
    expect(asked).toMatch(/More Actions, Send an Update, approve/);
    expect(asked).toContain(`"image": "${image}"`);
    expect(asked).toContain('Live now: the Platform Server');

    await steerOnPage(application, ui.page);

    await ui.openDetails(workflowId);
    await ui.sendUpdate('approve', { by: 'operator', reason: 'it answers', image });
    expect(await ui.details(/^\s*Completed/)).toContain(`Live now: slot a, ${image}`);
    expect(await application.ended({ workflowId, runId: '' })).toMatchObject({
      result: { outcome: 'completed', approved: { by: 'operator', reason: 'it answers' } },
    });
    expect((await application.judged()).failures).toEqual([]);
    const { raw } = await (await stackTemporal()).workflow.getHandle(workflowId).describe();
    expect(`${String(raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds)}s`).toBe(workflowTaskTimeout);
  },
  300_000,
);

/** The page beside it shows the same, and whoever has signed in there pauses it and lets it go on. */
async function steerOnPage(
  { deployments, target: { zone, application } }: LiveApplication,
  beside: Page,
): Promise<void> {
  const { dashboard } = settingsWith();
  const served = await servePageOver(deployments, { ...loadSettings(stack().settings), dashboard });
  const page = await beside.context().browser()!.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${served.url}#/${zone}`);
  await page.locator('.applications .waits', { hasText: application }).getByRole('link').click();
  await page.locator('.lane.green .replicas .healthy').first().waitFor();
  expect(await page.locator('.lane.blue').innerText()).toMatch(/100 %.*the Platform Server/s);
  expect(await page.locator('.lane.green').innerText()).toMatch(/0 %.*test route.*2\.0.*2 of 2 healthy/s);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Your token').fill(tokenOf.Ana);
  await page.keyboard.press('Enter');
  for (const [command, headline] of [
    ['Pause', 'approve, paused'],
    ['Resume', 'approve'],
  ] as const) {
    await page.getByRole('button', { name: command, exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: command, exact: true }).click();
    await page.locator('.headline b', { hasText: new RegExp(`^${headline}$`) }).waitFor();
  }
  await page.close();
  await served.close();
}
