/**
 * What the phases and the commands do, in words that fit the way it is done: beside blue and cut over, replica by replica, a
 * removal, or the end of what was kept warm. Told in the status, in the Temporal UI and in the dossier of a failure.
 */
import type { CommandName } from '../../contract/commands';
import type { Phase, Procedure, Runbook } from '../../contract/status';
import type { Strategy } from '../../settings/runbook';

/** @param chosen what the options say; only those runbooks that can go either way look at it */
export function procedureOf(runbook: Runbook, chosen: Strategy): Procedure {
  if (runbook === 'removeApplication') return 'removal';
  if (runbook === 'retireWarm') return 'retirement';
  return runbook === 'undo' || runbook === 'updateConfiguration' ? chosen : runbook;
}

export interface Wording {
  /** What is done now. */
  readonly doing: Readonly<Record<Phase, string>>;
  /** What a phase has changed, once it began. */
  readonly changed: Readonly<Partial<Record<Phase, string>>>;
  /** What is there to be approved. */
  readonly asked: (image: string | null) => string;
  readonly afterBake: string;
  /** What a rollback does. */
  readonly back: string;
  /** Where a rollback led. */
  readonly wentBack: string;
  /** What holds when it can't go back any more. */
  readonly stays: string;
  /** Why it can't go back any more, and what to do instead. */
  readonly tooLate: string;
  /** What each command does, as the Temporal UI lists it beside the name. */
  readonly commands: Readonly<Record<CommandName, string>>;
  /** How many replicas each side is to have at its fullest. */
  readonly replicas: (desired: { readonly blue: number; readonly green: number }) => string;
}

const why = 'Optional: {"by", "reason"}.';

/** What they do in every runbook. */
const steering = {
  reject: `Refuses the approval that is asked for, and goes back. ${why}`,
  pause: 'Stops before the next step, until resume.',
  resume: 'Goes on after a pause.',
  retry: 'Runs the step that holds once more.',
} as const;

const approving = (what: string) =>
  `${what} Optional: {"by", "reason", "image"}; another image than the deployed one is refused.`;

const always = { plan: 'plan, nothing is touched yet', approve: 'approve', hold: 'hold' } as const;

const blueGreen: Wording = {
  doing: {
    ...always,
    prepare: 'prepare what green needs',
    start: 'start green beside blue',
    verify: 'verify green through the test route',
    shift: 'shift live traffic to green',
    settle: 'settle, until every node of the load balancer knows',
    bake: 'bake, with blue at full capacity beside green',
    retire: 'retire blue, drained',
    cleanUp: 'clean up the test route',
    rollBack: 'roll back to blue',
  },
  changed: {
    prepare: "a task definition, green's target group and its test rules were made",
    start: "green's service was given the new task definition and its replicas",
    shift: 'live traffic was moved towards green',
    retire: "blue's replicas were told to stop",
    cleanUp: 'the test rules were removed',
  },
  asked: (image) => `Green runs ${image ?? 'the release'} and answers: approve to give it live traffic, or reject.`,
  afterBake: 'The bake ends and blue is retired.',
  back: 'gives all traffic to blue and takes green down',
  wentBack: 'blue serves as before',
  stays: 'Green serves and stays',
  tooLate: 'Blue is being retired or is gone: deploy the image that should serve, or undo this once it has ended.',
  commands: {
    ...steering,
    approve: approving('Lets green have live traffic; before the start, lets green begin.'),
    rollback: `Gives all traffic to blue and takes green down. ${why}`,
    promote: 'Skips what remains of traffic steps and bake: green gets all traffic, and blue is retired.',
  },
  replicas: ({ blue, green }) => `blue ${blue}, green ${green}`,
};

