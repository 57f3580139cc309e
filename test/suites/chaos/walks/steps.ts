/** The steps of a walk, as data that a saved script is written in, and what each does. */
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandNames, type CommandName } from '../../../../contract/commands';
import { container, platformServer } from '../runbooks';
import { begin, command, finish, isAtRest, isInContainers, type Model, type Walker } from './walker';

export type Step =
  | {
      readonly do: 'deploy';
      readonly runbook: 'blueGreen' | 'rollingUpdate';
      readonly approval: 'none' | 'afterVerify';
      readonly shares: boolean;
      readonly onFailure: 'hold' | 'rollback';
      readonly bake: '1s' | '10m';
    }
  | { readonly do: 'undo'; readonly bake: '1s' | '10m' }
  | { readonly do: 'remove' }
  | { readonly do: 'command'; readonly name: CommandName }
  | { readonly do: 'kill'; readonly process: 'worker' | 'temporal' | 'aws' }
  | { readonly do: 'fault'; readonly fault: Readonly<Record<string, unknown>> }
  | { readonly do: 'scale'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'finish'; readonly coins: readonly boolean[] };

const calls = ['ecs:*', 'elasticloadbalancing:*', 'ecs:UpdateService', 'elasticloadbalancing:ModifyRule'];
const bake = fc.constantFrom('1s' as const, '10m' as const);
const finishes = fc.record({
  do: fc.constant('finish' as const),
  coins: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
});

/** Simpler ones first: what fails is made smaller toward them. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: finishes, weight: 3 },
  {
    arbitrary: fc.record({
      do: fc.constant('deploy' as const),
      runbook: fc.constantFrom('blueGreen' as const, 'rollingUpdate' as const),
      approval: fc.constantFrom('none' as const, 'afterVerify' as const),
      shares: fc.boolean(),
      onFailure: fc.constantFrom('hold' as const, 'rollback' as const),
      bake,
    }),
    weight: 5,
  },
  { arbitrary: fc.constantFrom(...commandNames).map((name) => ({ do: 'command' as const, name })), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 3_000 }).map((ms) => ({ do: 'wait' as const, ms })), weight: 3 },
  { arbitrary: fc.record({ do: fc.constant('undo' as const), bake }), weight: 2 },
  { arbitrary: fc.constant({ do: 'remove' as const }), weight: 1 },
  {
    arbitrary: fc
      .constantFrom('worker' as const, 'worker' as const, 'temporal' as const, 'aws' as const)
      .map((process) => ({ do: 'kill' as const, process })),
    weight: 2,
  },
  {
    arbitrary: fc
      .record({ operation: fc.constantFrom(...calls), times: fc.integer({ min: 1, max: 3 }) })
      .chain((often) =>
        fc.constantFrom<Readonly<Record<string, unknown>>>(
          { kind: 'error', code: 'ServerException', ...often },
          { kind: 'latency', latencyMs: 800, ...often },
          { kind: 'noAnswer', effect: true, how: 'reset', ...often, times: 1 },
          { kind: 'noAnswer', effect: false, how: 'reset', ...often, times: 1 },
        ),
      )
      .map((fault) => ({ do: 'fault' as const, fault })),
    weight: 2,
  },
  { arbitrary: fc.integer({ min: 1, max: 3 }).map((count) => ({ do: 'scale' as const, count })), weight: 1 },
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
    taken.push(step);
    await take(step, walker, model);
  },
  toString: () => JSON.stringify(step),
});

const needsRest = ({ do: what }: Step): boolean => ['deploy', 'undo', 'remove', 'scale'].includes(what);

function mayBeTaken(step: Step, model: Model): boolean {
  if (step.do === 'undo') return model.earlier !== undefined;
  if (step.do === 'remove' || step.do === 'scale') return isInContainers(model);
  return step.do !== 'deploy' || step.runbook === 'blueGreen' || isInContainers(model);
}

type TakeOf<What extends Step['do']> = (
  step: Extract<Step, { do: What }>,
  walker: Walker,
  model: Model,
) => Promise<void>;

const takes: { readonly [What in Step['do']]: TakeOf<What> } = {
  deploy,
  undo: async ({ bake: length }, walker, model) => {
    const input = { strategy: 'blueGreen', approval: 'none', bake: length } as const;
    await begin(walker, model, { runbook: 'undo', input, next: model.earlier ?? model.serving });
  },
  remove: async (_, walker, model) =>
    await begin(walker, model, { runbook: 'removeApplication', input: { approval: 'none' }, next: platformServer }),
  command: async ({ name }, walker, model) => await command(walker, model, name),
  kill: async ({ process }, { living }) => void (await living.killAndAwaitSuccessor(process)),
  fault: async ({ fault }, { living }) => void (await living.setFault(fault)),
  scale: async ({ count }, walker) => await scaleByHand(walker, count),
  wait: async ({ ms }) => await sleep(ms),
  finish: async ({ coins }, walker, model) => await finish(walker, model, coins),
};

const take = async <What extends Step['do']>(step: Extract<Step, { do: What }>, walker: Walker, model: Model) =>
  await (takes[step.do] as TakeOf<What>)(step, walker, model);

async function deploy(step: Extract<Step, { do: 'deploy' }>, walker: Walker, model: Model): Promise<void> {
  const { application } = walker;
  const version = `2.${model.versions++}`;
  const image = await application.image({ version });
  const { runbook, approval, onFailure } = step;
  const shift = [{ percent: 20, bake: '1s' }, { percent: 100 }];
  const input = {
    image,
    approval,
    onFailure,
    ...(runbook === 'blueGreen' && { bake: step.bake, ...(step.shares && { shift }) }),
  } as const;
  await begin(walker, model, { runbook, input, next: container(version) });
}

/** Somebody gives the service that serves another count, between deployments. */
async function scaleByHand({ living, application }: Walker, desiredCount: number): Promise<void> {
  const { cluster } = living.stack().aws;
  const { ecs } = living.stackAws();
  await living.currentReads();
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster, services: await application.services() }),
  );
  for (const { serviceName: service, desiredCount: wanted = 0 } of services)
    if (wanted > 0) await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
  await living.currentReads();
}
