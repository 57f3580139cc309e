/** The activities that work on shared folders: by workers that have the mounts. */
import { Context } from '@temporalio/activity';
import type { Settings } from '../../settings/schema';
import { resolveApplication, type AskedApplication } from '../aws/plan';
import type { PlatformApplication } from '../../workflows/messages';
import { eachHeartbeating } from '../polling';
import { describeConfiguration, publishConfiguration, type PublishedConfiguration } from './configuration';

export interface FileDependencies {
  /** Reads the settings anew, so that an edited file holds for the next deployment. */
  readonly settings: () => Settings;
}

export type FileActivities = ReturnType<typeof fileActivities>;

export function fileActivities({ settings }: FileDependencies) {
  return eachHeartbeating({
    /** The configuration that the workflow's application has now; `null` where the zone has none, or the application. */
    async publishConfiguration(given?: PlatformApplication): Promise<PublishedConfiguration | null> {
      const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
      const { identity, zone } = resolveApplication(settings(), workflowId, given);
      return zone.configuration ? await publishConfiguration(zone.configuration, identity.key) : null;
    },

    /** The same without publishing it: what a deployment would bring now. */
    async describeConfiguration(asked: AskedApplication): Promise<PublishedConfiguration | null> {
      const { identity, zone } = resolveApplication(settings(), `${asked.zone}/${asked.application}`);
      return zone.configuration ? await describeConfiguration(zone.configuration, identity.key) : null;
    },
  });
}
