/** The steps of a walk, as data that a saved script is written in, and what each does. */
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandNames, type CommandName } from '../../../../contract/commands';
import { keyOf } from '../../../../local/platform-server/applications';
import { drift, drifts, register, scale, type Drift } from './by-hand';
import {
  isInContainers,
  modulesOf,
  nameOf,
  platformServer,
  type Model,
  type Module,
  type Serving,
  type Walker,
} from './model';
import { answered } from './patience';
import { begin, command, finish, isAtRest, note, setGate, statusOf } from './walker';

export type Step =
  | {
      readonly do: 'deploy';
      readonly runbook: 'blueGreen' | 'rollingUpdate';
      readonly approval: 'none' | 'afterVerify';
      readonly shares: boolean;
      readonly onFailure: 'hold' | 'rollback';
      readonly bake: '1s' | '10m';
      /** Default: the two that it had at first. */
      readonly modules?: readonly Module[];
    }
  | { readonly do: 'rename'; readonly onFailure: 'hold' | 'rollback'; readonly bake: '1s' | '10m' }
  | { readonly do: 'undo'; readonly bake: '1s' | '10m' }
  | { readonly do: 'remove' }
  | { readonly do: 'command'; readonly name: CommandName }
  | { readonly do: 'gate'; readonly isWell: boolean }
  | { readonly do: 'kill'; readonly process: 'worker' | 'temporal' | 'aws' }
  /** It is wrong for so long, and then set right. */
  | { readonly do: 'clock'; readonly minutes: number; readonly ms: number }
  | { readonly do: 'upgrade' }
  | { readonly do: 'fault'; readonly fault: Readonly<Record<string, unknown>> }
  | { readonly do: 'scale'; readonly count: number }
  | { readonly do: 'drift'; readonly what: Drift }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'finish'; readonly coins: readonly boolean[] };

const calls = ['ecs:*', 'elasticloadbalancing:*', 'ecs:UpdateService', 'elasticloadbalancing:ModifyRule'];
/** What goes back is said a third as often as what goes on, or few deployments would come to their end. */
const commands = commandNames.flatMap((name) =>
  name === 'rollback' || name === 'reject' ? [name] : [name, name, name],
);
const bake = fc.constantFrom('1s' as const, '10m' as const);
const onFailure = fc.constantFrom('hold' as const, 'rollback' as const);
const moduleSets: readonly (readonly Module[])[] = [['', 'API'], ['', 'API', 'New'], ['']];
const faults = fc
  .record({ operation: fc.constantFrom(...calls), times: fc.integer({ min: 1, max: 3 }) })
  .chain((often) =>
    fc.constantFrom<Readonly<Record<string, unknown>>>(
      { kind: 'error', code: 'ServerException', status: 500, ...often },
      { kind: 'accessDenied', ...often, times: 1 },
      { kind: 'latency', latencyMs: 800, ...often },
      { kind: 'noAnswer', effect: true, how: 'reset', ...often, times: 1 },
      { kind: 'noAnswer', effect: false, how: 'reset', ...often, times: 1 },
    ),
  );

/** Among few calls the faults of all walks would pile up in the way of each, so these are for those of one alone. */
const isOfFew = ({ operation }: Readonly<Record<string, unknown>>) => !String(operation).endsWith('*');

type Drawn<What extends Step['do']> = {
  readonly [Name in keyof Omit<Extract<Step, { do: What }>, 'do'>]: fc.Arbitrary<Extract<Step, { do: What }>[Name]>;
};

function drawn<What extends Step['do']>(what: What, weight: number, fields: Drawn<What>) {
  const arbitrary = fc.record({ do: fc.constant(what), ...fields }) as unknown as fc.Arbitrary<Step>;
  return { arbitrary, weight };
}

/** Simpler ones first: what fails is made smaller toward them. What strikes a deployment costs little beside one. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  drawn('finish', 8, { coins: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }) }),
  drawn('deploy', 12, {
    runbook: fc.constantFrom('blueGreen' as const, 'rollingUpdate' as const),
    approval: fc.constantFrom('none' as const, 'afterVerify' as const),
    shares: fc.boolean(),
    onFailure,
    bake,
    modules: fc.constantFrom(...moduleSets),
  }),
  drawn('command', 36, { name: fc.constantFrom(...commands) }),
  drawn('wait', 18, { ms: fc.integer({ min: 0, max: 3_000 }) }),
  drawn('undo', 4, { bake }),
  drawn('rename', 2, { onFailure, bake }),
  drawn('remove', 2, {}),
  drawn('gate', 12, { isWell: fc.boolean() }),
  drawn('kill', 4, { process: fc.constantFrom('worker', 'worker', 'temporal', 'aws') }),
  drawn('fault', 18, { fault: faults }),
  drawn('scale', 12, { count: fc.integer({ min: 1, max: 3 }) }),
  drawn('drift', 18, { what: fc.constantFrom(...drifts) }),
  drawn('clock', 6, { minutes: fc.constantFrom(60, -60), ms: fc.integer({ min: 0, max: 3_000 }) }),
  drawn('upgrade', 1, {}),
);

/** What was taken of the steps of a walk, in their order; what could not be done then is left out. */
export type Taken = Step[];

