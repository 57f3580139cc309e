/** Whether blue's replicas can stay warm after a deployment, so that an undo is one cut. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { Blue } from '../observed/blue';

/** What a deployment leaves behind, as far as it matters here. */
interface LeftBehind {
  readonly blue: Blue;
  /** Whether something of another tool is taken over. */
  readonly adopts: boolean;
  readonly renamedFrom: string | undefined;
}

/** The options with what can be kept: `keepWarm` is 0 where it keeps nothing, and `unkept` says why where it was asked for. */
export function planKeepWarm(
  options: ResolvedRunbookOptions,
  left: LeftBehind,
): { readonly options: ResolvedRunbookOptions; readonly unkept?: string } {
  const why = options.keepWarm > 0 ? nothingToKeep(options, left) : undefined;
  if (why === undefined) return { options };
  return { options: { ...options, keepWarm: 0 }, unkept: `keepWarm keeps nothing here: ${why}.` };
}

function nothingToKeep(
  { strategy }: ResolvedRunbookOptions,
  { blue, adopts, renamedFrom }: LeftBehind,
): string | undefined {
  if (strategy === 'rollingUpdate') return 'a rolling update replaces the replicas where they are';
  if (blue.kind === 'platformServer') return 'the Platform Server serves until then, and goes on by itself';
  if (adopts) return 'no undo comes back to the service of another tool';
  if (renamedFrom !== undefined) return `the service bears the earlier name ${renamedFrom}, and goes with it`;
  return undefined;
}
