/** Pictures of the page for the documentation: `npm run screenshots` (SCREENSHOTS=1) takes them anew. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { holding, restingGreen, shifting, threeEach, waiting, worldOf } from './orders';
import { openBrowser, servePage, tokenOf } from './world';

const folder = join(__dirname, '..', '..', 'docs', 'images', 'page');

const light = { colorScheme: 'light', viewport: { width: 1080, height: 760 } } as const;
const dark = { ...light, colorScheme: 'dark' } as const;
const phone = { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 } as const;

const pictures = [
  ['zone-light', light, () => worldOf(waiting()), '#/production'],
  ['shift-light', light, () => worldOf(shifting(), threeEach({ a: 70, b: 30 })), '#/production/Orders'],
  ['hold-dark', dark, () => worldOf(holding(), restingGreen()), '#/production/Orders'],
  ['approve-phone', phone, () => worldOf(waiting()), '#/production/Orders'],
] as const;

(process.env['SCREENSHOTS'] === '1' ? test : test.skip)(
  'the page has its pictures',
  async () => {
    mkdirSync(folder, { recursive: true });
    const browser = await openBrowser();
    for (const [name, look, world, hash] of pictures) {
      const served = await servePage(world());
      const context = await browser!.newContext({ ...look, locale: 'en-GB', timezoneId: 'Europe/Lisbon' });
      const page = await context.newPage();
      await page.goto(`${served.url}${hash}`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByLabel('Your token').fill(tokenOf.Ana);
      await page.keyboard.press('Enter');
      await page.getByText('Sign out').waitFor();
      await page
        .locator(name === 'zone-light' ? '.applications .wants' : '.replicas .healthy')
        .first()
        .waitFor();
      await page
        .locator(name === 'zone-light' ? '.link.on' : '.history .completed')
        .first()
        .waitFor();
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: name !== 'approve-phone' });
      await context.close();
      await served.close();
    }
    await browser?.close();
  },
  120_000,
);
