/** One step of the platform's that an external deployment tool does: called, awaited, and reported as Service Center does. */
import { callHook, hookSteps, type HookCall, type HookMethod } from './hook-calls';
import { removeEarlierAnswers, waitForAnswer, type Answer } from './result-files';
import type { PlatformZone } from './zone';

/** The end of one step; part of the JSON that commands print. */
export interface StepReport {
  readonly step: string;
  readonly method: HookMethod;
  /** `refused`: the hook didn't confirm that the task has started. */
  readonly outcome: 'succeeded' | 'failed' | 'timedOut' | 'refused';
  readonly operationId: string;
  readonly seconds: number;
  /** The message that Service Center shows; `null` for a success. */
  readonly message: string | null;
  /** Whether the platform should count it as a success without pinging the modules. */
  readonly skipPing: boolean;
}

/** Called as a step begins and ends, to show it. */
export interface Watch {
  readonly began: (step: string) => void;
  readonly ended: (report: StepReport) => void;
}

/** @throws the signal's reason when the signal ends the wait, and nothing for what the hook does */
export async function runStep(
  zone: PlatformZone,
  call: HookCall,
  watch: Watch,
  signal: AbortSignal,
): Promise<StepReport> {
  const { step } = hookSteps[call.method];
  const startedAt = performance.now();
  watch.began(step);
  const answer = await callAndWait(zone, call, startedAt + zone.timeoutMs, signal);
  if (answer.outcome === 'succeeded' || answer.outcome === 'failed')
    await removeEarlierAnswers(zone.folders.result, call);
  const report: StepReport = {
    step,
    method: call.method,
    outcome: answer.outcome,
    operationId: call.operationId,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    message: messageOf(answer, zone),
    skipPing: answer.outcome === 'succeeded' && answer.skipPing,
  };
  watch.ended(report);
  return report;
}

type StepAnswer = Answer | { readonly outcome: 'refused'; readonly message: string };

async function callAndWait(
  zone: PlatformZone,
  call: HookCall,
  until: number,
  signal: AbortSignal,
): Promise<StepAnswer> {
  try {
    await callHook(zone, call, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: 'refused', message: (error as Error).message };
  }
  return await waitForAnswer(zone.folders.result, call, until, signal);
}

function messageOf(answer: StepAnswer, { timeoutMs, folders }: PlatformZone): string | null {
  if (answer.outcome === 'succeeded') return null;
  if (answer.outcome !== 'timedOut') return answer.message;
  const waited = `${Math.round(timeoutMs / 100) / 10} s`;
  return `The external deployment tool wrote no result into ${folders.result} within ${waited} (External Deployment Tool Timeout).`;
}
