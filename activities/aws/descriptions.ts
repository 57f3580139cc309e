/** The activities that answer people's questions. They read, and change nothing. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Finding, KnownModules } from '../../planning/findings';
import { describeBlue, liveOf, type Live } from '../../planning/live';
import { planBlueGreen, type DeploymentPlan, type PlanRequest } from '../../planning/deployment';
import type { Observed } from '../../planning/observed';
import { planRollingUpdate } from '../../planning/rolling-update';
import { previewDeployment, type DeploymentPreview } from '../../planning/preview';
import { routeRules } from '../../planning/route';
import type { Settings, ZoneSettings } from '../../settings/schema';
import type { TaskLog } from '../../workflows/describe';
import type { DeploymentRequest, ReleaseEntry } from '../../workflows/messages';
import { examineZone } from './examination';
import { describeListener } from './listener-rules';
import { describeLoadBalancerUse } from './load-balancers';
import { describeLive, observeAndPlan, observeSlots, refusing, findApplication, type PlanDependencies } from './plan';
import { describeTaskDefinition } from './task-definitions';
import { describeLogs } from './task-logs';
import { describeTopology } from './topology';
import { describeHistory } from './undo';

export interface AskedApplication {
  readonly zone: string;
  readonly application: string;
}

export type AwsDescriptions = ReturnType<typeof awsDescriptions>;

/** Between two looks of somebody who watches; also the worker's shortest time between two heartbeats. */
const watchEveryMs = 1_000;

export function awsDescriptions(dependencies: PlanDependencies) {
  const { clientsOf, settings } = dependencies;
  const known = async ({ zone, application }: AskedApplication) => {
    const found = await findApplication(dependencies, `${zone}/${application}`);
    return { ...found, clients: clientsOf(found.zone) };
  };
  const topology = async (asked: AskedApplication) => {
    const { clients, identity, zone } = await known(asked);
    return await describeTopology(clients, identity, zone);
  };
  return {
    describeLive: (asked: AskedApplication): Promise<Live> => describeLive(dependencies, asked),

    async describeZone({ zone: name }: { readonly zone: string }): Promise<Record<string, Live>> {
      const { applications } = settings();
      const zone = zoneOf(settings(), name);
      const clients = clientsOf(zone);
      const listener = await describeListener(clients.elb, zone.listener);
      const live: Record<string, Live> = {};
      for (const [application, { key }] of Object.entries(applications)) {
        const identity = { zone: name, name: application, key };
        // An application without rules of its own needs no look at its slots: the Platform Server serves it.
        const slots = routeRules(listener.rules, identity, 'live').length > 0;
        const found = slots ? await observeSlots(clients, zone.cluster, identity, listener.rules) : [];
        live[application] = await refusing(() => Promise.resolve(liveOf(describeBlue(identity, listener, found))));
      }
      return live;
    },

    async previewDeployment(
      asked: AskedApplication,
      request: DeploymentRequest,
      runId: string,
    ): Promise<DeploymentPreview> {
      const found = await known(asked);
      const { plan, observed } = await observeAndPlan(dependencies, found, request, runId, planAsAsked);
      const { ecs, elb } = found.clients;
      const { blue } = plan;
      return previewDeployment(plan, {
        observed,
        blueTaskDefinition:
          blue.kind === 'slot' ? await describeTaskDefinition(ecs, blue.taskDefinitionArn) : undefined,
        loadBalancer: await describeLoadBalancerUse(elb, found.zone.listener),
      });
    },

    describeHistory: (asked: AskedApplication): Promise<ReleaseEntry[]> => describeHistory(dependencies, asked),

    describeTopology: topology,

    /** Tells the topology in its heartbeats until it is cancelled. */
    async watchTopology(asked: AskedApplication): Promise<null> {
      const context = Context.current();
      for (;;) {
        context.heartbeat(await topology(asked));
        await context.sleep(watchEveryMs);
      }
    },

    async examineZone({ zone: name }: { readonly zone: string }): Promise<Finding[]> {
      const zone = zoneOf(settings(), name);
      return await examineZone(clientsOf(zone), zone, knownModules(settings(), name));
    },

    async describeLogs(asked: AskedApplication, lines: number): Promise<TaskLog[]> {
      const { clients, identity, zone } = await known(asked);
      return await describeLogs(clients, zone.cluster, identity, lines);
    },
  };
}

const planAsAsked = (request: PlanRequest, observed: Observed): DeploymentPlan =>
  request.options.strategy === 'rollingUpdate'
    ? planRollingUpdate(request, observed)
    : planBlueGreen(request, observed);

function zoneOf({ zones }: Settings, name: string): ZoneSettings {
  const zone = zones[name];
  if (zone) return zone;
  throw ApplicationFailure.nonRetryable(
    `There is no zone ${name} in the worker's settings, which know ${Object.keys(zones).join(', ')}.`,
    'InvalidRequest',
  );
}

const knownModules = ({ applications }: Settings, zone: string): KnownModules[] =>
  Object.entries(applications).map(([name, { key, modules = [] }]) => ({ identity: { zone, name, key }, modules }));
