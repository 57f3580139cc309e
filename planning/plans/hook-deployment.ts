/**
 * The plan of what a call of the platform starts: under which lock, with which strategy, and how it behaves while the platform
 * waits for an answer and no person watches.
 */
import { believesInputs } from '../../settings/approvals/policy';
import { resolveRunbookOptions, type ResolvedRunbookOptions } from '../../settings/runbook';
import type { ZoneSettings } from '../../settings/schema';
import { belongsTo, type ApplicationIdentity } from '../names';
import { blueOf, servingOf, type Serving } from '../observed/blue';
import { recordedName } from '../observed/resource-names';
import type { ObservedApplication } from '../observed/observed';
import { refuseTimes, type PlatformClock } from '../platform-clock';

/** The input that every runbook takes from a hook. */
export interface HookedInput {
  readonly application: Pick<ApplicationIdentity, 'name' | 'key'>;
  readonly by: string;
  readonly reason: string;
  readonly approval: ResolvedRunbookOptions['approval'];
  readonly onFailure: ResolvedRunbookOptions['onFailure'];
  readonly deadline?: string;
  readonly commits?: 'afterBake' | 'afterProof';
}

export interface HookDeploymentPlan {
  /** The workflow ID of the deployment, which is the application's lock: under the name that its rules' tags record. */
  readonly lock: string;
  readonly live: Serving;
  readonly strategy: ResolvedRunbookOptions['strategy'];
  readonly input: HookedInput;
  /** That cutover has never made anything of it in this zone, so that there is nothing to wait for. Default: it has. */
  readonly isUnknown?: true;
  /** How many applications of the zone may be deployed at once. */
  readonly atOnce: number;
}

export interface HookDeploymentRequest {
  readonly application: ApplicationIdentity;
  readonly zone: ZoneSettings;
  /** Whether the application is to leave: that is done under the name that is asked for, which may be an earlier one. */
  readonly removes: boolean;
  readonly reason: string;
  /** `null` where the platform doesn't wait for the end. */
  readonly clock: PlatformClock | null;
  /** Whether AWS has a release of it. */
  readonly hasReleases: boolean;
}

/** @throws {Refusal} when it can't be told what serves, or what the settings want takes longer than the platform waits */
export function planHookDeployment(
  { application, zone, removes, reason, clock, hasReleases }: HookDeploymentRequest,
  { liveListener, slots }: Pick<ObservedApplication, 'liveListener' | 'slots'>,
): HookDeploymentPlan {
  const { name, key } = application;
  const earlierName = recordedName(application, liveListener.rules);
  const isKnown =
    hasReleases ||
    liveListener.rules.some(({ tags }) => belongsTo(tags, application)) ||
    slots.some(({ service, targetGroupArn }) => service !== null || targetGroupArn !== null);
  const live = servingOf(blueOf(application, liveListener, slots));
  const resolved = resolveRunbookOptions(zone.deployment);
  const commits = live.servedBy === 'platform-server' ? 'afterBake' : zone.answerUpdates;
  if (clock) refuseTimes(resolved, clock, commits);
  return {
    lock: `${application.zone}/${removes ? name : (earlierName ?? name)}`,
    live,
    strategy: live.slot === null || earlierName !== undefined ? 'blueGreen' : resolved.strategy,
    atOnce: zone.deploymentsAtOnce,
    ...(!isKnown && { isUnknown: true }),
    input: {
      application: { name, key },
      by: 'the OutSystems platform',
      reason,
      // No person watches a publish: they are asked only where the settings say so, or let no input say otherwise.
      approval: zone.deployment.approval ?? (believesInputs(zone.approvals) ? 'none' : 'afterVerify'),
      onFailure: zone.deployment.onFailure ?? (clock ? 'rollback' : 'hold'),
      ...(clock && { deadline: clock.deadline, commits }),
    },
  };
}
