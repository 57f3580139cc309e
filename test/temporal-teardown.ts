import type { TestWorkflowEnvironment } from '@temporalio/testing';

export default async function stopTemporal(): Promise<void> {
  await (globalThis as { temporalForTests?: TestWorkflowEnvironment }).temporalForTests?.teardown();
}
