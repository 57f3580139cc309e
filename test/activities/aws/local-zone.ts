/** A zone on the local AWS, and the activities on it as Temporal runs them, through the real SDK. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients, type AwsClients } from '../../../activities/aws/client/clients';
import { describeListener } from '../../../activities/aws/elb/listener-rules';
import { awsActivities } from '../../../activities/aws/index';
import { planBlueGreen, type DeploymentPlan } from '../../../planning/plans/deployment';
import { resolveRunbookOptions } from '../../../settings/runbook';
import { startLocalAws, testCredentials, type LocalAws } from '../../../packages/local-aws/test/local-aws';
import { parseSettings } from '../../../settings/load';
import type { Settings, ZoneSettings } from '../../../settings/schema';
import { invoices, orders, release, slot, zoneSettings } from '../../planning/zone';
import { zone as minimalZone } from '../../settings/minimal';

type Activities = ReturnType<typeof awsActivities>;

export interface LocalZone {
  readonly local: LocalAws;
  readonly clients: AwsClients;
  /** Its default rule forwards to a target group `platform`. */
  readonly listenerArn: string;
  /** A first deployment of Orders, made by `run-1`. */
  readonly plan: DeploymentPlan;
  /** The same plan, made by another run. */
  readonly planFor: (runId: string) => Promise<DeploymentPlan>;
  /** Runs an activity as the workflow run that planned would, or as another one. */
  readonly run: <Name extends keyof Activities>(
    name: Name,
    args: Parameters<Activities[Name]>,
    runId?: string,
  ) => Promise<Awaited<ReturnType<Activities[Name]>>>;
  /** The settings know this listener, too. */
  readonly alsoAt: (listener: string) => void;
  /** Creates green's target group. */
  readonly greenGroup: () => Promise<string>;
  /** How often each API operation was called, by e.g. `ecs:UpdateService`. */
  readonly calls: () => Promise<Readonly<Record<string, number>>>;
  readonly close: () => Promise<void>;
}

export async function startLocalZone(): Promise<LocalZone> {
  const local = await startLocalAws();
  const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  await local.ecs.createCluster({ clusterName: 'outsystems' });
  const listenerArn = await createListener(local);
  const planFor = (runId: string) => planOrders(clients, listenerArn, runId);
  const plan = await planFor('run-1');
  let settings = settingsAt(listenerArn);
  const run = runner(clients, () => settings);
  return {
    local,
    clients,
    listenerArn,
    plan,
    planFor,
    run,
    alsoAt: (testListener) => void (settings = settingsAt(listenerArn, { testListener })),
    greenGroup: () => run('createTargetGroup', [plan.site, plan.green.targetGroup]),
    calls: () => callsOf(local),
    close: () => local.close(),
  };
}

/** Runs something as an activity of this workflow run. */
export const asRun = <T>(runId: string, activity: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment({
    workflowExecution: { workflowId: 'production/Orders', runId },
    startToCloseTimeoutMs: 120_000,
    scheduleToCloseTimeoutMs: 600_000,
  }).run(activity);

export const callsOf = async ({ aws }: LocalAws): Promise<Readonly<Record<string, number>>> =>
  (await (await fetch(`${aws.controlUrl}/calls`)).json()) as Record<string, number>;

/** What the worker has: the settings of {@link planOrders}. */
export function settingsAt(listener: string, more: Pick<Partial<ZoneSettings>, 'testListener'> = {}): Settings {
  const { testListener: _, ...zone } = zoneSettings(
    ", testRoute: { value: 'a-long-test-secret' }, targetGroup: { vpc: vpc-1 }, network: { subnets: [subnet-1] }",
  );
  return {
    ...parseSettings(minimalZone, 'test'),
    zones: { production: { ...zone, listener, ...more } },
    applications: { [orders.name]: { key: orders.key, paths: {} }, [invoices.name]: { key: invoices.key, paths: {} } },
  };
}

function runner(clients: AwsClients, settings: () => Settings) {
  const activities = awsActivities({
    clientsOf: () => clients,
    pollMs: 200,
    settings,
    earlierRuns: () => Promise.resolve({ areAllKnown: true }),
  });
  return async <Name extends keyof Activities>(
    name: Name,
    args: Parameters<Activities[Name]>,
    runId = 'run-1',
  ): Promise<Awaited<ReturnType<Activities[Name]>>> => {
    const activity = activities[name] as unknown as (...given: readonly unknown[]) => Promise<unknown>;
    const answer: unknown = await asRun(runId, () => activity(...args));
    return answer as Awaited<ReturnType<Activities[Name]>>;
  };
}

async function createListener({ elbv2 }: LocalAws): Promise<string> {
  const { LoadBalancers = [] } = await elbv2.createLoadBalancer({ Name: 'main', Subnets: ['subnet-1', 'subnet-2'] });
  const { TargetGroups = [] } = await elbv2.createTargetGroup({
    Name: 'platform',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
  });
  const { Listeners = [] } = await elbv2.createListener({
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: TargetGroups[0]?.TargetGroupArn }],
  });
  return Listeners[0]?.ListenerArn ?? '';
}

async function planOrders(clients: AwsClients, listenerArn: string, runId: string): Promise<DeploymentPlan> {
  const { testListener: _, ...zone } = zoneSettings(
    ", testRoute: { value: 'a-long-test-secret' }, targetGroup: { vpc: vpc-1 }",
  );
  const listener = await describeListener(clients.elb, listenerArn);
  return planBlueGreen(
    {
      runId,
      application: orders,
      options: resolveRunbookOptions(),
      zone: { ...zone, network: { subnets: ['subnet-1'], securityGroups: [], assignPublicIp: false } },
      desiredCount: 1,
      paths: {},
      record: { strategy: 'blueGreen', by: null, reason: null },
    },
    {
      liveListener: listener,
      testListener: listener,
      elsewhere: [],
      slots: [slot('a'), slot('b')],
      release: release('1', ['Orders']),
    },
  );
}
