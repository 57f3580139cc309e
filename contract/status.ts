/** How a deployment answers: its status in any state, its result, the dossier of a failure, and the releases that it left. */
import { defineQuery } from '@temporalio/workflow';
import type { GateStanding } from '../planning/gates/standing';
import type { Serving } from '../planning/observed/blue';
import type { ApprovalsStatus, CountedApproval } from './approvals';
import type { CommandName } from './commands';
import type { Strategy } from '../settings/runbook';

/** In the order of a blue-green deployment; `rollBack` and `hold` can follow any. */
export const phases = [
  'plan',
  'prepare',
  'start',
  'verify',
  'approve',
  'shift',
  'settle',
  'bake',
  'retire',
  'cleanUp',
  'rollBack',
  'hold',
] as const;
export type Phase = (typeof phases)[number];

export type Outcome = 'completed' | 'rolledBack' | 'failed' | 'terminated';
/** The runbooks, by their workflow types. */
export type Runbook = Strategy | 'updateConfiguration' | 'undo' | 'removeApplication' | 'retireWarm';

/** How live traffic changes hands. An undo or a new configuration follows one of the two strategies; a retirement moves none. */
export type Procedure = Strategy | 'removal' | 'retirement';

/** What AWS said when a failure was noticed, a sentence each. */
export interface Evidence {
  readonly tasks: readonly string[];
  readonly targets: readonly string[];
  readonly events: readonly string[];
}

/** Everything about the newest failure, kept past the hour for which ECS remembers a stopped task. */
export interface Dossier extends Evidence {
  /** ISO 8601. */
  readonly at: string;
  readonly phase: Phase;
  readonly failure: string;
  /** What the deployment had changed by then. */
  readonly changed: readonly string[];
  /** What can be done next, and what that does. */
  readonly next: string;
  /** How every gate stood, where one failed. */
  readonly gates?: readonly GateStanding[];
  /** Why AWS could not be asked; `null` when it answered. */
  readonly unread: string | null;
}

/** How far a rolling update is, in replicas. */
export interface RollProgress {
  /** Healthy replicas of the new release. */
  readonly new: number;
  /** Replicas of the new release that aren't healthy yet. */
  readonly starting: number;
  readonly old: number;
  /** Replicas that are being stopped: they finish the requests that they have. */
  readonly draining: number;
  /** True also where the stuck ones had time enough. */
  readonly complete: boolean;
  /** The old ones, where ECS stops none of them, and why, e.g. `task 1f…, protected from scale-in until …`. */
  readonly stuck?: readonly string[];
  /** The `maximumPercent` that lets every new replica run beside the stuck ones, where the bounds leave no room for that. */
  readonly room?: number;
}

export interface StepRecord {
  readonly phase: Phase;
  /** ISO 8601. */
  readonly started: string;
  readonly ended: string | null;
  /** `false` also where it ended because it failed, or because the deployment turned back. */
  readonly done: boolean;
}

export interface IgnoredCommand {
  readonly name: CommandName;
  readonly at: string;
  readonly why: string;
}

