/**
 * What the demo does, one act after the other: the Platform Server publishes (blue-green twice, then as a rolling update),
 * configures and takes back through the hooks, and an operator undoes. Each act begins a deployment, and knows when the
 * platform or the operator that began it regards it as over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployments, StartedDeployment, Target } from '../../client/deployments';
import { formatStaging } from '../../contract/staging-text';
import { tagVersion } from '../lifetime/state';
import { configure, moveBack } from '../platform-server/changes';
import { publish, type OperationReport, type Platform } from '../platform-server/publishing';
import type { Allowed } from '../traffic/messages';

/** One deployment of the demo: how it begins, and what should serve afterwards. */
export interface Act {
  /** Its name in the report. */
  readonly title: string;
  /** The question whether to approve it, once green is verified. */
  readonly question: string;
  readonly begin: (stage: Stage) => Promise<Begun>;
  /** What answers requests once it is done. */
  readonly serves: Allowed;
}

/** What an act works with. */
export interface Stage {
  readonly deployments: Deployments;
  readonly target: Target;
  readonly platform: Platform;
  readonly say: (lines: readonly string[]) => void;
  /** Changes the application's own deployment settings, as an operator would in `cutover.yaml`. */
  readonly configureDeployments: (settings: Readonly<Record<string, string>>) => Promise<void>;
}

/** A deployment that was begun, or should have been. */
export interface Begun {
  /** Undefined when no deployment was begun: then `over` gives the reason. */
  readonly started: StartedDeployment | undefined;
  /** Resolves when the platform or the operator regards it as over: with the reason of its failure, or `null`. */
  readonly over: Promise<string | null>;
}

export const application = 'Orders';
export const modules = ['Orders', 'OrdersAPI', 'OrdersCore'];
export const installedVersion = '1.4.1';

/**
 * With an approval, although an application that the platform waits for usually has none. Without a bake time: settling alone
 * is long enough to see requests come and go.
 */
const settings = { approval: 'afterVerify', bake: '0s' };

const published = (version: string, strategy: 'blueGreen' | 'rollingUpdate'): Act => ({
  title: `${application} ${version}`,
  question: `Green is verified. Approve ${application} ${version}?`,
  begin: async (stage) => {
    await stage.configureDeployments({ ...settings, strategy });
    return await throughHooks(stage, () => publish(stage.platform, { application, version, startSeconds: 0.5 }));
  },
  serves: { servedBy: 'container', version },
});

const configured: Act = {
  title: `${application}: configuration`,
  question: 'A replica with the new configuration is verified. Approve it?',
  begin: async (stage) =>
    await throughHooks(stage, () => configure(stage.platform, application, { Greeting: 'Hello' })),
  serves: { servedBy: 'container', version: '1.5.1' },
};

const undone: Act = {
  title: `${application}: undo`,
  question: 'A replica of the release before is verified. Approve it?',
  begin: async ({ deployments, target }) => ({
    started: await deployments.start(target, 'undo', { by: 'demo', onFailure: 'rollback' }),
    over: Promise.resolve(null),
  }),
  serves: { servedBy: 'container', version: '1.5.1' },
};

const movedBack: Act = {
  title: `${application}: move back`,
  question: 'The Platform Server answers for every module. Approve the move?',
  begin: async (stage) => await throughHooks(stage, () => moveBack(stage.platform, application)),
  serves: { servedBy: 'platform-server', version: '1.5.1' },
};

/** In the order of the demo. */
const acts: readonly Act[] = [
  published('1.4.2', 'blueGreen'),
  published('1.5.0', 'blueGreen'),
  published('1.5.1', 'rollingUpdate'),
  configured,
  undone,
  movedBack,
];

/** The second part: a version that was tagged in Development is staged to Production, as one tree with what that causes. */
const staged: Act = {
  title: `${application} 1.6.0, staged`,
  question: `Green is verified. Approve ${application} 1.6.0?`,
  begin: async (stage) => {
    await stage.configureDeployments({ ...settings, strategy: 'blueGreen' });
    await tagVersion(stage.platform.zone.folder, { application, version: '1.6.0', modules, startSeconds: 0.5 });
    return await throughHooks(stage, () => stageThrough(stage));
  },
  serves: { servedBy: 'container', version: '1.6.0' },
};

/** With a staging through LifeTime in the end, or without. */
export const actsOf = (lifetime: boolean): readonly Act[] => (lifetime ? [...acts, staged] : acts);

/** Shows the tree whenever it changes, and lets LifeTime go on where it waits. */
async function stageThrough({ deployments, platform, say }: Stage): Promise<Operated> {
  const { stagings } = deployments;
  const to = 'Production';
  await stagings.start({ applications: [application], from: 'Development', to, by: 'demo' });
  let shown = '';
  for (let approved = false; ;) {
    const status = await stagings.status(to);
    const tree = formatStaging(status).map((line) => `  ${line}`);
    if (tree.join() !== shown) say(tree);
    shown = tree.join();
    if (status.outcome !== null) return { succeeded: status.outcome === 'completed', message: status.failure };
    if (!approved && status.commands.includes('approve')) {
      approved = true;
      await stagings.command(to, 'approve', { by: 'demo' });
    }
    await sleep(lookEveryMs, undefined, { signal: platform.signal });
  }
}

const lookEveryMs = 100;

type Operated = Pick<OperationReport, 'succeeded' | 'message'>;

/** The hook begins the deployment some time after the platform has called it. */
async function throughHooks(
  { deployments, target, platform }: Stage,
  operate: () => Promise<Operated>,
): Promise<Begun> {
  const before = await deployments.newest(target);
  const over = operate().then(
    ({ succeeded, message }) => (succeeded ? null : (message ?? 'The platform counts it as a failure.')),
    (error: Error) => error.message,
  );
  let failed = false;
  void over.then((why) => (failed = why !== null));
  for (;;) {
    const newest = await deployments.newest(target);
    if (newest !== undefined && newest.runId !== before?.runId) return { started: newest, over };
    if (failed) return { started: undefined, over };
    await sleep(lookEveryMs, undefined, { signal: platform.signal });
  }
}
