/** The browser of this machine. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Chromium is: CHROMIUM_PATH, else on the PATH; `undefined` when there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}
