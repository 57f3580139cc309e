/** How a staging is getting on: the state that its status query, its search attributes and the Temporal UI show. */
import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { searchAttributes } from '../../contract/ids';
import {
  stagingQuery,
  type StageCommand,
  type StageRequest,
  type StagedApplication,
  type StagingLook,
  type StagingOutcome,
  type StagingStatus,
} from '../../contract/staging';
import { formatIntervention, formatStaging } from '../../contract/staging-text';
import { escapeMarkdown } from '../../contract/text';

export interface StagingState extends StagingLook {
  doing: string;
  applications: readonly StagedApplication[];
  deployment: string | null;
  outcome: StagingOutcome | null;
  failure: string | null;
  notes: readonly string[];
  /** Whether a person has said that it shall not be. */
  aborts: boolean;
  /** For how long a LifeTime that is away is asked again. */
  patienceMs: number;
}

export interface Staging {
  readonly request: StageRequest;
  readonly state: StagingState;
  readonly show: (now: Partial<StagingState>) => void;
  readonly note: (note: string) => void;
  readonly status: () => StagingStatus;
}

/** Until the settings are known. */
const firstPatienceMs = 10 * 60_000;

export function openStaging(request: StageRequest): Staging {
  const { goesOn, applications } = request;
  const state: StagingState = {
    doing: 'Looks at what is where',
    applications: goesOn?.applications ?? [],
    deployment: goesOn?.deployment ?? null,
    state: null,
    info: '',
    messages: 0,
    lastMessage: null,
    away: null,
    operations: [],
    outcome: null,
    failure: null,
    notes: goesOn?.notes ?? [],
    aborts: false,
    patienceMs: goesOn?.patienceMs ?? firstPatienceMs,
  };
  const status = () => statusOf(request, state);
  let searchable = '';
  const show = (now: Partial<StagingState>): void => {
    Object.assign(state, now);
    setCurrentDetails(details(status()));
    const waitsFor = status().waitingFor === null ? null : 'approval';
    if (searchable === `${waitsFor} ${state.outcome}`) return;
    searchable = `${waitsFor} ${state.outcome}`;
    upsertSearchAttributes([
      { key: searchAttributes.waitsFor, value: waitsFor },
      { key: searchAttributes.outcome, value: state.outcome },
    ]);
  };
  setHandler(stagingQuery, status, { description: 'How the staging is getting on.' });
  upsertSearchAttributes([{ key: searchAttributes.application, value: applications.join(', ').slice(0, 200) }]);
  const note = (text: string): void => show({ notes: [...state.notes, text].slice(-100) });
  show({});
  return { request, state, show, note, status };
}

function statusOf({ from, to }: StageRequest, state: StagingState): StagingStatus {
  const { aborts: _aborts, patienceMs: _patienceMs, ...shown } = state;
  const waitingFor = state.outcome === null ? formatIntervention(state.state, state.info) : null;
  return { workflowId: workflowInfo().workflowId, from, to, ...shown, waitingFor, commands: commandsOf(state) };
}

/** What would be accepted now. */
export function commandsOf({ outcome, aborts, state }: StagingState): StageCommand[] {
  if (outcome !== null || aborts) return [];
  return state === 'needs_user_intervention' ? ['approve', 'abort'] : ['abort'];
}

/** The tree as it is, in lines that Markdown leaves alone. */
function details(status: StagingStatus): string {
  const [head = '', ...lines] = formatStaging(status).map((line) =>
    escapeMarkdown(line).replace(/^ +/, (indent) => '\u00a0'.repeat(indent.length)),
  );
  return [`### ${head}`, lines.join('  \n')].join('\n\n');
}
