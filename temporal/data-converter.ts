/** How values are written for Temporal and read back: the same for clients, hooks and workers, or they couldn't read each other. */
import type { DataConverter } from '@temporalio/common';

/** Temporal's own JSON without a codec, so that the Temporal UI shows what is in a history. */
export const createDataConverter = (): DataConverter => ({});
