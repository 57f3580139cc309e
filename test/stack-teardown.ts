import { rm } from 'node:fs/promises';
import type { Stack } from '../local/stack/stack';

export default async function endTestStack(): Promise<void> {
  await (globalThis as { stackForTests?: Stack }).stackForTests?.close();
  await rm(process.env['TEST_STACK_FOLDER'] ?? '', { recursive: true, force: true });
}
