/** What serves an application now: read off the rules that win its requests, never taken from memory or names. */
import {
  byPriority,
  targetGroupsOf,
  type ListenerRule,
  type ListenerRules,
  type WeightedTargetGroup,
} from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';
import { tagKeys, targetGroupName, type ApplicationIdentity, type Slot } from '../names';
import type { FoundSlot, ObservedService } from './observed';
import { Refusal } from '../refusal';
import { versionOf } from '../release/image-reference';
import type { Release } from '../release/release';

/** The role of what serves live traffic now. */
export type Blue = PlatformServerBlue | SlotBlue | AdoptedBlue;

export interface PlatformServerBlue {
  readonly kind: 'platformServer';
  /** `null` when the default rule doesn't forward, or forwards to several. */
  readonly targetGroupArn: string | null;
  /** The target groups that the default rule shares requests among, where there are several. */
  readonly sharedAmong?: readonly string[];
}

export interface SlotBlue {
  readonly kind: 'slot';
  readonly slot: Slot;
  readonly service: string;
  readonly targetGroupArn: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  /** `null` when something else than cutover registered the task definition. */
  readonly release: Release | null;
}

/** A service that another tool made, and that becomes blue at the application's first deployment. */
export interface AdoptedBlue {
  readonly kind: 'adopted';
  readonly service: string;
  readonly targetGroupArn: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly release: null;
  /** The reference that its task definition names. */
  readonly image: string | null;
}

/** What serves live traffic, as people see it. */
export interface Serving {
  /** `null` while the Platform Server serves, or a service that another tool made. */
  readonly slot: Slot | null;
  readonly servedBy: 'container' | 'platform-server';
  /** `null` where cutover didn't put it there. */
  readonly image: string | null;
  readonly version: string | null;
  /** What serves through the zone's other load balancers, by their names, where that is something else. Default: nothing else. */
  readonly elsewhere?: Readonly<Record<string, Omit<Serving, 'elsewhere'>>>;
}

/** Blue as people see it. */
export function servingOf(blue: Blue): Serving {
  if (blue.kind === 'platformServer') return { slot: null, servedBy: 'platform-server', image: null, version: null };
  if (blue.kind === 'adopted') {
    const { image } = blue;
    return { slot: null, servedBy: 'container', image, version: image === null ? null : versionOf(image) };
  }
  const { image = null, version = null } = blue.release ?? {};
  return { slot: blue.slot, servedBy: 'container', image, version };
}

/**
 * Blue, by the application's own live rules: of several target groups the one with the larger share.
 * @throws {Refusal} when they lead to something that is in none of its slots
 */
export function blueOf(
  application: ApplicationIdentity,
  listener: ListenerRules,
  slots: readonly FoundSlot[],
): PlatformServerBlue | SlotBlue {
  const targetGroupArn = largestShare(routeRules(listener.rules, application, 'live'));
  if (targetGroupArn === undefined || attachedByDefault(listener).includes(targetGroupArn))
    return platformServerBlue(listener);
  const found = blueInSlot(slots, targetGroupArn);
  if (found) return found;
  throw new Refusal(
    `The rules of ${application.name} forward to ${targetGroupArn}, which no service of its slots uses: point them at the service that should serve, or remove them so that the Platform Server does.`,
  );
}

/** The slot that a target group belongs to, as blue; `undefined` where it is no slot's. */
export function blueInSlot(slots: readonly FoundSlot[], targetGroupArn: string | undefined): SlotBlue | undefined {
  const found = slots.find((slot) => slot.targetGroupArn !== null && slot.targetGroupArn === targetGroupArn);
  if (!found?.service || targetGroupArn === undefined) return undefined;
  return { kind: 'slot', slot: found.slot, targetGroupArn, ...servesAs(found.service) };
}

const servesAs = ({ name, taskDefinitionArn, desiredCount, release }: ObservedService) => ({
  service: name,
  taskDefinitionArn,
  desiredCount,
  release: release ?? null,
});

/** The Platform Server as blue. */
function platformServerBlue(listener: ListenerRules): PlatformServerBlue {
  const groups = defaultTargetGroups(listener);
  const [only, ...others] = groups;
  return only === undefined || others.length === 0
    ? { kind: 'platformServer', targetGroupArn: only ?? null }
    : { kind: 'platformServer', targetGroupArn: null, sharedAmong: groups };
}

/** The ARNs of the target groups that the default rule sends requests to; empty when it answers by itself. */
export const defaultTargetGroups = (listener: ListenerRules): string[] =>
  targetGroupsOf({ forward: forwardByDefault(listener) });

/**
 * The ARNs of the target groups that only rules of others lead to, on this listener and the load balancer's others: each may have
 * the Platform Server's front ends too.
 */
export function groupsOfOthers(listener: ListenerRules, elsewhere: readonly ListenerRule[]): string[] {
  const own = defaultTargetGroups(listener);
  const others = [...listener.rules, ...elsewhere].filter(({ tags }) => tags[tagKeys.key] === undefined);
  const groups = others.flatMap(targetGroupsOf);
  return own.length === 0 ? [] : [...new Set(groups)].filter((group) => !own.includes(group));
}

/** Those that it only attaches included. */
const attachedByDefault = (listener: ListenerRules) =>
  forwardByDefault(listener).map(({ targetGroupArn }) => targetGroupArn);

/** Where the default rule forwards, or as good as that: the Platform Server that the settings name. */
function forwardByDefault({ rules, platformServer }: ListenerRules): readonly WeightedTargetGroup[] {
  const forward = byPriority(rules).at(-1)?.forward ?? [];
  return forward.length === 0 && platformServer !== undefined
    ? [{ targetGroupArn: platformServer, weight: 1 }]
    : forward;
}

/** Where the default rule sends most requests; `null` when it answers by itself. */
export const defaultTargetGroup = (listener: ListenerRules): string | null =>
  forwardByDefault(listener)
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight)[0]?.targetGroupArn ?? null;

/** The refusal where one of the default rule's target groups is needed, and there are several with a share. */
export const sharedDefaultRule = (groups: readonly string[]) =>
  new Refusal(
    `The listener's default rule sends requests to several target groups (${groups.map(targetGroupName).join(', ')}), so which of them is the Platform Server's can't be told: give one of them all the weight first.`,
  );

/** The ARN of the target group with the most weight in all of the rules together; `undefined` where none forwards. */
export function largestShare(rules: readonly ListenerRule[]): string | undefined {
  const shares = new Map<string, number>();
  for (const { targetGroupArn, weight } of rules.flatMap(({ forward }) => forward))
    shares.set(targetGroupArn, (shares.get(targetGroupArn) ?? 0) + weight);
  return [...shares].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}
