/** The activities that answer people's questions. They read, and change nothing. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Finding, KnownModules } from '../../../planning/doctor';
import type { Serving } from '../../../planning/observed/blue';
import type { DeploymentPreview } from '../../../planning/preview/deployment';
import type { Settings, ZoneSettings } from '../../../settings/schema';
import type { TaskLog } from '../../../contract/questions';
import type { ReleaseEntry } from '../../../contract/status';
import { examineZone } from './doctor';
import { describeListener } from '../elb/listener-rules';
import { findApplication, type AskedApplication } from '../plans/applications';
import { describeLive, describeLiveAt, type PlanDependencies } from '../plans/observe';
import { previewRunbook, type PreviewRequest } from '../plans/previews';
import { pause } from '../../polling';
import { describeLogs } from './logs';
import { describeTopology } from './topology';
import { describeHistory } from '../plans/undo';

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
    describeLive: (asked: AskedApplication): Promise<Serving> => describeLive(dependencies, asked),

    async describeZone({ zone: name }: { readonly zone: string }): Promise<Record<string, Serving>> {
      const { applications } = settings();
      const zone = zoneOf(settings(), name);
      const clients = clientsOf(zone);
      const listener = await describeListener(clients.elb, zone.listener);
      const live: Record<string, Serving> = {};
      for (const [applicationName, application] of Object.entries(applications)) {
        const identity = { zone: name, name: applicationName, key: application.key };
        live[applicationName] = await describeLiveAt(clients, { identity, zone, application }, listener);
      }
      return live;
    },

    /** Whether a preview needs the configuration as it is now. */
    zoneMountsConfigurations: async (asked: AskedApplication): Promise<boolean> =>
      (await known(asked)).zone.configuration !== undefined,

    /** Whether there are folders that only workers with their mounts can look at. */
    zoneSharesFolders: ({ zone }: { readonly zone: string }): Promise<boolean> => {
      const { folders, configuration } = zoneOf(settings(), zone);
      return Promise.resolve(folders !== undefined || configuration !== undefined);
    },

    previewDeployment: async (asked: AskedApplication, preview: PreviewRequest): Promise<DeploymentPreview> =>
      previewRunbook(dependencies, await known(asked), preview),

    describeHistory: (asked: AskedApplication): Promise<ReleaseEntry[]> => describeHistory(dependencies, asked),

    describeTopology: topology,

    /** Tells the topology in its heartbeats until it is cancelled. */
    async watchTopology(asked: AskedApplication): Promise<null> {
      const context = Context.current();
      for (;;) {
        context.heartbeat(await topology(asked));
        await pause(watchEveryMs);
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

function zoneOf({ zones }: Settings, name: string): ZoneSettings {
  const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
  if (zone) return zone;
  throw ApplicationFailure.nonRetryable(
    `There is no zone ${name} in the worker's settings, which know ${Object.keys(zones).join(', ')}.`,
    'InvalidRequest',
  );
}

const knownModules = ({ applications }: Settings, zone: string): KnownModules[] =>
  Object.entries(applications).map(([name, { key, modules = [] }]) => ({ identity: { zone, name, key }, modules }));
