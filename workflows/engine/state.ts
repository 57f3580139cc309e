/**
 * The state of one execution of a runbook: its handlers and its steps change it, its status is made of it, and what follows from
 * it alone is decided here.
 */
import type { ApprovalMoment, CountedApproval, SignedStatement } from '../../contract/approvals';
import type { CommandInput, CommandName } from '../../contract/commands';
import type { PlatformApplication } from '../../contract/runbook-requests';
import type {
  DeploymentOutcome,
  DeploymentStatus,
  Dossier,
  IgnoredCommand,
  Outcome,
  Phase,
  Procedure,
  RollProgress,
  Runbook,
} from '../../contract/status';
import type { ApprovedRelease } from '../../planning/approvals/record';
import type { ApprovalDemand } from '../../planning/approvals/demand';
import type { GateStanding } from '../../planning/gates/standing';
import type { Serving } from '../../planning/observed/blue';
import { startAudit, type RunAudit } from '../audit/tell';
import type { Strategy } from '../../settings/runbook';

export interface Waiting {
  readonly for: 'approval' | 'retry' | 'bake';
  /** Milliseconds since the epoch; `null` when it waits for ever. */
  readonly until: number | null;
}

/** Approvals that are signed, and cuts that have their time. */
export interface ApprovalState {
  readonly demand: ApprovalDemand;
  readonly application: PlatformApplication;
  /** What is asked for now; `null` while nothing is. */
  moment: ApprovalMoment | null;
  /** Whether people are asked now, or only the time. */
  asks: boolean;
  counted: readonly CountedApproval[];
  missing: number;
  brokenGlass: boolean;
  /** Why no cut may begin now, a sentence. */
  closed: string | null;
  /** Whether somebody is asked to countersign already. */
  countersigning: boolean;
  /** What came and wasn't looked at yet. */
  presented: Presented[];
}

/** An approval on its way: `null` until it is known what it is worth, then why it doesn't count, or that it does. */
export interface Presented {
  readonly at: string;
  readonly signed: SignedStatement;
  answer: { readonly why: string | null } | null;
}

export interface RunbookState {
  readonly strategy: Runbook;
  /** Known once it is planned. */
  way: Procedure;
  request: {
    readonly image: string | null;
    readonly by?: string | undefined;
    readonly reason?: string | undefined;
    readonly deadline?: string | undefined;
    readonly commits?: 'afterBake' | 'afterProof' | undefined;
  };
  phase: Phase;
  heldIn: Phase | null;
  steps: { phase: Phase; started: number; ended: number | null; done: boolean }[];
  waiting: Waiting | null;
  /** The newest command that was accepted and that no step has acted on yet. */
  accepted: ({ readonly name: CommandName } & CommandInput) | null;
  approved: DeploymentOutcome['approved'];
  /** What an approval is asked for, where that isn't what its procedure always asks. */
  question: string | null;
  /** Why what is asked about isn't as it was verified, a sentence; `null` while it is. */
  sick: string | null;
  /** Where approvals stand, once it is planned; `null` where whoever reaches Temporal approves, at any time. */
  approvals: ApprovalState | null;
  /** What is told to the audit trail. */
  readonly audit: RunAudit;
  paused: boolean;
  /** What remains of traffic steps and bakes is to be skipped. */
  promoted: boolean;
  /** True while blue can still be given back all traffic. */
  restorable: boolean;
  rollingBack: boolean;
  /** What it brings is proven to serve all live traffic. */
  proven: boolean;
  failure: string | null;
  dossier: Dossier | null;
  live: Serving | null;
  greenPercent: number | null;
  desired: DeploymentStatus['desired'];
  replicas: RollProgress | null;
  note: string | null;
  /** How it is, or will be, proven that replicas are warm, and that traffic has moved; where nothing was to be said, `null`. */
  proofs: { planned: string | null; verified: string | null; served: string | null };
  /** How its gates stood when that was last told; empty where it has none. */
  gates: readonly GateStanding[];
  /** What the end of the last bake does to what served before, as a sentence; `null` where the procedure alone decides it. */
  afterBake: string | null;
  /** What people may have to start, while an answer takes longer than it should. */
  missing: string | null;
  outcome: Outcome | null;
  ignored: IgnoredCommand[];
  /** What can be searched for, by name, as JSON. */
  readonly searchable: Record<string, string>;
  /** What its memo says, as JSON; `null` while there is none. */
  remembered: string | null;
}

