/**
 * The runbooks in an order in which most find what the one before left, every one twice: once to its end and once turned back at
 * its end. What makes a slot's service and target group comes to its end first: a run that is turned back leaves them, and its
 * forward part isn't struck.
 */
import type { Phase, Runbook } from '../../../../contract/status';
import type { RunbookRequestInput } from '../../../../contract/runbook-requests';
import type { StartedDeployment } from '../../../../client/deployments';
import { container, platformServer, type Serving } from '../runbooks';
import type { Lane } from './lane';
import { deployByOthers } from './others';

export type Direction = 'forward' | 'back';

/** What strikes a step, once it has begun. Where it hasn't, these do nothing. */
export interface Begun {
  /** Lets everything through from now on. */
  readonly lift: () => Promise<void>;
  /** Strikes again, what it struck before too. */
  readonly resume: () => Promise<void>;
}

export interface Step {
  /** As people call it. */
  readonly name: string;
  readonly direction: Direction;
  readonly from: Serving['servedBy'];
  /** What must be there first, that no step before leaves. */
  readonly prepare?: (lane: Lane) => Promise<void>;
  /** What is to serve in the end, if nobody turns back. */
  readonly leadsTo: (lane: Lane, version: string) => Serving;
  readonly start: (
    lane: Lane,
    version: string,
    input: RunbookRequestInput,
    strike: Begun,
  ) => Promise<StartedDeployment>;
  /** What the release is called that serves in the end. Default: by its version. */
  readonly released?: (lane: Lane) => string | undefined;
  /** What the platform reads in the end, where it asked; nothing is a success. */
  readonly answered?: (lane: Lane) => Promise<string | undefined>;
  /** Where a person turns back, and how long that lasts for it. Default: 10 minutes. */
  readonly turnsBackIn: Phase;
  readonly turnsBackWithin?: string;
}

type Kind = Omit<Step, 'direction'>;

const deploying =
  (runbook: Runbook): Step['start'] =>
  async ({ application: { image, target, deployments } }, version, input) =>
    await deployments.start(target, runbook, { image: await image({ version }), ...input });

const starting =
  (runbook: Runbook, more: RunbookRequestInput = {}): Step['start'] =>
  async ({ application: { target, deployments } }, _version, input) =>
    await deployments.start(target, runbook, { ...input, ...more });

const intoContainers: Kind = {
  name: 'first deployment',
  from: 'platform-server',
  leadsTo: (_, version) => container(version),
  start: deploying('blueGreen'),
  turnsBackIn: 'bake',
};

const inContainers: readonly Kind[] = [
  { ...intoContainers, name: 'blue-green', from: 'container' },
  {
    ...intoContainers,
    name: 'undo',
    from: 'container',
    leadsTo: ({ earlier }) => earlier,
    start: starting('undo', { strategy: 'blueGreen' }),
  },
  { ...intoContainers, name: 'rolling update', from: 'container', start: deploying('rollingUpdate') },
  {
    ...intoContainers,
    name: 'new configuration',
    from: 'container',
    leadsTo: ({ serving }) => serving,
    start: async (lane, version, input, strike) => {
      await lane.living.configure(lane.application.target.application, version);
      return await starting('updateConfiguration', { strategy: 'rollingUpdate' })(lane, version, input, strike);
    },
  },
];

const removal: Kind = {
  name: 'removal',
  from: 'container',
  leadsTo: () => platformServer,
  start: starting('removeApplication'),
  turnsBackIn: 'settle',
  // Its test route settles for as long, before anything is given back.
  turnsBackWithin: '10s',
};

/** From a service that another tool made, which goes in the end. */
const adoption: Kind = {
  ...intoContainers,
  name: 'adoption',
  prepare: deployByOthers,
  start: async (lane, version, input, strike) =>
    await deploying('blueGreen')(lane, version, { ...input, deleteAdopted: true }, strike),
};

const [blueGreen, ...others] = inContainers;
const forward = (kind: Kind): Step => ({ ...kind, direction: 'forward' });
const back = (kind: Kind): Step => ({ ...kind, direction: 'back' });

export const steps: readonly Step[] = [
  forward(intoContainers),
  ...(blueGreen ? [forward(blueGreen), back(blueGreen)] : []),
  ...[...others, removal].flatMap((kind) => [back(kind), forward(kind)]),
  forward(adoption),
  back(intoContainers),
  back(adoption),
];

/** What brings the lane to where a step begins. */
export function neededBefore({ serving, servedByOthers, earlier }: Lane, { from, name }: Step): Step[] {
  const inContainers = serving.servedBy === 'container' && !servedByOthers;
  return [
    ...(servedByOthers && name !== 'adoption'
      ? [forward(adoption), ...(from === 'container' ? [] : [forward(removal)])]
      : []),
    ...(from === 'platform-server' && inContainers ? [forward(removal)] : []),
    ...(from === 'container' && !inContainers && !servedByOthers ? [forward(intoContainers)] : []),
    ...(name === 'undo' && earlier.servedBy === 'platform-server' && blueGreen ? [forward(blueGreen)] : []),
  ];
}

/** Nobody is asked, and the step in which a person turns back lasts until somebody does. */
export function inputOf({ name, direction, turnsBackIn, turnsBackWithin = '10m' }: Step): RunbookRequestInput {
  const waits = direction === 'back' ? { [turnsBackIn]: turnsBackWithin } : name === 'removal' ? {} : { bake: '1s' };
  return { approval: 'none', ...waits };
}

export const nameOf = ({ name, direction }: Step): string => (direction === 'back' ? `${name}, turned back` : name);
