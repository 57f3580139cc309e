/**
 * The runbooks that chaos knows: what each needs before, what serves after it, and how each of its phases comes about and lasts
 * long enough to be hit. Another runbook is one entry more.
 */
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { deploymentIdOf, taskQueues } from '../../../contract/ids';
import { phases, type DeploymentStatus, type Phase, type Runbook } from '../../../contract/status';
import type { CommandName } from '../../../contract/commands';
import type { RunbookRequestInput } from '../../../contract/runbook-requests';
import type { StartedDeployment } from '../../../client/deployments';
import type { LiveApplication } from '../e2e/live-application';

export type Fault = Readonly<Record<string, unknown>>;

/** Who answers users. */
export interface Serving {
  readonly servedBy: 'platform-server' | 'container';
  readonly version: string;
}

export const platformServer: Serving = { servedBy: 'platform-server', version: '1.0' };
export const container = (version: string): Serving => ({ servedBy: 'container', version });

/** One run of a runbook. */
export interface ChaosRun {
  readonly application: LiveApplication;
  readonly phase: Phase;
  /** What serves before. */
  readonly before: Serving;
  /** What serves once it is completed. */
  readonly after: Serving;
  /** One that nothing else here bears. */
  readonly version: string;
}

export interface ChaosRunbook {
  readonly strategy: Runbook;
  /** Every phase that it has. */
  readonly phases: readonly Phase[];
  /** What the local AWS does so that a deployment comes into this phase, and stays there for a moment. */
  readonly faults: (phase: Phase) => readonly Fault[];
  /** What must be so before it starts, without a crash: what serves then, and what it leads to. */
  readonly prepare: (
    application: LiveApplication,
    serving: Serving,
    version: string,
  ) => Promise<Pick<ChaosRun, 'before' | 'after'>>;
  readonly start: (run: ChaosRun) => Promise<StartedDeployment>;
  /** The phase in which a person turns back. */
  readonly turnsBackIn: Phase;
}

const late = (operation: string): Fault => ({ kind: 'latency', operation, latencyMs: 1_500 });

type SlowCalls = Partial<Readonly<Record<Phase, string>>>;

/** One call at least of each of these phases is slow; the others last by themselves. */
const slowCalls: SlowCalls = {
  plan: 'elasticloadbalancing:DescribeListeners',
  prepare: 'ecs:RegisterTaskDefinition',
  verify: 'elasticloadbalancing:DescribeTargetHealth',
  shift: 'elasticloadbalancing:ModifyRule',
  retire: 'ecs:UpdateService',
  cleanUp: 'elasticloadbalancing:DeleteRule',
  rollBack: 'ecs:UpdateService',
};

/** @param first a write that every deployment makes: refused once, it holds */
const faultsWith =
  (slow: SlowCalls, first: string) =>
  (phase: Phase): Fault[] => {
    if (phase === 'hold') return [{ kind: 'accessDenied', operation: first, times: 1 }];
    const operation = slow[phase];
    return operation === undefined ? [] : [late(operation)];
  };

/** Long enough for a person to turn back in, where that is what is wanted. */
const inputFor = (phase: Phase): RunbookRequestInput => ({
  approval: 'afterVerify',
  bake: phase === 'rollBack' ? '1m' : '2s',
});

const deploying = async (_: LiveApplication, before: Serving, version: string) => ({
  before,
  after: container(version),
});

const started = ({ application, phase }: ChaosRun, strategy: Runbook, more: RunbookRequestInput) =>
  application.deployments.start(application.target, strategy, { ...inputFor(phase), ...more });

const deploy = ({ application, phase, version }: ChaosRun, strategy: 'blueGreen' | 'rollingUpdate') =>
  application.deploy({ version, startSeconds: 1 }, inputFor(phase), strategy);

const forward = faultsWith(slowCalls, 'ecs:RegisterTaskDefinition');
/** The service stays: nothing is retired, and the roll itself is what lasts. */
const rollingPhases = phases.filter((phase) => phase !== 'retire');
const rollingFaults = (phase: Phase) => (phase === 'shift' ? [] : forward(phase));

