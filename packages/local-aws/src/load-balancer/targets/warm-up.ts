/**
 * IIS on Windows as it begins: a task that was started just now answers 503 for a minute, and each module's first request waits while
 * its application is compiled. Tasks are plain processes here, so the load balancer does what they would; a module is the first
 * segment of a path.
 */
import type { TargetConfiguration } from '../configuration';
import { scaledMs } from '../time';

const unavailableSeconds = 60;
const firstRequestSeconds = 15;
/** A target that was there before this process is warm, for it was asked before. */
const startedAt = Date.now();

export interface WarmUp {
  /** What a request for this path meets now: `unavailable`, or the milliseconds that it has to wait. */
  admit(path: string): 'unavailable' | number;
}

/** Undefined for what is no task, or was there before. */
export function createWarmUp({ isTask, registeredAt }: TargetConfiguration, timeScale: number): WarmUp | undefined {
  if (isTask !== true || registeredAt < startedAt) return undefined;
  const availableAt = registeredAt + scaledMs(unavailableSeconds, timeScale);
  const compiledAt = new Map<string, number>();
  return {
    admit(path) {
      const now = Date.now();
      if (now < availableAt) return 'unavailable';
      const [, module = ''] = path.split(/[/?]/);
      const known = compiledAt.get(module) ?? now + scaledMs(firstRequestSeconds, timeScale);
      compiledAt.set(module, known);
      return Math.max(0, known - now);
    },
  };
}
