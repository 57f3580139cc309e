/**
 * The Temporal UI in a real headless Chromium, used as an operator uses it: by what is written on its buttons. Pages are never
 * waited for by silence on the network, because they keep asking; only by what they show.
 */
import { chromium, type Browser, type Page } from 'playwright-core';

export interface TemporalUi {
  /** Fills in the form that starts a workflow, and sends it. */
  readonly start: (form: StartForm) => Promise<void>;
  /** Opens what a workflow says of itself under User Metadata. */
  readonly openDetails: (workflowId: string) => Promise<void>;
  /** The current details of the workflow that is open, once they hold this text; asks for fresh ones meanwhile. */
  readonly details: (expected: string | RegExp) => Promise<string>;
  /** Sends an update to the workflow that is open, and returns once the UI has accepted it. */
  readonly sendUpdate: (name: string, input?: object) => Promise<void>;
  /** The same as a signal, which nobody answers. */
  readonly sendSignal: (name: string, input?: object) => Promise<void>;
  /** Asks a query of the workflow that is open. @returns its answer, as the UI shows it */
  readonly query: (name: string) => Promise<string>;
  readonly cancel: () => Promise<void>;
  readonly terminate: (reason: string) => Promise<void>;
  /** To what happened last of all that it offers, or first. */
  readonly reset: (to: 'first' | 'last', reason: string) => Promise<void>;
  /** Waits until the workflow that is open has this status, e.g. `Completed`. */
  readonly status: (expected: string) => Promise<void>;
  readonly page: Page;
  readonly close: () => Promise<void>;
}

export interface StartForm {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: object;
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param url the UI's own, e.g. `http://127.0.0.1:8233` */
export async function openTemporalUi(url: string, executablePath: string): Promise<TemporalUi> {
  const browser = await chromium.launch({ executablePath, args: flags });
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.setDefaultTimeout(120_000);
  return { ...actions(page, `${url}/namespaces/default/workflows`), page, close: () => closeBrowser(browser) };
}

const closeBrowser = async (browser: Browser) => await browser.close();

function actions(page: Page, workflows: string): Omit<TemporalUi, 'page' | 'close'> {
  const open = async (path: string) => void (await page.goto(`${workflows}${path}`, { waitUntil: 'domcontentloaded' }));
  const currentDetails = async () => {
    const texts = await Promise.all(
      page.frames().map((frame) =>
        frame
          .locator('body')
          .innerText({ timeout: 1_000 })
          .catch(() => ''),
      ),
    );
    return texts.slice(1).join('\n');
  };
  return {
    start: async ({ workflowId, workflowType, taskQueue, input }) => {
      const id = page.getByTestId('workflowId');
      // What was loaded on a busy machine may stay without its form: people load it again.
      for (let tries = 0; tries < 4; tries++) {
        await open('/start-workflow');
        const isShown = id.waitFor({ timeout: 30_000 }).then(() => true);
        if (await isShown.catch(() => false)) break;
      }
      await id.fill(workflowId);
      await page.getByTestId('taskQueue').fill(taskQueue);
      await page.getByTestId('workflowType').fill(workflowType);
      await type(page, page.locator('.cm-content').first(), input);
      await page.getByRole('button', { name: 'Start Workflow', exact: true }).click();
      await page.getByText('started successfully').first().waitFor();
    },
    openDetails: async (workflowId) => {
      await open(`/${encodeURIComponent(workflowId)}`);
      await page.getByText('User Metadata', { exact: true }).first().click();
    },
    details: async (expected) => {
      for (const givenUp = Date.now() + 200_000; ;) {
        const text = await currentDetails();
        if (Date.now() > givenUp) throw new Error(`The details never said ${String(expected)}: ${text}`);
        if (typeof expected === 'string' ? text.includes(expected) : expected.test(text)) return text;
        await page.keyboard.press('r');
        await page.waitForTimeout(300);
      }
    },
    sendUpdate: async (name, input) =>
      await send(page, { menu: 'Send an Update', select: '#update-select' }, name, input),
    sendSignal: async (name, input) =>
      await send(page, { menu: 'Send a Signal', select: '#signal-select' }, name, input),
    query: async (name) => {
      await page.getByRole('tab', { name: 'Queries' }).click();
      await page.getByTestId('query-select-button').click();
      await optionOf(page, name).click();
      await page.getByRole('button', { name: 'Run Query' }).click();
      const answer = page.locator('.cm-content', { hasText: /\S/ }).last();
      await answer.waitFor();
      return await answer.innerText();
    },
    cancel: async () => {
      await page.getByRole('button', { name: 'Request Cancellation' }).click();
      await confirm(page, 'Cancel Workflow', 'Confirm');
    },
    terminate: async (reason) => {
      const dialog = await openFromMenu(page, 'Terminate', 'Terminate Workflow');
      await dialog.getByPlaceholder('Enter a reason').fill(reason);
      await confirm(page, 'Terminate Workflow', 'Terminate');
    },
    reset: async (to, reason) => {
      const dialog = await openFromMenu(page, 'Reset', 'Reset Workflow');
      await dialog.locator('button:has(#reset-event-id)').click();
      const offered = dialog.getByRole('option');
      await (to === 'first' ? offered.first() : offered.last()).click();
      await dialog.getByPlaceholder('Enter a reason').fill(reason);
      await confirm(page, 'Reset Workflow', 'Confirm');
    },
    status: async (expected) => {
      await page.getByText(expected, { exact: true }).first().waitFor();
    },
  };
}

type Locator = ReturnType<Page['locator']>;

const optionOf = (page: Page, name: string): Locator =>
  page.locator('[role=option]:visible', { has: page.getByText(name, { exact: true }) }).first();

async function openFromMenu(page: Page, item: string, title: string): Promise<Locator> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.waitFor();
  return dialog;
}

async function confirm(page: Page, title: string, button: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

interface Sending {
  readonly menu: string;
  readonly select: string;
}

async function send(page: Page, { menu, select }: Sending, name: string, input?: object): Promise<void> {
  // The UI of Temporal’s CLI 1.9.1 breaks where it tells of two signals at once, each for three seconds.
  await page.locator('#workflow-signal-success-toast').waitFor({ state: 'hidden' });
  const dialog = await openFromMenu(page, menu, menu);
  await dialog.locator(`button:has(${select}), ${select}`).first().click();
  await optionOf(page, name).click();
  if (input !== undefined) await type(page, dialog.locator('.cm-content'), input);
  await confirm(page, menu, 'Submit');
}

/** The editor reformats what it holds when it is left, and the page moves: as it reformats it, nothing moves. */
async function type(page: Page, editor: Locator, input: object): Promise<void> {
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(JSON.stringify(input, undefined, 2));
}