/** fast-check's command of a step. */
export const commandOf = (step: Step, taken: Taken): fc.AsyncCommand<Model, Walker> => ({
  // Who starts something knows that nothing runs, or is told no: that is no walk.
  check: (model) => mayBeTaken(step, model),
  run: async (model, walker) => {
    const atRest = await isAtRest(walker, model);
    if (needsRest(step) && !atRest) return;
    if (!mayBeTaken(step, model)) return;
    if (needsQuiet(step) && !(await staysSo(walker, model))) return;
    taken.push(step);
    note(walker, JSON.stringify(step));
    await take(step, walker, model);
  },
  toString: () => JSON.stringify(step),
});

const needsRest = ({ do: what }: Step): boolean => ['deploy', 'rename', 'undo', 'remove'].includes(what);

/** Only where nothing is being replaced or retired do people change services by hand. */
const needsQuiet = (step: Step): boolean => step.do === 'scale' || (step.do === 'drift' && step.what === 'definition');

function mayBeTaken(step: Step, model: Model): boolean {
  if (step.do === 'undo') return model.earlier !== undefined;
  if (step.do === 'command') return model.run !== undefined;
  if (step.do === 'rename' || step.do === 'scale' || step.do === 'drift') return isInContainers(model);
  if (step.do === 'remove') return isInContainers(model) || model.serving.isByHand === true;
  return step.do !== 'deploy' || step.runbook === 'blueGreen' || isInContainers(model);
}

type TakeOf<What extends Step['do']> = (
  step: Extract<Step, { do: What }>,
  walker: Walker,
  model: Model,
) => Promise<void>;

const takes: { readonly [What in Step['do']]: TakeOf<What> } = {
  deploy: async (step, walker, model) => await release(walker, model, step),
  undo: async ({ bake: length }, walker, model) => {
    const input = { strategy: 'blueGreen', approval: 'none', bake: length } as const;
    await begin(walker, model, { runbook: 'undo', input, next: model.earlier ?? model.serving });
  },
  remove: async (_, walker, model) =>
    await begin(walker, model, { runbook: 'removeApplication', input: { approval: 'none' }, next: platformServer }),
  command: async ({ name }, walker, model) => await command(walker, model, name),
  gate: async ({ isWell }, walker, model) => await setGate(walker, model, isWell),
  kill: async ({ process }, { living, workers }) =>
    void (await (process === 'worker' ? workers.kill() : answered(() => living.killAndAwaitSuccessor(process)))),
  clock: async ({ minutes, ms }, { workers }) => await workers.jumpClock(minutes, ms),
  upgrade: async (_, { workers }) => await workers.upgrade(),
  fault: async ({ fault }, { living }, model) =>
    void (await answered(() => living.setFault(isOfFew(fault) ? { ...fault, about: model.names[0] } : fault))),
  scale: async ({ count }, walker, model) => await scale(walker, model, count),
  drift: async ({ what }, walker, model) => await drift(walker, model, what),
  rename: async (step, walker, model) => {
    const name = `${model.names[0]}Called${model.versions}`;
    const application = { name, key: keyOf(model.names[0]) };
    await register(walker, name, model);
    await release(walker, model, { runbook: 'blueGreen', approval: 'none', ...step, application });
  },
  wait: async ({ ms }) => await sleep(ms),
  finish: async ({ coins }, walker, model) => await finish(walker, model, coins),
};

/** Whether what runs waits until somebody says more, if something runs. */
async function staysSo(walker: Walker, model: Model): Promise<boolean> {
  if (!model.run) return true;
  const status = await statusOf(walker, model);
  if (!status || status.outcome !== null) return false;
  const { phase } = status;
  return phase === 'approve' || phase === 'hold' || (phase === 'bake' && model.run.bakesLong && model.gate !== 'sick');
}

const take = async <What extends Step['do']>(step: Extract<Step, { do: What }>, walker: Walker, model: Model) =>
  await (takes[step.do] as TakeOf<What>)(step, walker, model);

type Wanted = Omit<Extract<Step, { do: 'deploy' }>, 'do' | 'shares'> & {
  readonly shares?: boolean;
  readonly application?: { readonly name: string; readonly key: string };
};

/** A new version, with these modules. */
async function release(walker: Walker, model: Model, wanted: Wanted): Promise<void> {
  const { runbook, approval, onFailure: then, bake: length, application, shares = false } = wanted;
  const { modules = ['', 'API'] } = wanted;
  const version = `2.${model.versions++}`;
  const name = application?.name ?? nameOf(model);
  const image = await walker.living.onStack(name, modulesOf(model, modules)).image({ version });
  const shift = [{ percent: 20, bake: '1s' }, { percent: 100 }];
  const input = {
    image,
    approval,
    onFailure: then,
    ...(runbook === 'blueGreen' && { bake: length, ...(shares && { shift }) }),
    ...(application && { application }),
  };
  const next: Serving = { servedBy: 'container', version, modules, application: name };
  await begin(walker, model, { runbook, input, next, ...(application && { rename: name }) });
}
