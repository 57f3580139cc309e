/** What the platform asks for by its hooks, in the order of an application's life. It waits for its answer, and reads success. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedDeployment } from '../../../../client/deployments';
import { hookSteps as hooks, type HookMethod } from '../../../../local/platform-server/hook-calls';
import { container, platformServer } from '../runbooks';
import { longestMs, NeverEnded } from './case';
import type { Lane } from './lane';
import type { Begun, Step } from './steps';

type HookStep = Pick<Step, 'name' | 'from' | 'leadsTo'> & { readonly methods: readonly HookMethod[] };

const kinds: readonly HookStep[] = [
  {
    name: 'ContainerBuild and ContainerRun, the first',
    from: 'platform-server',
    leadsTo: (_, version) => container(version),
    methods: ['ContainerBuild', 'ContainerRun'],
  },
  {
    name: 'ContainerBuild and ContainerRun',
    from: 'container',
    leadsTo: (_, version) => container(version),
    methods: ['ContainerBuild', 'ContainerRun'],
  },
  {
    name: 'UpdateConfigurations',
    from: 'container',
    leadsTo: ({ serving }) => serving,
    methods: ['UpdateConfigurations'],
  },
  { name: 'ContainerRemove', from: 'container', leadsTo: () => platformServer, methods: ['ContainerRemove'] },
];

export const hookSteps: readonly Step[] = kinds.map(({ methods, ...kind }) => ({
  ...kind,
  direction: 'forward',
  turnsBackIn: 'bake',
  start: async (lane, version, _input, strike) => await called({ lane, version, methods, strike }),
  released: (lane) => releases.get(lane),
  answered: async (lane) => await answers.get(lane)?.(),
}));

/** The last release of each lane, which the platform calls by its operation. */
const releases = new WeakMap<Lane, string>();
/** The last answer to each lane's last call. */
const answers = new WeakMap<Lane, () => Promise<string>>();

interface Calling {
  readonly lane: Lane;
  readonly version: string;
  readonly methods: readonly HookMethod[];
  readonly strike: Begun;
}

/** How far a publish came: to a deployment, or to the call that failed without one. */
type Published = { readonly deployment: StartedDeployment } | { readonly failed: HookMethod };

/**
 * Resolves when the last of the calls has begun its deployment. Where one fails before that, people publish again; what a publish
 * asks of AWS bears its own name, so it would be struck anew each time, and is let through until the call that failed has done it.
 */
async function called(calling: Calling): Promise<StartedDeployment> {
  for (let failed: HookMethod | undefined; ;) {
    const published = await publish(calling, failed);
    if ('deployment' in published) return published.deployment;
    failed = published.failed;
    await calling.strike.lift();
  }
}

/** @param spared the call that isn't struck, nor any before it, because it failed the last time */
async function publish(calling: Calling, spared: HookMethod | undefined): Promise<Published> {
  const { lane, version, methods, strike } = calling;
  const { compiled } = await import('../../e2e/publishing.js');
  const { target, deployments } = lane.application;
  if (methods.includes('UpdateConfigurations')) await lane.living.configure(target.application, version);
  const { operationId, call, answer } = await compiled(target.application, version);
  if (methods.includes('ContainerRun')) releases.set(lane, operationId);
  const before = (await deployments.newest(target))?.runId;
  for (const method of methods) {
    await call(method);
    const answered = answer(hooks[method].resultFile);
    answers.set(lane, async () => await answered);
    const isLast = method === methods.at(-1);
    const deployment = isLast ? await begun(lane, before, answered) : undefined;
    if (isLast ? deployment === undefined : (await answered) !== '') return { failed: method };
    if (method === spared) await strike.resume();
    if (deployment) return { deployment };
  }
  throw new Error('A publish makes one call at least.');
}

/** The deployment that a call begins, which a removal does after its answer; `undefined` where the call failed without one. */
async function begun(
  { application: { deployments, target } }: Lane,
  before: string | undefined,
  answered: Promise<string>,
): Promise<StartedDeployment | undefined> {
  let hasFailed = false;
  void answered.then((answer) => (hasFailed = answer !== ''));
  for (const until = performance.now() + longestMs; performance.now() < until; await sleep(50)) {
    const isLast = hasFailed;
    const found = await deployments.newest(target).catch(() => undefined);
    if (found && found.runId !== before) return found;
    if (isLast) return undefined;
  }
  throw new NeverEnded(`The call was answered with success, and began nothing in ${longestMs / 60_000} minutes.`);
}
