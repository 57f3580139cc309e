/** What a deployment starts beside blue: a slot's service, a twin of blue's, and its target group. */
import type { ZoneSettings } from '../../settings/schema';
import type { Blue } from '../observed/blue';
import {
  resourceBase,
  resourceTags,
  slotNames,
  targetGroupBeside,
  type ApplicationIdentity,
  type Slot,
  otherSlot,
} from '../names';
import { refuseImpossibleTwin } from './deployment-refusals';
import { planTargetGroup, type TargetGroupPlan } from './target-group';
import type { Observed, ObservedSlot, ObservedTargetGroup, ServicePort, ServiceSettings } from '../observed/observed';
import { findApplicationContainer, type TaskDefinition } from '../release/task-definitions';
import { replacing } from '../twin/fixed';
import { planServiceSettings } from '../twin/service-settings';
import { refuseLaunchVolumes } from '../twin/volumes';
import { tagsOfOthers, type Tags } from '../tags';

export interface ServicePlan {
  readonly name: string;
  readonly desiredCount: number;
  readonly container: ServicePort;
  /** What each of its target groups reaches, in the order of the ways to it. Default: `container`. */
  readonly ports?: readonly ServicePort[];
  readonly settings: ServiceSettings;
  readonly tags: Tags;
  /** Those that somebody else gave blue, which its twin has too. Default: none. */
  readonly tagsOfOthers?: Tags;
}

export interface Green {
  readonly slot: Slot;
  readonly service: ServicePlan;
  readonly targetGroup: TargetGroupPlan;
  /** Replicas run in its slot that no rule has in it: ECS takes no count for them until it is prepared. Default: none do. */
  readonly detached?: true;
}

/** What green is planned from, beside what was observed. */
export interface GreenRequest {
  readonly application: ApplicationIdentity;
  readonly zone: ZoneSettings;
  readonly desiredCount: number;
}

/**
 * Green is as the settings want it, and as blue is where they don't say; it has as many replicas as blue, or where blue has none
 * the count that was asked for.
 * @param task what its replicas run
 * @throws {Refusal} when its target group must be made anew and rules still lead to it, its volumes don't fit, or it can't be beside blue
 */
export function planGreen(
  { application, zone, desiredCount }: GreenRequest,
  observed: Observed,
  blue: Blue,
  task: TaskDefinition,
): Green {
  const { beside } = observed;
  const own = greenSlot(blue, observed);
  const { slot, twin = beside?.twin } = { ...own, ...(beside && { slot: beside.slot }) };
  const { networkMode } = task;
  const names = slotNames(application, slot);
  const tags = resourceTags(application, zone.tags);
  const settings = planServiceSettings(zone, twin?.service?.settings, networkMode);
  refuseLaunchVolumes(task, settings);
  const targetGroup = planTargetGroup(zone, {
    name: beside ? targetGroupBeside(resourceBase(application), slot, zone.listener) : names.targetGroup,
    modules: observed.release.modules,
    twin,
    twinModules: blue.kind === 'slot' ? (blue.release?.modules ?? []) : [],
    networkMode,
    tags,
  });
  const container = findApplicationContainer(task, zone.container.port ?? twin?.service?.container?.port);
  refuseImpossibleTwin({ networkMode, port: container.port }, twin);
  return {
    slot,
    service: {
      name: names.service,
      desiredCount: blue.kind === 'platformServer' || blue.desiredCount === 0 ? desiredCount : blue.desiredCount,
      container,
      settings,
      tags,
      ...withTagsOfOthers(twin?.service?.tags, tags),
    },
    targetGroup: { ...targetGroup, ...replacing(targetGroup, observed, slot) },
    ...(runsDetached(observed, slot) && { detached: true }),
  };
}

const runsDetached = ({ slots }: Observed, slot: Slot): boolean =>
  slots.some((one) => one.slot === slot && one.isAttached === false && (one.service?.desiredCount ?? 0) > 0);

function withTagsOfOthers(found: Tags = {}, wanted: Tags): Pick<ServicePlan, 'tagsOfOthers'> {
  const others = tagsOfOthers(found, wanted);
  return Object.keys(others).length > 0 ? { tagsOfOthers: others } : {};
}

/** Green takes the slot that doesn't serve; blue's slot is the one it is a twin of. */
export function greenSlot(
  blue: Blue,
  { slots, foreign }: Observed,
): { slot: Slot; twin?: Pick<ObservedSlot, 'service'> & ObservedTargetGroup } {
  if (blue.kind === 'platformServer') return { slot: 'a' };
  if (blue.kind === 'adopted') return { slot: 'a', ...(foreign && { twin: foreign }) };
  const twin = slots.find(({ slot }) => slot === blue.slot);
  return { slot: otherSlot(blue.slot), ...(twin && { twin }) };
}