/** Everything a person needs to know about a deployment, in any state. */
export interface DeploymentStatus {
  readonly workflowId: string;
  /** `null` when there was never a deployment. */
  readonly strategy: Runbook | null;
  readonly way: Procedure | null;
  readonly image: string | null;
  readonly phase: Phase | null;
  /** The step that holds, while `phase` is `hold`. */
  readonly heldIn: Phase | null;
  readonly outcome: Outcome | null;
  readonly live: Serving | null;
  /** One sentence that says what is wanted of people now; `null` when nothing is. */
  readonly waitingFor: string | null;
  /** Why green, which waits for an approval, isn't as it was verified, a sentence. Absent while it is. */
  readonly sick?: string;
  /** When something happens by itself, ISO 8601. */
  readonly deadline: string | null;
  /** What happens then. */
  readonly afterDeadline: string | null;
  /** The commands that would be accepted now. */
  readonly commands: readonly CommandName[];
  /** The run that answers; earlier workers don't say. */
  readonly runId?: string;
  /** Whether nothing goes back any more: blue is being retired, or what is proven stays. Absent in runs of earlier versions. */
  readonly forward?: boolean;
  /** Where its approvals stand. Absent where whoever reaches Temporal approves, at any time. */
  readonly approvals?: ApprovalsStatus;
  /** What one person's word began, and nobody has countersigned yet, a sentence each; only the command line knows. */
  readonly uncountersigned?: readonly string[];
  readonly paused: boolean;
  /** Green's share of live traffic by the rules' weights, 0 to 100; `null` before the plan and where no weight decides. */
  readonly greenPercent: number | null;
  /** How many replicas each side is to have at its fullest; `null` before the plan. */
  readonly desired: { readonly blue: number; readonly green: number } | null;
  /** `null` unless a rolling update moves the service's replicas. */
  readonly replicas: RollProgress | null;
  /** How it is, or will be, proven that replicas are warm and that traffic has moved, a sentence each; earlier workers say nothing. */
  readonly proofs?: readonly string[];
  /** How its gates stand: while they are judged as often as each is looked at, but for half a minute. Absent where it has none. */
  readonly gates?: readonly GateStanding[];
  readonly failure: string | null;
  /** The newest failure in full; it stays after a retry. */
  readonly dossier: Dossier | null;
  readonly steps: readonly StepRecord[];
  readonly ignored: readonly IgnoredCommand[];
}

/** The name of {@link DeploymentSummary} in the memo of a run. */
export const summaryMemo = 'cutover';

/** What a run keeps in its memo, for those who want to know of many: as the status has it. */
export type DeploymentSummary = Pick<DeploymentStatus, 'image' | 'paused' | 'waitingFor' | 'deadline'> & {
  readonly heldIn: string | null;
};

/** One deployment that made a release, read from its task definition and the tags on it. */
export interface ReleaseEntry {
  readonly taskDefinition: string;
  readonly image: string;
  readonly digest: string;
  /** SHA-256 of the App.config that came with it; `null` when there was none. */
  readonly configuration: string | null;
  /** When its task definition was registered, ISO 8601. */
  readonly at: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly strategy: string;
  /** `null` while it runs, and when it was terminated. */
  readonly outcome: 'completed' | 'rolledBack' | null;
  /** From `at` to its end. */
  readonly seconds: number | null;
  /** Requests that its replicas failed meanwhile, as the load balancer counted; `null` where that isn't known (any more). */
  readonly failedRequests: number | null;
  /**
   * Requests that the load balancer itself answered with 502, 503 or 504 meanwhile, whatever they were for: AWS counts these of a
   * whole load balancer only. Like `failedRequests`; earlier workers say nothing.
   */
  readonly loadBalancerErrors?: number | null;
  /** Who approved it, and how that was proven, a sentence each. Default: nobody signed. */
  readonly approvals?: readonly string[];
  /** That one person's word began it: `wanted` until somebody else has looked at it. */
  readonly countersignature?: 'wanted' | 'given';
  /** Whether it serves live traffic now. */
  readonly live: boolean;
}

/** The result of a deployment. */
export interface DeploymentOutcome {
  readonly outcome: Outcome;
  readonly strategy: Runbook;
  readonly zone: string;
  readonly application: string;
  /** `null` when it ended before the image was known. */
  readonly image: string | null;
  readonly live: Serving;
  /** Seconds by phase, each added up over its repetitions. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  readonly approved: { readonly by: string | null; readonly reason: string | null; readonly at: string } | null;
  /** What counted where approvals are signed: who, how proven, when, for which plan and image. */
  readonly approvals?: {
    readonly plan: string;
    readonly image: string | null;
    readonly counted: readonly CountedApproval[];
    readonly brokenGlass: boolean;
  };
  /** How its gates stood in the end. Absent where it has none. */
  readonly gates?: readonly GateStanding[];
  /** Why it was rolled back, or what was left over. */
  readonly failure: string | null;
  /** What people should know about how it went; `null` when there is nothing. */
  readonly note: string | null;
  readonly dossier: Dossier | null;
  readonly by: string | null;
  readonly reason: string | null;
}

export const statusQuery = defineQuery<DeploymentStatus, [unknown?]>('status');
