/** The activities that answer people's questions. They read, and change nothing that stays. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Finding } from '../../../planning/doctor';
import type { Serving } from '../../../planning/observed/blue';
import type { DeploymentPreview } from '../../../planning/preview/preview';
import type { Settings, ZoneSettings } from '../../../settings/schema';
import type { TaskLog } from '../../../contract/questions';
import type { ReleaseEntry } from '../../../contract/status';
import { diagnoseZone } from './doctor';
import { zoneOf as zoneAs } from '../../../settings/applications/zone';
import { findApplication, type AskedApplication } from '../plans/applications';
import { observeApplication, observeRules, type ObservableApplication } from '../plans/observe';
import { previewRunbook, type PreviewRequest } from '../plans/previews';
import type { PlanDependencies } from '../plans/runbook-plan';
import { eachTogether } from '../../concurrency';
import { heartbeating, pause } from '../../polling';
import { describeHistory } from './history';
import { tryInlineFlags } from './inline-flags';
import { describeLiveRules, describeServing } from './live';
import { describeLogs } from './logs';
import { describeTopology } from './topology';

export type AwsDescriptions = ReturnType<typeof awsDescriptions>;

/** How often people who watch see something new; also the worker's shortest time between two heartbeats. */
const watchEveryMs = 1_000;

interface ExaminedZone {
  readonly zone: string;
  readonly tryInlineFlags?: boolean;
}

export function awsDescriptions(dependencies: PlanDependencies) {
  const { clientsOf, settings } = dependencies;
  const known = ({ zone, application }: AskedApplication) => findApplication(dependencies, `${zone}/${application}`);
  const observe = async (asked: AskedApplication) => {
    const { identity, zone, application } = await known(asked);
    const clients = clientsOf(zone);
    const rules = await observeRules(clients.elb, zone);
    return {
      clients,
      identity,
      zone,
      observed: await observeApplication(clients, { identity, zone, application }, rules),
    };
  };
  const topology = async (asked: AskedApplication) => {
    const { clients, identity, zone, observed } = await observe(asked);
    return await describeTopology(clients, zone.cluster, identity, observed);
  };
  return {
    async describeLive(asked: AskedApplication): Promise<Serving> {
      const found = await known(asked);
      const clients = clientsOf(found.zone);
      return await describeServing(clients, found, await describeLiveRules(clients.elb, found.zone));
    },

    describeZone: ({ zone: name }: { readonly zone: string }): Promise<Record<string, Serving>> =>
      heartbeating(async () => {
        const zone = zoneOf(settings(), name);
        const clients = clientsOf(zone);
        const listeners = await describeLiveRules(clients.elb, zone);
        const serving = await eachTogether(
          applicationsOf(settings(), name, zone),
          async (application) =>
            [application.identity.name, await describeServing(clients, application, listeners)] as const,
        );
        return Object.fromEntries(serving);
      }),

    /** Whether a preview needs the configuration as it is now. */
    zoneMountsConfigurations: async (asked: AskedApplication): Promise<boolean> =>
      (await known(asked)).zone.configuration !== undefined,

    /** Whether there are folders that only workers with their mounts can look at. */
    zoneSharesFolders: ({ zone }: { readonly zone: string }): Promise<boolean> => {
      const { folders, configuration } = zoneOf(settings(), zone);
      return Promise.resolve(folders !== undefined || configuration !== undefined);
    },

    previewDeployment: async (asked: AskedApplication, preview: PreviewRequest): Promise<DeploymentPreview> =>
      previewRunbook(clientsOf, await known(asked), preview),

    async describeHistory(asked: AskedApplication): Promise<ReleaseEntry[]> {
      const { clients, identity, zone, observed } = await observe(asked);
      return await describeHistory(clients, identity, zone, observed);
    },

    describeTopology: topology,

    /** Sends the topology in its heartbeats until it is cancelled. */
    async watchTopology(asked: AskedApplication): Promise<null> {
      const context = Context.current();
      for (;;) {
        context.heartbeat(await topology(asked));
        await pause(watchEveryMs);
      }
    },

    /** Changes nothing, but for what {@link tryInlineFlags} makes and removes where it is asked for. */
    examineZone: ({ zone: name, tryInlineFlags: isTried = false }: ExaminedZone): Promise<Finding[]> =>
      heartbeating(async () => {
        const zone = zoneOf(settings(), name);
        const clients = clientsOf(zone);
        const found = await diagnoseZone(clientsOf, zone, applicationsOf(settings(), name, zone));
        return isTried ? [...found, ...(await tryInlineFlags(clients, name, zone))] : found;
      }),

    async describeLogs(asked: AskedApplication, lines: number): Promise<TaskLog[]> {
      const { clients, zone, observed } = await observe(asked);
      return await describeLogs(clients, zone.cluster, observed, lines);
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

/** The applications that the settings know, in a zone. */
const applicationsOf = (settings: Settings, name: string, zone: ZoneSettings): ObservableApplication[] =>
  Object.entries(settings.applications).map(([applicationName, application]) => ({
    identity: { zone: name, name: applicationName, key: application.key },
    zone: ownZone(settings, name, applicationName) ?? zone,
    application,
  }));

/** What doesn't fit the zone is told when it is to be deployed there. */
function ownZone(settings: Settings, zone: string, application: string): ZoneSettings | undefined {
  const own = zoneAs(settings, zone, application);
  return own && 'zone' in own ? own.zone : undefined;
}
