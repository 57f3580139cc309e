/**
 * The commands that people steer a runbook with: one table. Each is registered as a Signal (Temporal UI, works without a worker)
 * and as an Update with a validator (CLI: a refusal is a sentence). A command only changes the state; the steps look at that.
 */
import { log, setHandler } from '@temporalio/workflow';
import {
  commandNames,
  commandSignals,
  commandUpdates,
  parseCommandInput,
  wordsFault,
  type CommandInput,
  type CommandName,
} from '../../contract/commands';
import { tell } from '../audit/tell';
import { present, signatureRefusal, signedIfWanted, worthOf } from '../approvals/present';
import { formatSick } from '../text/wanted';
import { phaseTexts } from '../text/phases';
import { refusedUpdate } from '../refused-update';
import { keepIgnored, type RunbookState } from './state';

interface Command {
  /** Why it can't be taken now, as a sentence; `undefined` when it can. */
  readonly refusal: (state: RunbookState, input: CommandInput) => string | undefined;
  readonly effect: (state: RunbookState, input: CommandInput) => void;
}

const accept =
  (name: 'approve' | 'reject' | 'retry' | 'rollback') =>
  (state: RunbookState, input: CommandInput): void => {
    state.accepted = { name, ...input };
  };

const whileWaitingFor = (what: 'approval' | 'retry', otherwise: string) => (state: RunbookState) =>
  state.waiting?.for === what ? undefined : otherwise;

export const commands: Readonly<Record<CommandName, Command>> = {
  approve: {
    refusal: (state, { image, signed }) =>
      whileWaitingFor('approval', 'Nothing waits for an approval now.')(state) ??
      (image === undefined || image === state.request.image
        ? signatureRefusal(state, signed)
        : `This deployment is of ${state.request.image ?? 'no image'}, not of ${image}.`),
    effect: (state, input) => {
      if (input.signed && state.approvals) present(state.approvals, input.signed);
      else accept('approve')(state, input);
    },
  },
  reject: {
    refusal: whileWaitingFor('approval', 'Nothing waits for an approval now; to undo the deployment use rollback.'),
    effect: accept('reject'),
  },
  pause: {
    refusal: ({ paused, outcome, rollingBack, phase }) => {
      if (outcome) return 'It has ended.';
      if (paused) return 'It is paused already.';
      if (rollingBack) return 'It is rolling back, which has no further step to stop before.';
      return phase === 'cleanUp' ? 'This is its last step: there is none to stop before.' : undefined;
    },
    effect: (state) => {
      state.paused = true;
    },
  },
  resume: {
    refusal: ({ paused }) => (paused ? undefined : 'It is not paused.'),
    effect: (state) => {
      state.paused = false;
    },
  },
  retry: {
    refusal: whileWaitingFor('retry', 'No step holds now.'),
    effect: accept('retry'),
  },
  rollback: {
    refusal: ({ restorable, rollingBack, way }) =>
      rollingBack ? 'It is rolling back already.' : restorable ? undefined : phaseTexts[way].tooLate,
    effect: accept('rollback'),
  },
  promote: {
    refusal: ({ waiting }) => (waiting?.for === 'bake' ? undefined : 'There is no bake to end now.'),
    effect: (state) => {
      state.promoted = true;
    },
  },
};

/** The commands that would be taken now, a signed approval where only that is. */
export const fittingCommands = (state: RunbookState): CommandName[] =>
  commandNames.filter((name) => refusalOf(name, state, name === 'approve' ? signedIfWanted(state) : {}) === undefined);

function refusalOf(name: CommandName, state: RunbookState, input: CommandInput): string | undefined {
  if (state.accepted) return `${state.accepted.name} was accepted just before and comes first.`;
  return commands[name].refusal(state, input);
}

/**
 * Must be called before the first await: a message that arrives earlier would find no handler. Called again once it is known how
 * live traffic will change hands, so that the descriptions fit.
 * @param changed is called after each message, with the command that was taken, if it was
 */
export function handleCommands(state: RunbookState, changed: (taken: CommandName | null) => void): void {
  for (const name of commandNames) {
    const description = phaseTexts[state.way].commands[name];
    setHandler(
      commandSignals[name],
      (raw?: unknown) => {
        const parsed = parseCommandInput(raw);
        const why = 'error' in parsed ? parsed.error : refusalOf(name, state, parsed.value);
        if (why === undefined && 'value' in parsed) take(state, name, parsed.value);
        else ignore(state, name, why ?? '');
        changed(why === undefined ? name : null);
      },
      { description },
    );
    setHandler(
      commandUpdates[name],
      (raw?: unknown) => {
        const parsed = parseCommandInput(raw);
        if ('value' in parsed) take(state, name, parsed.value);
        changed('value' in parsed ? name : null);
        const presented = 'value' in parsed && parsed.value.signed && state.approvals?.presented.at(-1);
        const sick = name === 'approve' ? formatSick(state) : null;
        return presented ? worthOf(presented) : `${name} accepted${sick === null ? '' : `. ${sick}`}`;
      },
      {
        description,
        validator: (raw?: unknown) => {
          const parsed = parseCommandInput(raw);
          const why = wordsFault(raw) ?? ('error' in parsed ? parsed.error : refusalOf(name, state, parsed.value));
          if (why !== undefined) throw refusedUpdate(`${name} was refused: ${why}`);
        },
      },
    );
  }
}

/** A signed approval is told once it is known what it is worth. */
function take(state: RunbookState, name: CommandName, input: CommandInput): void {
  commands[name].effect(state, input);
  if (!input.signed) tell(state.audit, 'command', { command: name, by: input.by, reason: input.reason });
}

/** A signal has no answer: the status and the log tell that it was ignored. */
function ignore(state: RunbookState, name: CommandName, why: string): void {
  keepIgnored(state, name, why);
  tell(state.audit, 'command', { command: name, ignored: why });
  log.warn(`The signal ${name} was ignored: ${why}`);
}