export const initialState = (runbook: Runbook, request: RunbookState['request']): RunbookState => ({
  strategy: runbook,
  way: procedureOf(runbook, 'blueGreen'),
  request,
  phase: 'plan',
  heldIn: null,
  steps: [],
  waiting: null,
  accepted: null,
  approved: null,
  question: null,
  sick: null,
  approvals: null,
  audit: startAudit(),
  paused: false,
  promoted: false,
  restorable: true,
  rollingBack: false,
  proven: false,
  failure: null,
  dossier: null,
  live: null,
  greenPercent: null,
  desired: null,
  replicas: null,
  note: null,
  proofs: { planned: null, verified: null, served: null },
  gates: [],
  afterBake: null,
  missing: null,
  outcome: null,
  ignored: [],
  searchable: {},
  remembered: null,
});

/** Nobody has approved yet. */
export const approvalsOf = (demand: ApprovalDemand, { name, key }: PlatformApplication): ApprovalState => ({
  demand,
  application: { name, key },
  moment: null,
  asks: false,
  counted: [],
  missing: demand.minimum,
  brokenGlass: false,
  closed: null,
  countersigning: false,
  presented: [],
});

/** What a release's record says of its approvals; `undefined` where nobody signed. */
export const approvedOf = ({ approvals }: RunbookState): ApprovedRelease | undefined =>
  approvals && approvals.counted.length > 0
    ? { plan: approvals.demand.plan, counted: approvals.counted, brokenGlass: approvals.brokenGlass }
    : undefined;

/** Which image and plan, where they are known, and how many approvals counted. */
export const approvedFacts = ({ request: { image }, approvals }: RunbookState) => ({
  image,
  ...(approvals && {
    digest: approvals.demand.image,
    plan: approvals.demand.plan,
    approvals: approvals.counted.length,
    brokenGlass: approvals.brokenGlass,
  }),
});

/** @param strategy from the options; it counts only for runbooks that can go either way */
export function procedureOf(runbook: Runbook, strategy: Strategy): Procedure {
  if (runbook === 'removeApplication') return 'removal';
  if (runbook === 'retireWarm') return 'retirement';
  return runbook === 'undo' || runbook === 'updateConfiguration' ? strategy : runbook;
}

/** The newest twenty of what was asked of it in vain; the status tells them. */
export function keepIgnored(state: RunbookState, name: CommandName, why: string): void {
  state.ignored = [...state.ignored, { name, at: new Date().toISOString(), why }].slice(-20);
}

/** Whether the way back is wanted while there still is one. */
export const wantsRollback = ({ accepted, restorable }: RunbookState): boolean =>
  restorable && (accepted?.name === 'rollback' || accepted?.name === 'reject');

/** What is proven, and didn't fail since, isn't taken back because time is up. */
export const endsBakeInTime = ({ proven, heldIn, request: { commits } }: RunbookState): boolean =>
  proven && (heldIn === null || commits === 'afterProof');

/** From here on nothing rolls back by itself: the platform may have had its answer, a success. */
export const committed = ({ proven, request: { commits } }: RunbookState): boolean =>
  proven && commits === 'afterProof';

/** Whether nothing goes back any more: blue is being retired, or what is proven stays. */
export const isForward = (state: RunbookState): boolean =>
  !state.rollingBack && (committed(state) || state.phase === 'retire' || state.phase === 'cleanUp');
