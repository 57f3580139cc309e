/** The state of one execution of a runbook, as its handlers and steps see it; and how it is told to people. */
import { workflowInfo } from '@temporalio/workflow';
import { fittingCommands } from './commands';
import type {
  CommandInput,
  CommandName,
  DeploymentOutcome,
  DeploymentStatus,
  Dossier,
  IgnoredCommand,
  Live,
  Outcome,
  Phase,
  RollProgress,
  Strategy,
} from './messages';

export interface Waiting {
  readonly for: 'approval' | 'retry' | 'bake';
  /** Milliseconds since the epoch; `null` when it waits for ever. */
  readonly until: number | null;
}

export interface RunbookState {
  readonly strategy: Strategy;
  request: { readonly image: string | null; readonly by?: string | undefined; readonly reason?: string | undefined };
  phase: Phase;
  heldIn: Phase | null;
  steps: { phase: Phase; started: number; ended: number | null }[];
  waiting: Waiting | null;
  /** The wish that the steps haven't served yet. */
  accepted: ({ readonly name: CommandName } & CommandInput) | null;
  approved: DeploymentOutcome['approved'];
  paused: boolean;
  /** Somebody wants what remains of traffic steps and bakes skipped. */
  promoted: boolean;
  /** True while blue can still be given back all traffic. */
  restorable: boolean;
  rollingBack: boolean;
  failure: string | null;
  dossier: Dossier | null;
  live: Live | null;
  greenPercent: number | null;
  desired: DeploymentStatus['desired'];
  replicas: RollProgress | null;
  note: string | null;
  /** What people may have to start, while an answer takes longer than it should. */
  missing: string | null;
  outcome: Outcome | null;
  ignored: IgnoredCommand[];
}

export const initialState = (strategy: Strategy, request: RunbookState['request']): RunbookState => ({
  strategy,
  request,
  phase: 'plan',
  heldIn: null,
  steps: [],
  waiting: null,
  accepted: null,
  approved: null,
  paused: false,
  promoted: false,
  restorable: false,
  rollingBack: false,
  failure: null,
  dossier: null,
  live: null,
  greenPercent: null,
  desired: null,
  replicas: null,
  note: null,
  missing: null,
  outcome: null,
  ignored: [],
});

/** The state as the status query answers it. */
export function statusOf(state: RunbookState): DeploymentStatus {
  return {
    workflowId: workflowInfo().workflowId,
    strategy: state.strategy,
    image: state.request.image,
    phase: state.phase,
    heldIn: state.heldIn,
    outcome: state.outcome,
    live: state.live,
    waitingFor: wantedNow(state),
    deadline: state.waiting?.until ? iso(state.waiting.until) : null,
    afterDeadline: state.waiting?.until ? afterDeadline(state) : null,
    commands: state.outcome ? [] : fittingCommands(state),
    paused: state.paused,
    greenPercent: state.greenPercent,
    desired: state.desired,
    replicas: state.replicas,
    failure: state.failure,
    dossier: state.dossier,
    steps: state.steps.map(({ phase, started, ended }) => ({
      phase,
      started: iso(started),
      ended: ended === null ? null : iso(ended),
    })),
    ignored: state.ignored.slice(-20),
  };
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

function wantedNow({ paused, waiting, request, heldIn, missing }: RunbookState): string | null {
  if (missing !== null) return missing;
  if (paused) return 'It is paused: resume to go on, or roll back.';
  switch (waiting?.for) {
    case 'approval':
      return `Green runs ${request.image ?? 'the release'} and answers: approve to give it live traffic, or reject.`;
    case 'retry':
      return `Step ${heldIn} failed: mend the cause and retry, or roll back.`;
    default:
      return null;
  }
}

function afterDeadline({ waiting, restorable }: RunbookState): string {
  if (waiting?.for === 'bake') return 'The bake ends and blue is retired.';
  return restorable ? 'It rolls back to blue by itself.' : 'It ends, with what is left over reported.';
}
