/**
 * A worker as `cutover worker` is one, but its activities ask no AWS: what is measured is what Temporal and the worker do. It says by
 * messages to the process that started it what it did.
 */
import { Context } from '@temporalio/activity';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../../activities/polling';
import { planClock } from '../../planning/platform-clock';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import { createWorkersOf } from '../../worker/kinds';
import { defaultBundle } from '../../worker/versions/bundle';

/** What it says. */
export type Told =
  | { readonly ready: true }
  /** An activity of this workflow began. Milliseconds since the epoch. */
  | { readonly began: string; readonly workflowId: string; readonly at: number }
  | { readonly rss: number; readonly cpuMs: number };

const tell = (told: Told): void => void process.send?.(told);

/** A plan that was once made, from a recorded history. */
function recordedPlan(): DeploymentPlan {
  const path = join(__dirname, '../../../test/suites/replay/histories/0.1.0/fewer-events.history');
  const { events } = temporal.api.history.v1.History.decode(readFileSync(path));
  const [first] = events.flatMap(({ activityTaskCompletedEventAttributes: done }) => done?.result?.payloads ?? []);
  return JSON.parse(Buffer.from(first?.data ?? []).toString()) as DeploymentPlan;
}

const plan = recordedPlan();

/** What waits goes on as the product's does: a look every four seconds, and a sign of life. */
async function untilCancelled(): Promise<never> {
  let looks = 0;
  return await poll<never>(
    (report) => {
      report(`${(looks += 1)} looks`);
      return Promise.resolve(undefined);
    },
    { everyMs: 4_000 },
  );
}

interface Asked {
  readonly approval?: 'none' | 'beforeStart';
  readonly bake?: string;
}

const turn = { turn: 'waits', why: 'five other applications of the zone are being deployed', position: 6 } as const;

const effects: Readonly<Record<string, (...given: never[]) => unknown>> = {
  planBlueGreenUnconfigured: ({ approval = 'none' }: Asked): DeploymentPlan => ({
    ...plan,
    options: { ...plan.options, approval, approvalTimeout: 7 * 86_400_000, bake: 86_400_000, settle: 0 },
  }),
  attachTargetGroup: () => ({ targetGroupArn: 'green', taskDefinitionArn: 'definition:7' }),
  startService: () => [],
  waitForReplicas: () => undefined,
  verifyGreen: () => ({ says: [] }),
  confirmCount: () => 3,
  confirmGreen: () => ({ says: [], releases: [{ live: { Orders: 'blue' }, test: { Orders: 'green' } }] }),
  setRoute: () => undefined,
  watchReplicas: untilCancelled,
  proveReleases: () => ({ guarded: [] }),
  setTargetGroupAttributes: () => undefined,
  setDesiredCount: () => undefined,
  describeReplicas: () => ({ desiredCount: 3, runningCount: 3, stoppedTasks: [] }),
  describeEvidence: () => ({ tasks: [], targets: [], events: [] }),
  waitForDrained: () => null,
  recordOutcome: () => undefined,
  describeClock: (_zone: string, calledAtMs: number) => planClock(calledAtMs, 86_400_000),
  describeBuilt: () => ({ image: 'orders:1', modules: ['Orders'], taskDefinitionArn: 'definition:1' }),
  planOperation: () => ({ lock: 'production/taken', live: plan.live, strategy: 'blueGreen', atOnce: 5, input: {} }),
  enterTurns: () => turn,
  writeAnswer: () => undefined,
  watchTopology: untilCancelled,
};

const activities = Object.fromEntries(
  Object.entries(effects).map(([name, effect]) => [
    name,
    async (...given: never[]) => {
      const { workflowExecution } = Context.current().info;
      tell({ began: name, workflowId: workflowExecution?.workflowId ?? '', at: Date.now() });
      return await effect(...given);
    },
  ]),
);

async function main([address = '', namespace = '']: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address });
  const all = { aws: activities, waits: activities, questions: activities, files: activities, builds: activities };
  const shared = { connection, namespace, identity: `${process.pid}@bench` };
  const workers = await createWorkersOf(shared, { codePath: defaultBundle() }, all);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    tell({ rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
  });
  const running = workers.map((worker) => worker.run());
  tell({ ready: true });
  await Promise.all(running);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
