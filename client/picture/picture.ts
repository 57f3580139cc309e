/**
 * What a deployment looks like, as a value: the terminal draws it as a tree, the page as the diagram of the documents. It is a pure
 * function of the deployment's status and of what is there on AWS.
 */
import { parseDeploymentId } from '../../contract/ids';
import type { CommandName } from '../../contract/commands';
import { phases, type DeploymentStatus, type Outcome, type Phase } from '../../contract/status';
import { formatProof } from '../../contract/approvals';
import type { GateStanding } from '../../planning/gates/standing';
import type { Topology } from '../../planning/topology';
import { formatPhase } from '../text/phase';
import { placesOf, type Place } from './places';
import { routesOf, type Route } from './routes';

export interface Picture {
  readonly zone: string;
  readonly application: string;
  /** `null` when there was never a deployment. */
  readonly runId: string | null;
  readonly image: string | null;
  /** In which colour all of it is to be seen. */
  readonly stands: 'idle' | 'moves' | 'waits' | 'holds' | Outcome;
  /** Where it is, e.g. `holds in start`, or how it ended. */
  readonly headline: string;
  readonly phases: readonly PicturedPhase[];
  /** The clock of the phase; `null` once it is over. */
  readonly clock: Clock | null;
  /** What is wanted of people, a sentence. */
  readonly wanted: string | null;
  readonly commands: readonly CommandName[];
  /** Who approved, and why no cut may begin, a sentence each. */
  readonly approvals: readonly string[];
  readonly routes: readonly Route[];
  /** What can serve it: blue, then green, then what has no role now. */
  readonly places: readonly Place[];
  readonly gates: readonly GateStanding[];
  /** Why it holds, or went back. */
  readonly trouble: Trouble | null;
}

export interface PicturedPhase {
  readonly phase: Phase;
  readonly state: 'done' | 'now' | 'stopped' | 'ahead';
  /** How long it took so far without its newest turn, where that is on; all of it, once it is over. */
  readonly tookMs: number;
}

export interface Clock {
  readonly phase: Phase;
  /** ISO 8601. */
  readonly since: string;
  /** When something happens by itself, ISO 8601, and what. */
  readonly until: string | null;
  readonly then: string | null;
}

export interface Trouble {
  readonly failure: string;
  /** What AWS said of tasks, targets and services then. */
  readonly says: readonly string[];
  readonly changed: readonly string[];
  readonly next: string | null;
}

/** @param topology what is there on AWS; without it replicas are only counted */
export function pictureOf(status: DeploymentStatus, topology?: Topology): Picture {
  const places = placesOf(status, topology);
  return {
    ...parseDeploymentId(status.workflowId),
    runId: status.runId ?? null,
    image: status.image,
    stands: standsOf(status),
    headline: headlineOf(status),
    phases: phasesOf(status),
    clock: clockOf(status),
    wanted: status.waitingFor,
    commands: status.commands,
    approvals: approvalsOf(status),
    routes: routesOf(topology, places),
    places,
    gates: status.gates ?? [],
    trouble: troubleOf(status),
  };
}

function standsOf({ phase, outcome, heldIn, waitingFor }: DeploymentStatus): Picture['stands'] {
  if (phase === null) return 'idle';
  if (outcome !== null) return outcome;
  if (heldIn !== null) return 'holds';
  return waitingFor === null ? 'moves' : 'waits';
}

const endings: Readonly<Record<Outcome, string>> = {
  completed: 'completed',
  rolledBack: 'rolled back',
  failed: 'failed',
  terminated: 'terminated',
};

function headlineOf({ phase, outcome, heldIn, paused }: DeploymentStatus): string {
  if (phase === null) return 'no deployment so far';
  return outcome === null ? formatPhase({ phase, heldIn, paused }) : endings[outcome];
}

/** Those that a deployment comes through by itself, and what it went back by, where it did. */
function phasesOf(status: DeploymentStatus): PicturedPhase[] {
  const { steps, outcome, phase, way } = status;
  const at = outcome === null ? phase : null;
  const known = new Set(steps.map((step) => step.phase));
  const last = Math.max(-1, ...steps.map((step) => (step.phase === 'hold' ? -1 : phases.indexOf(step.phase))));
  const turned = known.has('rollBack') || outcome !== null;
  const comes = (one: Phase) =>
    !turned && phases.indexOf(one) > last && (way === 'blueGreen' || way === 'rollingUpdate');
  return phases
    .filter((one) => one !== 'hold' && (known.has(one) || (one !== 'rollBack' && comes(one))))
    .map((one) => pictured(one, status, one === (status.heldIn ?? at)));
}

function pictured(phase: Phase, { steps, outcome }: DeploymentStatus, isNow: boolean): PicturedPhase {
  const own = steps.filter((step) => step.phase === phase);
  const tookMs = own.reduce(
    (sum, { started, ended }) => sum + (ended === null ? 0 : Date.parse(ended) - Date.parse(started)),
    0,
  );
  const newest = own.at(-1);
  if (newest === undefined) return { phase, state: 'ahead', tookMs: 0 };
  if (isNow && outcome === null) return { phase, state: 'now', tookMs };
  return { phase, state: newest.done ? 'done' : 'stopped', tookMs };
}

function clockOf({ steps, outcome, heldIn, phase, deadline, afterDeadline }: DeploymentStatus): Clock | null {
  const newest = steps.at(-1);
  if (newest === undefined || outcome !== null) return null;
  return {
    phase: heldIn ?? phase ?? newest.phase,
    since: newest.ended ?? newest.started,
    until: deadline,
    then: afterDeadline,
  };
}

function approvalsOf({ approvals }: DeploymentStatus): string[] {
  if (approvals === undefined) return [];
  const { counted, minimum, closed } = approvals;
  return [
    ...(minimum > 0 ? [`${counted.length} of ${minimum} approvals`] : []),
    ...counted.map((one) => `${formatProof(one)}${one.breakGlass ? ', alone' : ''}`),
    ...(closed === null ? [] : [closed]),
  ];
}

function troubleOf({ failure, dossier }: DeploymentStatus): Trouble | null {
  if (failure === null) return null;
  if (dossier === null) return { failure, says: [], changed: [], next: null };
  const { tasks, targets, events, unread, changed, next } = dossier;
  const unasked = unread === null ? [] : [`AWS could not be asked: ${unread}`];
  return { failure, says: [...tasks, ...targets, ...events, ...unasked], changed, next };
}
