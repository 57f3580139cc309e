/** The activities that work on shared folders: by workers that have the mounts. */
import { Context } from '@temporalio/activity';
import type { Settings } from '../../settings/schema';
import { resolveApplication } from '../aws/plan';
import type { PlatformApplication } from '../../workflows/messages';
import { eachHeartbeating } from '../polling';
import { publishConfiguration, type PublishedConfiguration } from './configuration';

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
  });
}
