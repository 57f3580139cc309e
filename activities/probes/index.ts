/** The activities that ask over HTTP, as a browser would. Each stands in the file of what it asks about. */
import { handoverProbes } from './handover';
import { moduleProbes } from './modules';
import { releaseProbes } from './releases';

export type ProbeActivities = ReturnType<typeof probeActivities>;

/** @param pollMs between two rounds of requests; default 500 ms */
export const probeActivities = ({ pollMs = 500 }: { readonly pollMs?: number } = {}) => ({
  ...moduleProbes(pollMs),
  ...handoverProbes(pollMs),
  ...releaseProbes(pollMs),
});
