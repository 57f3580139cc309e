/** The workflows' code, bundled by the build. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** @throws {Error} when nobody has built it */
export function defaultBundle(): string {
  const path = join(__dirname, '..', '..', 'workflow-bundle.js');
  if (!existsSync(path)) throw new Error(`The workflow bundle ${path} is missing: run "npm run build".`);
  return path;
}