export const runbooks: readonly ChaosRunbook[] = [
  {
    strategy: 'blueGreen',
    phases,
    faults: forward,
    prepare: deploying,
    start: (run) => deploy(run, 'blueGreen'),
    turnsBackIn: 'bake',
  },
  {
    strategy: 'rollingUpdate',
    phases: rollingPhases,
    faults: rollingFaults,
    prepare: deploying,
    start: (run) => deploy(run, 'rollingUpdate'),
    turnsBackIn: 'bake',
  },
  {
    strategy: 'undo',
    phases,
    faults: forward,
    prepare: async (application, serving, version) => {
      await application.traffic.expect(application.target.application, [serving, container(version)]);
      await application.ended(await application.deploy({ version, startSeconds: 1 }));
      return { before: container(version), after: serving };
    },
    start: (run) => started(run, 'undo', { strategy: 'blueGreen' }),
    turnsBackIn: 'bake',
  },
  {
    strategy: 'updateConfiguration',
    phases: rollingPhases,
    faults: rollingFaults,
    prepare: async (application, serving, version) => {
      const { configure } = await import('../e2e/live-application.js');
      await configure(application.target.application, version);
      return { before: serving, after: serving };
    },
    start: (run) => started(run, 'updateConfiguration', { strategy: 'rollingUpdate' }),
    turnsBackIn: 'bake',
  },
  {
    strategy: 'removeApplication',
    // Nothing starts, and nothing stays beside what serves.
    phases: phases.filter((phase) => phase !== 'start' && phase !== 'bake'),
    faults: faultsWith(
      {
        plan: 'elasticloadbalancing:DescribeListeners',
        prepare: 'elasticloadbalancing:CreateRule',
        shift: 'elasticloadbalancing:DeleteRule',
        retire: 'ecs:UpdateService',
        cleanUp: 'ecs:DeleteService',
        rollBack: 'elasticloadbalancing:CreateRule',
      },
      'elasticloadbalancing:CreateRule',
    ),
    prepare: async (_, before) => ({ before, after: platformServer }),
    start: ({ application }) =>
      application.deployments.start(application.target, 'removeApplication', { approval: 'afterVerify' }),
    turnsBackIn: 'settle',
  },
  {
    strategy: 'retireWarm',
    // Nothing is asked, nothing of what serves is touched, and there is no way back from it.
    phases: ['plan', 'retire', 'cleanUp', 'hold'],
    faults: faultsWith(slowCalls, 'ecs:UpdateService'),
    prepare: async (application, serving, version) => {
      await application.traffic.expect(application.target.application, [serving, container(version)]);
      // Its own timer must not come between: it is started here.
      await application.ended(await application.deploy({ version, startSeconds: 1 }, { keepWarm: '7d' }));
      return { before: container(version), after: container(version) };
    },
    start: retireKept,
    turnsBackIn: 'retire',
  },
];

/** As the timer does that a deployment left behind, for the replicas that don't serve. */
async function retireKept({ application: { target, deployments, services } }: ChaosRun): Promise<StartedDeployment> {
  const { stack, stackAws, stackTemporal } = await import('../e2e/live-application.js');
  const { live } = await deployments.status(target);
  const asked = new DescribeServicesCommand({ cluster: stack().aws.cluster, services: await services() });
  const { services: found = [] } = await stackAws().ecs.send(asked);
  const kept = found.find(
    ({ serviceName, desiredCount = 0 }) => desiredCount > 0 && !serviceName?.endsWith(`-${live?.slot}`),
  );
  if (!kept) throw new Error('Nothing was kept warm.');
  const workflowId = deploymentIdOf(target);
  const { firstExecutionRunId: runId } = await (
    await stackTemporal()
  ).workflow.start('retireWarm', {
    workflowId,
    taskQueue: taskQueues.workflows,
    args: [{ service: kept.serviceName, taskDefinition: kept.taskDefinition, by: 'chaos' }],
  });
  return { workflowId, runId };
}

/** What a person answers, so that the deployment comes into the phase and to its end. */
export function answerTo(
  { phase, waitingFor }: DeploymentStatus,
  wanted: Phase,
  { turnsBackIn }: ChaosRunbook,
): CommandName | undefined {
  if (phase === turnsBackIn && wanted === 'rollBack') return 'rollback';
  if (waitingFor === null) return undefined;
  if (phase === 'approve') return 'approve';
  return phase === 'hold' ? 'retry' : undefined;
}

export const endingAfter = (phase: Phase) => (phase === 'rollBack' ? 'rolledBack' : 'completed');
