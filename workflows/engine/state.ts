/** The state of one execution of a runbook, as its handlers and steps see it; and how it is told to people. */
import { workflowInfo } from '@temporalio/workflow';
import { fittingCommands } from './commands';
import { procedureOf, wordings } from '../text/phases';
import type { CommandInput, CommandName } from '../../contract/commands';
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
import type { Serving } from '../../planning/observed/blue';

export interface Waiting {
  readonly for: 'approval' | 'retry' | 'bake';
  /** Milliseconds since the epoch; `null` when it waits for ever. */
  readonly until: number | null;
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
  /** The wish that the steps haven't served yet. */
  accepted: ({ readonly name: CommandName } & CommandInput) | null;
  approved: DeploymentOutcome['approved'];
  paused: boolean;
  /** Somebody wants what remains of traffic steps and bakes skipped. */
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
  /** What the end of the last bake does to what served before, as a sentence; `null` where the way alone tells. */
  afterBake: string | null;
  /** What people may have to start, while an answer takes longer than it should. */
  missing: string | null;
  outcome: Outcome | null;
  ignored: IgnoredCommand[];
}

export const initialState = (strategy: Runbook, request: RunbookState['request']): RunbookState => ({
  strategy,
  way: procedureOf(strategy, 'blueGreen'),
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
  proven: false,
  failure: null,
  dossier: null,
  live: null,
  greenPercent: null,
  desired: null,
  replicas: null,
  note: null,
  afterBake: null,
  missing: null,
  outcome: null,
  ignored: [],
});

/** The state as the status query answers it. */
export function statusOf(state: RunbookState): DeploymentStatus {
  return {
    workflowId: workflowInfo().workflowId,
    strategy: state.strategy,
    way: state.way,
    image: state.request.image,
    phase: state.phase,
    heldIn: state.heldIn,
    outcome: state.outcome,
    live: state.live,
    waitingFor: wantedNow(state),
    ...nextByItself(state),
    commands: state.outcome ? [] : fittingCommands(state),
    paused: state.paused,
    greenPercent: state.greenPercent,
    desired: state.desired,
    replicas: state.replicas,
    failure: state.failure,
    dossier: state.dossier,
    steps: state.steps.map(({ phase, started, ended, done }) => ({
      phase,
      started: iso(started),
      ended: ended === null ? null : iso(ended),
      done,
    })),
    ignored: state.ignored.slice(-20),
  };
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** A pause comes first, and what is asked besides is still asked. */
function wantedNow(state: RunbookState): string | null {
  const { missing, paused, restorable } = state;
  if (missing !== null) return missing;
  const asked = askedNow(state);
  if (!paused) return asked;
  const stays = nextByItself(state).deadline === null ? ', and stays so' : '';
  const pause = `It is paused${stays}: resume to go on${restorable ? ', or roll back' : ''}.`;
  return asked === null ? pause : `${pause} ${asked}`;
}

function askedNow({ waiting, request, heldIn, way, steps, restorable }: RunbookState): string | null {
  switch (waiting?.for) {
    case 'approval':
      return `${isBeforeStart(steps) ? beforeStart(request.image) : wordings[way].asked(request.image)}${request.deadline === undefined ? '' : ' The OutSystems platform waits for this, and nothing else of its environment can be deployed meanwhile.'}`;
    case 'retry':
      return `Step ${heldIn} failed: mend the cause and retry${restorable ? ', or roll back' : ''}.`;
    default:
      return null;
  }
}

/** Nothing of it runs yet. */
const isBeforeStart = (steps: RunbookState['steps']) => !steps.some(({ phase }) => phase === 'prepare');
const beforeStart = (image: string | null) =>
  `Nothing was changed so far: approve to start ${image ?? 'it'}, or reject.`;

/**
 * What happens by itself, and when: the wait that is on now ends, or the platform's clock does, whichever is first. A bake
 * that is over leads nowhere while the deployment is paused.
 */
function nextByItself(state: RunbookState): Pick<DeploymentStatus, 'deadline' | 'afterDeadline'> {
  const ownWait = state.paused && state.waiting?.for === 'bake' ? null : state.waiting;
  const own = ownWait?.until ?? null;
  const platform = state.outcome === null ? platformDeadline(state) : null;
  if (platform !== null && (own === null || platform < own))
    return { deadline: iso(platform), afterDeadline: afterPlatform(state) };
  return { deadline: own === null ? null : iso(own), afterDeadline: own === null ? null : afterDeadline(state) };
}

/** When the platform's clock decides, in milliseconds since the epoch; `null` when it doesn't, or no more. */
const platformDeadline = ({ request: { deadline }, restorable }: RunbookState): number | null =>
  deadline === undefined || !restorable ? null : Date.parse(deadline);

const afterPlatform = (state: RunbookState): string =>
  endsBakeInTime(state)
    ? 'The bake ends, so that the OutSystems platform is told in time.'
    : `By itself it ${wordings[state.way].back}: the OutSystems platform waits no longer.`;

/** What is proven, and didn't fail since, isn't taken back because time is up. */
export const endsBakeInTime = ({ proven, heldIn, request: { commits } }: RunbookState): boolean =>
  proven && (heldIn === null || commits === 'afterProof');

/** From here on nothing rolls back by itself: the platform may have been told that it is done. */
export const committed = ({ proven, request: { commits } }: RunbookState): boolean =>
  proven && commits === 'afterProof';

function afterDeadline({ waiting, restorable, way, greenPercent, afterBake }: RunbookState): string {
  if (waiting?.for === 'bake')
    return way === 'blueGreen' && greenPercent !== null && greenPercent < 100
      ? 'The bake ends, and green gets its next share of live traffic.'
      : (afterBake ?? wordings[way].afterBake);
  return restorable ? `It ${wordings[way].back}.` : 'It ends, with what is left over reported.';
}
