/** An application on a walk: what is known of it, which is who may serve its users and nothing of how. */
import type { StartedDeployment, Target } from '../../../../client/deployments';
import type { Runbook } from '../../../../contract/status';
import type { Allowed } from '../../../../local/traffic/traffic';
import type { Answers } from '../../e2e/gated';
import type { LiveApplication } from '../../e2e/live-application';
import type { OwnStack } from '../own-stack';
import type { Workers } from './workers';

/** A module is called as the application was at first, and this. */
export const platformModules = ['', 'API', 'New'] as const;
export type Module = (typeof platformModules)[number];

/** Who answers users, under which name, and for which modules. */
export interface Serving extends Allowed {
  readonly servedBy: 'platform-server' | 'container';
  readonly version: string;
  readonly modules: readonly Module[];
  /** Somebody gave it another task definition, or led users to it, without cutover. */
  readonly isByHand?: boolean;
}

export const platformServer: Serving = { servedBy: 'platform-server', version: '1.0', modules: platformModules };

/** Who may serve. */
export interface Model {
  /** What it was called one after the other. */
  names: readonly [string, ...string[]];
  /** What answers users while nothing runs. */
  serving: Serving;
  /** What an undo would bring. */
  earlier: Serving | undefined;
  /** What runs, and what serves once it is completed. */
  run: Run | undefined;
  /** While something runs, somebody has led users to the Platform Server. */
  isLedAway: boolean;
  /** How the settings' gate is; `undefined` where it has none. */
  gate: 'well' | 'sick' | undefined;
  versions: number;
}

export interface Run {
  readonly started: StartedDeployment;
  /** The application's lock. */
  readonly target: Target;
  readonly runbook: Runbook;
  next: Serving;
  /** What it is to be called from then on. */
  readonly rename: string | undefined;
  /** Whether a bake stays until somebody ends it. */
  readonly bakesLong: boolean;
  /** Its approval was asked for, whatever its gate says. */
  readonly isAsked: boolean;
  /** Nobody is asked, or somebody approved. */
  mayServeNext: boolean;
  /** Users had been led to the Platform Server before it was planned: then that is what a rollback leads to. */
  isFoundLedAway?: boolean;
  /** It has been seen in a phase after `plan`: whatever is changed now it finds changed. */
  isPlanned?: boolean;
  /** Something was changed before: nobody knows whether the plan was read before that or after. */
  isChangedWhilePlanned?: boolean;
  /** What others changed by hand is put back by these. */
  readonly putBacks: (() => Promise<void>)[];
}

export interface Walker {
  readonly living: OwnStack['living'];
  readonly workers: Workers;
  /** Answers its gate. */
  readonly answers: Answers;
  readonly application: LiveApplication;
  /** Until a changed rule is in effect everywhere. */
  readonly propagationMs: number;
  /** Counts what became of runs. */
  readonly tally: (what: string) => void;
  /** What was done and seen, and when, for whoever must understand a failure. */
  readonly log: string[];
}

export const newModel = (name: string): Model => ({
  names: [name],
  serving: platformServer,
  earlier: undefined,
  run: undefined,
  isLedAway: false,
  gate: undefined,
  versions: 1,
});

export const isInContainers = ({ serving }: Model): boolean => serving.servedBy === 'container';
export const nameOf = ({ names }: Model): string => names.at(-1) ?? names[0];
export const modulesOf = ({ names: [first] }: Pick<Model, 'names'>, modules: readonly Module[]): string[] =>
  modules.map((module) => `${first}${module}`);

type Expected = Pick<Model, 'serving' | 'isLedAway' | 'names'> & {
  readonly run?: Pick<Run, 'mayServeNext' | 'next' | 'rename'> | undefined;
};

/** Users may get the answers that the model allows, and ask only for what all of those have. */
export async function expectModel({ application: { traffic } }: Walker, model: Expected): Promise<void> {
  const { serving, run, isLedAway } = model;
  const [name] = model.names;
  const may = [serving, ...(run?.mayServeNext ? [run.next] : []), ...(isLedAway ? [platformServer] : [])];
  const modules = platformModules.filter((module) => may.every((one) => one.modules.includes(module)));
  await traffic.setApplications([{ name, modules: modulesOf(model, modules) }]);
  // The Platform Server learns a new name when it is wanted, a deployment's users when it has come.
  const names = [...model.names, ...(run?.rename === undefined ? [] : [run.rename])];
  const allowed = may.flatMap((one) =>
    one.servedBy === 'container' ? [one] : names.map((application) => ({ ...one, application })),
  );
  await traffic.expect(name, allowed);
}
