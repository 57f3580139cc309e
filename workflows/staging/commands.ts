/** What people tell a staging: to let LifeTime go on, or to abort. By update, which answers, and by signal, as the Temporal UI sends. */
import { ApplicationFailure, log, setHandler } from '@temporalio/workflow';
import { commandSignals, commandUpdates, parseCommandInput } from '../../contract/commands';
import { abortSignal, abortUpdate, type StageCommand } from '../../contract/staging';
import { stepFailure } from '../engine/failures';
import { askedUntilAnswered, lifeTime } from './activities';
import { commandsOf, type Staging } from './state';

export function handleCommands(staging: Staging): void {
  const updates = { approve: commandUpdates.approve, abort: abortUpdate };
  const signals = { approve: commandSignals.approve, abort: abortSignal };
  for (const name of ['approve', 'abort'] as const) {
    const description = descriptions[name];
    setHandler(updates[name], (input?: unknown) => obey(staging, name, input), { description });
    setHandler(
      signals[name],
      async (input?: unknown) => {
        await obey(staging, name, input).catch((error: Error) => staging.note(error.message.slice(0, 500)));
      },
      { description },
    );
  }
}

const descriptions = {
  approve: 'Lets LifeTime go on where it waits for people.',
  abort: 'Aborts the deployment in LifeTime; one that has not begun is never started.',
} as const;

/** @throws {ApplicationFailure} of type `Refused` with one sentence, also LifeTime's own */
async function obey(staging: Staging, name: StageCommand, raw: unknown): Promise<string> {
  const parsed = parseCommandInput(raw);
  if ('error' in parsed) throw refused(name, parsed.error);
  const { state } = staging;
  if (!commandsOf(state).includes(name))
    throw refused(name, state.outcome === null && !state.aborts ? 'LifeTime waits for nobody now' : 'it ends already');
  const { by = 'somebody', reason } = parsed.value;
  staging.note(`${name} by ${by}${reason === undefined ? '' : `: ${reason}`}`.slice(0, 500));
  const { deployment, messages } = state;
  if (name === 'abort') state.aborts = true;
  // Before it is started nothing has to be told to LifeTime: the staging discards it.
  if (deployment === null || state.state === null) return 'It is not started.';
  try {
    const command = name === 'approve' ? 'continue' : 'abort';
    await askedUntilAnswered(staging, (again) => lifeTime.commandDeployment({ deployment, command, messages, again }));
  } catch (error) {
    if (name === 'abort') state.aborts = false;
    const failure = stepFailure(error);
    if (!failure) throw error;
    log.warn(`LifeTime was not told: ${failure.message}`);
    throw refused(name, failure.message);
  }
  return name === 'approve' ? 'LifeTime goes on.' : 'LifeTime aborts it.';
}

const refused = (name: StageCommand, why: string) =>
  ApplicationFailure.nonRetryable(`${name} was refused: ${why.replace(/\.$/, '')}.`, 'Refused');
