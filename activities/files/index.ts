/** The activities that work on shared folders: by workers that have the mounts. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { planClock, type PlatformClock } from '../../planning/plans/platform-clock';
import type { SharedFolders } from '../../settings/platform';
import type { Settings, ZoneSettings } from '../../settings/schema';
import type { PlatformApplication } from '../../contract/runbook-requests';
import { resolveApplication, type AskedApplication } from '../aws/plans/applications';
import { eachHeartbeating } from '../polling';
import type { Finding } from '../../planning/doctor';
import { writeAnswer, type Answer } from './answers';
import { examineFiles } from './doctor';
import { describeCopies, removeCopies, type CopyOwner, type OwnedCopy } from './configuration-copies';
import { zoneFolders } from './zone-folders';
import { describeConfiguration, publishConfiguration, type PublishedConfiguration } from './configuration';

export interface FileDependencies {
  /** Reads the settings anew, so that an edited file holds for the next deployment. */
  readonly settings: () => Settings;
}

export type FileActivities = ReturnType<typeof fileActivities>;

export function fileActivities({ settings }: FileDependencies) {
  const inFolder = zoneFolders();
  return eachHeartbeating({
    /** The configuration that the workflow's application has now; `null` where the zone has none, or the application. */
    async publishConfiguration(given?: PlatformApplication): Promise<PublishedConfiguration | null> {
      const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
      const { identity, zone } = resolveApplication(settings(), workflowId, given);
      const { configuration } = zone;
      if (!configuration) return null;
      return await inFolder(identity.zone, 'configurations', () => publishConfiguration(configuration, identity));
    },

    /** The same without publishing it: what a deployment would bring now. */
    async describeConfiguration(asked: AskedApplication): Promise<PublishedConfiguration | null> {
      const { identity, zone } = resolveApplication(settings(), `${asked.zone}/${asked.application}`);
      const { configuration } = zone;
      if (!configuration) return null;
      return await inFolder(identity.zone, 'configurations', () => describeConfiguration(configuration, identity.key));
    },

    /** What the platform's calls need in a zone beside AWS. Effect: files that are gone again. */
    examineFiles: ({ zone }: { readonly zone: string }): Promise<Finding[]> =>
      inFolder(zone, 'doctor', () => examineFiles(settings().zones[zone] ?? {})),

    /** The copies of configurations that the application needs or has needed. */
    async describeCopies(owner: CopyOwner): Promise<OwnedCopy[]> {
      const store = settings().zones[owner.zone]?.configuration?.store;
      if (store === undefined) return [];
      return await inFolder(owner.zone, 'configurations', () => describeCopies(store, owner));
    },

    /** Effect: these copies go, but for those that another application needs, or that were published again. Idempotent. */
    async removeCopies(owner: CopyOwner, copies: readonly OwnedCopy[]): Promise<void> {
      const store = settings().zones[owner.zone]?.configuration?.store;
      if (store === undefined) return;
      await inFolder(owner.zone, 'configurations', () => removeCopies(store, owner, copies));
    },

    /**
     * The clock of a call in this zone.
     * Errors: `InvalidRequest` when the zone isn't there, or has no folders: then no answer can be given.
     */
    describeClock: (zone: string, calledAtMs: number): Promise<PlatformClock> =>
      Promise.resolve(planClock(calledAtMs, zoneWithFolders(settings(), zone).zone.platformTimeout)),

    /**
     * Puts the answer to a call where the platform looks for it.
     * Effect: one file. Idempotent. Any trouble with the folder is worth another try, for as long as the platform waits.
     * Errors: `NobodyReads` after the platform's time.
     */
    async writeAnswer(zone: string, answer: Answer, { waitsUntil }: PlatformClock): Promise<void> {
      const { folders } = zoneWithFolders(settings(), zone);
      const refuseLate = () => {
        if (Date.now() < Date.parse(waitsUntil)) return;
        throw ApplicationFailure.nonRetryable('The platform waits no longer.', 'NobodyReads');
      };
      refuseLate();
      await inFolder(zone, 'answers', () => writeAnswer(folders.result.mounted, answer, refuseLate));
    },
  });
}

/** @throws `InvalidRequest` */
export function zoneWithFolders(
  { zones }: Settings,
  name: string,
): { readonly zone: ZoneSettings; readonly folders: SharedFolders } {
  const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
  const what = zone ? `has no "folders"` : `is not in the settings`;
  if (zone?.folders) return { zone, folders: zone.folders };
  throw ApplicationFailure.nonRetryable(`The zone ${name} ${what}: no call can be answered.`, 'InvalidRequest');
}