const rollingUpdate: Wording = {
  doing: {
    ...always,
    prepare: 'prepare what the pilot needs',
    start: 'start the pilot, one replica of the new release',
    verify: 'verify the pilot through the test route',
    shift: "replace the live service's replicas, one after the other",
    settle: 'settle, and prove that only the new release answers',
    bake: 'bake, with every replica of the new release',
    retire: 'retire',
    cleanUp: 'take the pilot and the test route away',
    rollBack: 'roll back to the release before, replica by replica',
  },
  changed: {
    prepare: "a task definition, the pilot's target group and its test rules were made",
    start: 'a pilot replica of the new release was started, without live traffic',
    shift: 'the live service was told to replace its replicas, and some of them may be of the new release',
    cleanUp: 'the pilot and the test rules were removed',
  },
  asked: (image) =>
    `One replica runs ${image ?? 'the release'} and answers: approve to replace the live ones, or reject.`,
  afterBake: 'The bake ends, and the pilot goes.',
  back: 'rolls the live service back to the release before, replica by replica, and takes the pilot down',
  wentBack: 'the release before serves in every replica',
  stays: 'The new release serves and stays',
  tooLate:
    'The new release serves and the pilot is going: deploy the image that should serve, or undo this once it has ended.',
  commands: {
    ...steering,
    approve: approving(
      'Lets the live replicas be replaced, one after the other; before the start, lets the pilot begin.',
    ),
    rollback: `Rolls the live service back to the release before, replica by replica, and takes the pilot down. ${why}`,
    promote: 'Ends the bake: the new release stays, and the pilot goes.',
  },
  replicas: ({ blue, green }) => `live ${blue}, pilot ${green}`,
};

const removal: Wording = {
  doing: {
    ...always,
    prepare: 'prepare the test route to the Platform Server',
    start: 'start',
    verify: 'ask the Platform Server for every module, while the containers serve',
    shift: 'take the rules away, and live traffic with them',
    settle: 'settle, and prove that no container answers any more',
    bake: 'bake',
    retire: 'stop the containers, drained',
    cleanUp: 'delete the services, the target groups and the test route',
    rollBack: 'give live traffic back to the containers',
  },
  changed: {
    prepare: 'test rules to the Platform Server were made',
    shift: 'the rules that lead to the containers were taken away, or some of them',
    retire: 'the containers were told to stop',
    cleanUp: 'services and target groups were deleted, or some of them',
  },
  asked: () =>
    'The Platform Server gave a clear answer for every module: approve to take the rules to the containers away, or reject.',
  afterBake: 'It goes on.',
  back: 'puts the rules back, so that the containers serve as before',
  wentBack: 'the containers serve as before',
  stays: "Live traffic is the Platform Server's and stays there",
  tooLate: "Live traffic is the Platform Server's: deploy an image once this has ended to have containers again.",
  commands: {
    ...steering,
    approve: `Lets the rules that lead to the containers be taken away. ${why}`,
    rollback: `Puts the rules back, so that the containers serve as before. ${why}`,
    promote: 'Does nothing here: a removal has no traffic steps and no bake.',
  },
  replicas: ({ blue }) => `containers ${blue}`,
};

/** The replicas that an earlier deployment kept warm serve nothing. */
const retirement: Wording = {
  doing: {
    ...always,
    prepare: 'prepare',
    start: 'start',
    verify: 'verify',
    shift: 'shift',
    settle: 'settle',
    bake: 'bake',
    retire: 'stop the replicas that were kept warm, drained',
    cleanUp: 'take away the test route that kept them attached',
    rollBack: 'leave the replicas as they are',
  },
  changed: {
    retire: 'the replicas that were kept warm were told to stop',
    cleanUp: 'the test rules that kept them attached were removed',
  },
  asked: () => 'Nothing is asked here.',
  afterBake: 'It goes on.',
  back: 'leaves the replicas as they are',
  wentBack: 'nothing was changed',
  stays: 'What serves is not touched',
  tooLate: 'The replicas that were kept warm are being stopped: deploy the image that should serve.',
  commands: {
    ...steering,
    approve: 'Does nothing here: no approval is asked for.',
    reject: 'Does nothing here: no approval is asked for.',
    rollback: `Leaves the replicas as they are, until they are being stopped. ${why}`,
    promote: 'Does nothing here: there are no traffic steps and no bake.',
  },
  replicas: ({ blue }) => `kept warm ${blue}`,
};

export const wordings: Readonly<Record<Procedure, Wording>> = { blueGreen, rollingUpdate, removal, retirement };
