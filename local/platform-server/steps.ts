/** One step of the platform's that an external deployment tool does: called, awaited, and told as Service Center shows it. */
import { callHook, hookSteps, type HookCall, type HookMethod } from './hook-calls';
import { removeEarlierAnswers, waitForAnswer, type Answer } from './result-files';
import type { PlatformZone } from './zone';

export interface StepReport {
  readonly step: string;
  readonly method: HookMethod;
  /** `refused`: the hook didn't say that the task has started. */
  readonly outcome: 'succeeded' | 'failed' | 'timedOut' | 'refused';
  readonly operationId: string;
  readonly seconds: number;
  /** What Service Center shows; `null` for a success. */
  readonly message: string | null;
  /** Whether the platform is to believe it without asking the modules. */
  readonly skipPing: boolean;
}

/** What goes on, for whoever watches. */
export interface Watch {
  readonly began: (step: string) => void;
  readonly ended: (report: StepReport) => void;
}

/** Never throws for what the hook does; only when the signal ends the wait. */
export async function runStep(
  zone: PlatformZone,
  call: HookCall,
  watch: Watch,
  signal: AbortSignal,
): Promise<StepReport> {
  const { step } = hookSteps[call.method];
  const startedAt = performance.now();
  watch.began(step);
  const told = await ask(zone, call, startedAt + zone.timeoutMs, signal);
  if (told.outcome === 'succeeded' || told.outcome === 'failed') await removeEarlierAnswers(zone.folders.result, call);
  const report: StepReport = {
    step,
    method: call.method,
    outcome: told.outcome,
    operationId: call.operationId,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    message: messageOf(told, zone),
    skipPing: told.outcome === 'succeeded' && told.skipPing,
  };
  watch.ended(report);
  return report;
}

type Told = Answer | { readonly outcome: 'refused'; readonly message: string };

async function ask(zone: PlatformZone, call: HookCall, until: number, signal: AbortSignal): Promise<Told> {
  try {
    await callHook(zone, call, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: 'refused', message: (error as Error).message };
  }
  return await waitForAnswer(zone.folders.result, call, until, signal);
}

function messageOf(told: Told, { timeoutMs, folders }: PlatformZone): string | null {
  if (told.outcome === 'succeeded') return null;
  if (told.outcome !== 'timedOut') return told.message;
  const waited = `${Math.round(timeoutMs / 100) / 10} s`;
  return `The external deployment tool wrote no result into ${folders.result} within ${waited} (External Deployment Tool Timeout).`;
}
