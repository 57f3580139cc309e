/**
 * What the phases do, in words that fit the way it is done: beside blue and cut over, replica by replica, or a removal. Told in
 * the status, in the Temporal UI and in the dossier of a failure.
 */
import type { Phase, Strategy } from './messages';

/** How live traffic changes hands. An undo or a new configuration goes one of the first two ways. */
export type Way = 'blueGreen' | 'rollingUpdate' | 'removal';

/** @param chosen what the options say; only those runbooks that can go either way look at it */
export function wayOf(strategy: Strategy, chosen: 'blueGreen' | 'rollingUpdate'): Way {
  if (strategy === 'removeApplication') return 'removal';
  if (strategy === 'retireWarm') return 'blueGreen';
  return strategy === 'undo' || strategy === 'updateConfiguration' ? chosen : strategy;
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
}

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
};

export const wordings: Readonly<Record<Way, Wording>> = { blueGreen, rollingUpdate, removal };
