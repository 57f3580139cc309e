/** What the platform asks for by its hooks, in the order of an application's life. It waits for its answer, and reads success. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedDeployment } from '../../../../client/deployments';
import { hookSteps as hooks, type HookMethod } from '../../../../local/platform-server/hook-calls';
import { container, platformServer } from '../runbooks';
import type { Lane } from './lane';
import type { Step } from './steps';

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
  start: async (lane, version) => await called(lane, version, methods),
  answered: async (lane) => await answers.get(lane)?.(),
}));

/** The last answer to each lane's last call. */
const answers = new WeakMap<Lane, () => Promise<string>>();

/** Resolves when the last of the calls has begun its deployment. */
async function called(lane: Lane, version: string, methods: readonly HookMethod[]): Promise<StartedDeployment> {
  const { compiled } = await import('../../e2e/publishing.js');
  const { target, deployments } = lane.application;
  if (methods.includes('UpdateConfigurations')) await lane.living.configure(target.application, version);
  const publish = await compiled(target.application, version);
  const before = (await deployments.newest(target))?.runId;
  for (const [at, method] of methods.entries()) {
    await publish.call(method);
    const { resultFile } = hooks[method];
    answers.set(lane, async () => await publish.answer(resultFile));
    if (at < methods.length - 1) await publish.answer(resultFile);
  }
  for (;;) {
    const newest = await deployments.newest(target).catch(() => undefined);
    if (newest && newest.runId !== before) return newest;
    await sleep(50);
  }
}
