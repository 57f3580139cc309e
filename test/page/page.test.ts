/** The page in a real browser: what people see, and what a browser is kept from. */
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { holding, shifting, threeEach, waiting, worldOf } from './orders';
import { openBrowser, servePage, settingsWith, tokenOf, type Served, type World } from './world';

let browser: Browser | undefined;
let context: BrowserContext;
let served: Served;

beforeAll(async () => {
  browser = await openBrowser();
  // A test that doesn't run must not look like one that passed.
  if (!browser)
    process.stderr.write(
      '\n*** NOT TESTED: the page. No Chromium on the PATH; install it or set CHROMIUM_PATH. ***\n\n',
    );
}, 60_000);
afterAll(async () => await browser?.close());
afterEach(async () => {
  await context.close();
  await served.close();
});

const inBrowser = (name: string, walk: (page: Page, world: World) => Promise<void>, world = () => worldOf(waiting())) =>
  test(name, async () => {
    const own = world();
    served = await servePage(own);
    if (!browser) return;
    context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (said) => /Content Security Policy/.test(said.text()) && faults.push(said.text()));
    await walk(page, own);
    expect(faults).toEqual([]);
  });

inBrowser(
  'whoever opens it reads: what wants somebody comes first, and a deployment is drawn as it moves',
  async (page, world) => {
    await page.goto(`${served.url}#/production`);
    await page.getByText('approve · orders:1.4.2').waitFor();
    expect(await page.locator('.applications strong').allInnerTexts()).toEqual(['Payments', 'Orders', 'Billing']);
    await page.getByRole('link', { name: /^Orders/ }).click();
    await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
    await page.locator('.chip.serves').waitFor();
    expect(await page.locator('.lane').allInnerTexts()).toEqual([
      expect.stringMatching(/100 %.*blue.*1\.4\.1.*3 of 3 healthy/s),
      expect.stringMatching(/0 %.*test route.*green.*1\.4\.2.*3 of 3 healthy/s),
    ]);
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    world.topology = threeEach({ a: 70, b: 30 });
    world.status = shifting();
    await page.locator('.lane.green .percent', { hasText: '30 %' }).waitFor();
    await page.locator('li[aria-current=step]', { hasText: 'bake' }).waitFor();
    await page.getByText('0.02 % of green’s requests fail').waitFor();
  },
);

inBrowser(
  'who has signed in approves by the keyboard alone, in the name that was proven, and the run that was looked at',
  async (page, world) => {
    await page.goto(`${served.url}#/production/Orders`);
    await page.getByRole('button', { name: 'Sign in' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('input[name=token]:focus').waitFor();
    await page.keyboard.type('a wrong one, long enough');
    await page.keyboard.press('Enter');
    await page.getByText('This token is nobody’s.').waitFor();
    await page.locator('input[name=token]').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(tokenOf.Ana);
    await page.keyboard.press('Enter');
    await page.getByText('Sign out').waitFor();
    await page.getByRole('button', { name: 'Approve' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Why, for the history').focus();
    await page.keyboard.type('ticket 4711');
    await page.keyboard.press('Enter');
    await page.getByText('Approve: accepted.').waitFor();
    const target = { zone: 'production', application: 'Orders' };
    expect(world.commands).toEqual([[target, 'approve', { by: 'Ana', reason: 'ticket 4711' }, waiting().runId]]);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  },
);

inBrowser(
  'what others wrote is text, and nothing of it becomes a part of the page',
  async (page) => {
    await page.goto(`${served.url}#/production/Orders`);
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    expect(await page.locator('main img, main script, main a').count()).toBe(0);
    await page.getByText('"></pre><script>alert(2)</script>').waitFor();
  },
  () => ({
    ...worldOf({ ...holding(), failure: '<img src=x onerror=alert(1)>', image: 'javascript:alert(3)' }),
    log: ['"></pre><script>alert(2)</script>'],
  }),
);

inBrowser('it goes on by itself once its server is back', async (page, world) => {
  await page.goto(`${served.url}#/production/Orders`);
  await page.locator('.link.on').waitFor();
  const { port } = served;
  await served.close();
  await page.getByText('connecting …').waitFor();
  world.status = shifting();
  served = await servePage(world, settingsWith(), port);
  await page.locator('li[aria-current=step]', { hasText: 'bake' }).waitFor();
  await page.locator('.link.on').waitFor();
});

inBrowser('nothing on it keeps people from reading or using it, light or dark, on a phone too', async (page, world) => {
  for (const [status, hash] of [
    [holding(), 'production/Orders'],
    [waiting(), 'production'],
  ] as const) {
    world.status = status;
    await page.goto(`${served.url}#/${hash}`);
    await page.locator('.link.on').waitFor();
    await page
      .getByText(hash === 'production' ? '3 applications' : 'Step start failed')
      .first()
      .waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(colorScheme === 'dark' ? { width: 360, height: 740 } : { width: 1200, height: 900 });
      const found = await page.evaluate(`(() => { ${axe.source}; return axe.run(); })()`);
      const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    }
  }
});

inBrowser('however many look, there is one who asks; and once nobody does, none', async (page, world) => {
  const pages = [page, await context.newPage(), await context.newPage()];
  for (const one of pages) await one.goto(`${served.url}#/production/Orders`);
  for (const one of pages) await one.locator('.lane.blue').waitFor();
  expect(Object.fromEntries(world.asked)).toMatchObject({ watch: 1, history: 1, zone: 1 });
});
