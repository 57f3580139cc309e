/**
 * What phases and commands do, in words that fit how live traffic changes hands: beside blue and cut over, replica by replica, by
 * a removal, or not at all. For the status, the Temporal UI and the dossier of a failure.
 */
import type { CommandName } from '../../contract/commands';
import type { Phase, Procedure } from '../../contract/status';

export interface PhaseTexts {
  /** What is being done, for the phases that the procedure has. */
  readonly doing: Readonly<Partial<Record<Phase, string>>>;
  /** What a phase has changed, once it began. */
  readonly changed: Readonly<Partial<Record<Phase, string>>>;
  /** The question that an approval answers. */
  readonly approval: (image: string | null) => string;
  readonly afterBake: string;
  /** What a rollback does. */
  readonly rollback: string;
  /** What holds after a rollback. */
  readonly rolledBack: string;
  /** What holds when it can't go back any more. */
  readonly stays: string;
  /** Why it can't go back any more, and what to do instead. */
  readonly tooLate: string;
  /** What each command does, as the Temporal UI lists it beside the name. */
  readonly commands: Readonly<Record<CommandName, string>>;
  /** How many replicas each side is to have at its fullest. */
  readonly replicas: (desired: { readonly blue: number; readonly green: number }) => string;
}

type Commands = PhaseTexts['commands'];
/** Commands have texts of their own where they do what only this procedure has. */
type OwnTexts = Omit<PhaseTexts, keyof typeof defaults | 'commands'> &
  Partial<typeof defaults> & {
    readonly commands: Pick<Commands, 'approve' | 'rollback' | 'promote'> & Partial<Commands>;
  };

/** For what a procedure hasn't got: nobody is asked, nothing bakes, or no replicas are counted. */
const defaults: Pick<PhaseTexts, 'approval' | 'afterBake' | 'replicas'> = {
  approval: () => 'Approve to go on, or reject.',
  afterBake: 'The bake ends.',
  replicas: ({ blue, green }) => `${blue} and ${green}`,
};

const why = 'Optional: {"by", "reason"}.';

/** What these do in every runbook. */
const steering = {
  reject: `Refuses the approval that is asked for, and goes back. ${why}`,
  pause: 'Stops before the next step, until resume.',
  resume: 'Goes on after a pause.',
  retry: 'Runs the step that holds once more.',
} as const;

const withDefaults = (texts: OwnTexts): PhaseTexts => ({
  ...defaults,
  ...texts,
  doing: { plan: 'plan, nothing is touched yet', ...texts.doing },
  commands: { ...steering, ...texts.commands },
});

const approves = (what: string) =>
  `${what} Optional: {"by", "reason", "image"}; another image than the deployed one is refused.`;

const blueGreen = withDefaults({
  doing: {
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
  approval: (image) => `Green runs ${image ?? 'the release'} and answers: approve to give it live traffic, or reject.`,
  afterBake: 'The bake ends and blue is retired.',
  rollback: 'gives all traffic to blue and takes green down',
  rolledBack: 'blue serves as before',
  stays: 'Green serves and stays',
  tooLate: 'Blue is being retired or is gone: deploy the image that should serve, or undo this once it has ended.',
  commands: {
    approve: approves('Lets green have live traffic; before the start, lets green begin.'),
    rollback: `Gives all traffic to blue and takes green down. ${why}`,
    promote: 'Skips what remains of traffic steps and bake: green gets all traffic, and blue is retired.',
  },
  replicas: ({ blue, green }) => `blue ${blue}, green ${green}`,
});

const rollingUpdate = withDefaults({
  doing: {
    prepare: 'prepare what the pilot needs',
    start: 'start the pilot, one replica of the new release',
    verify: 'verify the pilot through the test route',
    shift: "replace the live service's replicas, one after the other",
    settle: 'settle, and prove that only the new release answers',
    bake: 'bake, with every replica of the new release',
    cleanUp: 'take the pilot and the test route away',
    rollBack: 'roll back to the release before, replica by replica',
  },
  changed: {
    prepare: "a task definition, the pilot's target group and its test rules were made",
    start: 'a pilot replica of the new release was started, without live traffic',
    shift: 'the live service was told to replace its replicas, and some of them may be of the new release',
    cleanUp: 'the pilot and the test rules were removed',
  },
  approval: (image) =>
    `One replica runs ${image ?? 'the release'} and answers: approve to replace the live ones, or reject.`,
  afterBake: 'The bake ends, and the pilot goes.',
  rollback: 'rolls the live service back to the release before, replica by replica, and takes the pilot down',
  rolledBack: 'the release before serves in every replica',
  stays: 'The new release serves and stays',
  tooLate:
    'The new release serves and the pilot is going: deploy the image that should serve, or undo this once it has ended.',
  commands: {
    approve: approves(
      'Lets the live replicas be replaced, one after the other; before the start, lets the pilot begin.',
    ),
    rollback: `Rolls the live service back to the release before, replica by replica, and takes the pilot down. ${why}`,
    promote: 'Ends the bake: the new release stays, and the pilot goes.',
  },
  replicas: ({ blue, green }) => `live ${blue}, pilot ${green}`,
});

const removal = withDefaults({
  doing: {
    prepare: 'prepare the test route to the Platform Server',
    verify: 'ask the Platform Server for every module, while the containers serve',
    shift: 'take the rules away, and live traffic with them',
    settle: 'settle, and prove that no container answers any more',
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
  approval: () =>
    'The Platform Server gave a clear answer for every module: approve to take the rules to the containers away, or reject.',
  rollback: 'puts the rules back, so that the containers serve as before',
  rolledBack: 'the containers serve as before',
  stays: "Live traffic is the Platform Server's and stays there",
  tooLate: "Live traffic is the Platform Server's: deploy an image once this has ended to have containers again.",
  commands: {
    approve: `Lets the rules that lead to the containers be taken away. ${why}`,
    rollback: `Puts the rules back, so that the containers serve as before. ${why}`,
    promote: 'Does nothing here: a removal has no traffic steps and no bake.',
  },
});

const asksNobody = 'Does nothing here: no approval is asked for.';

/** The replicas that an earlier deployment kept warm serve nothing. */
const retirement = withDefaults({
  doing: {
    retire: 'stop the replicas that were kept warm, drained',
    cleanUp: 'take away the test route that kept them attached',
  },
  changed: {
    retire: 'the replicas that were kept warm were told to stop',
    cleanUp: 'the test rules that kept them attached were removed',
  },
  rollback: 'leaves the replicas as they are',
  rolledBack: 'nothing was changed',
  stays: 'What serves is not touched',
  tooLate: 'The replicas that were kept warm are being stopped: deploy the image that should serve.',
  commands: {
    approve: asksNobody,
    reject: asksNobody,
    rollback: `Leaves the replicas as they are, until they are being stopped. ${why}`,
    promote: 'Does nothing here: there are no traffic steps and no bake.',
  },
});

export const phaseTexts: Readonly<Record<Procedure, PhaseTexts>> = { blueGreen, rollingUpdate, removal, retirement };
