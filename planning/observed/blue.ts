/** What serves an application now: told from the rules that win its requests, never from memory or names. */
import { byPriority, isNoTestRoute, sendsTo, winningRule, type ListenerRule } from '../routing/listener-rules';
import { baseOfSlot, belongsTo, resourceBase, tagKeys, tagValue, type ApplicationIdentity, type Slot } from '../names';
import type { Observed, ObservedService, ObservedSlot } from './observed';
import type { ObservedListener } from '../routing/listener-rules';
import { ownerOf } from '../routing/precedence';
import { Refusal } from '../refusal';
import { versionOf } from '../release/image-reference';
import type { Release } from '../release/release';
import { routeRules } from '../routing/rule-set';

/** The role of what serves live traffic now. */
export type Blue =
  | { readonly kind: 'platformServer'; readonly targetGroupArn: string | null }
  | {
      readonly kind: 'slot';
      readonly slot: Slot;
      readonly service: string;
      readonly targetGroupArn: string;
      readonly taskDefinitionArn: string;
      readonly desiredCount: number;
      readonly release: Release | null;
    }
  | Adopted;

/** A service that another tool made, and that becomes blue at the application's first deployment. */
export interface Adopted {
  readonly kind: 'adopted';
  readonly service: string;
  readonly targetGroupArn: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly release: null;
  /** The reference that its task definition names. */
  readonly image: string | null;
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

/** What serves live traffic. */
export interface Serving {
  /** `null` while the Platform Server serves, or a service that another tool made. */
  readonly slot: Slot | null;
  readonly servedBy: 'container' | 'platform-server';
  /** `null` where cutover didn't put it there. */
  readonly image: string | null;
  readonly version: string | null;
}

/** Blue, from the application's live rules: of several target groups the one with the larger share. */
export function blueOf(
  application: ApplicationIdentity,
  listener: ObservedListener,
  slots: readonly ObservedSlot[],
): Blue {
  const platformServer = { kind: 'platformServer', targetGroupArn: defaultTargetGroup(listener.rules) } as const;
  const targetGroupArn = largestShare(routeRules(listener.rules, application, 'live'));
  if (targetGroupArn === undefined || targetGroupArn === platformServer.targetGroupArn) return platformServer;
  const found = blueInSlot(slots, targetGroupArn);
  if (!found) {
    throw new Refusal(
      `The rules of ${application.name} forward to ${targetGroupArn}, which no service of its slots uses: point them at the service that should serve, or remove them so that the Platform Server does.`,
    );
  }
  return found;
}

/** The slot that a target group belongs to, as blue; `undefined` where it is no slot's. */
export function blueInSlot(slots: readonly ObservedSlot[], targetGroupArn: string | undefined): Blue | undefined {
  const found = slots.find((slot) => slot.targetGroupArn !== null && slot.targetGroupArn === targetGroupArn);
  if (!found?.service || targetGroupArn === undefined) return undefined;
  return { kind: 'slot', slot: found.slot, targetGroupArn, ...serving(found.service) };
}

/**
 * What the names begin with of what serves now: an application that was renamed goes on in what bears its earlier name until
 * its next deployment.
 */
export function servingBase(application: ApplicationIdentity, rules: readonly ListenerRule[]): string {
  const targetGroupArn = largestShare(routeRules(rules, application, 'live')) ?? '';
  const [, name = ''] = /:targetgroup\/([^/]+)\//.exec(targetGroupArn) ?? [];
  return baseOfSlot(name, application) ?? resourceBase(application);
}

/** The other name that the rules record for the application's key; `undefined` when it is this one, or there is none. */
export function recordedName(application: ApplicationIdentity, rules: readonly ListenerRule[]): string | undefined {
  const names = routeRules(rules, application, 'live').flatMap(({ tags }) => tags[tagKeys.application] ?? []);
  return names.find((name) => name !== tagValue(application.name));
}

const serving = ({ name, taskDefinitionArn, desiredCount, release }: ObservedService) => ({
  service: name,
  taskDefinitionArn,
  desiredCount,
  release: release ?? null,
});

/** What the default rule forwards to; `null` when it answers by itself. */
export const defaultTargetGroup = (rules: readonly ListenerRule[]): string | null =>
  byPriority(rules).at(-1)?.forward[0]?.targetGroupArn ?? null;

/** The ARN of the target group with the most weight in all of the rules together; `undefined` where none forwards. */
export function largestShare(rules: readonly ListenerRule[]): string | undefined {
  const shares = new Map<string, number>();
  for (const { targetGroupArn, weight } of rules.flatMap(({ forward }) => forward))
    shares.set(targetGroupArn, (shares.get(targetGroupArn) ?? 0) + weight);
  return [...shares].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

/**
 * @param paths where the application's modules are asked for, e.g. `/Orders`
 * @param adopted the ARNs of rules that it adopts
 * @throws {Refusal} when a rule that isn't the application's own catches one of them
 */
export function refuseForeignRules(
  application: ApplicationIdentity,
  listener: ObservedListener,
  paths: readonly string[],
  hosts: readonly string[],
  adopted: readonly string[] = [],
): void {
  for (const published of paths) {
    for (const path of [published, `${published}/`]) {
      const winners = hosts.map((host) => winningRule(listener.rules, { host, path }));
      const foreign = winners.find(
        (rule) =>
          rule && rule.priority !== 'default' && !belongsTo(rule.tags, application) && !adopted.includes(rule.arn),
      );
      if (foreign) throw foreignRule(foreign, published, application.zone);
    }
  }
}

/**
 * @throws {Refusal} when a rule leads to what is to be retired, and isn't the application's own on the live listener: its
 * requests would be lost
 */
export function refuseStrayRules(
  application: ApplicationIdentity,
  { liveListener, elsewhere }: Pick<Observed, 'liveListener' | 'elsewhere'>,
  blue: Blue,
): void {
  if (blue.kind === 'platformServer') return;
  const leading = (rules: readonly ListenerRule[]) => rules.filter((rule) => sendsTo(rule, blue.targetGroupArn));
  // Rules that lead to what is adopted are adopted with it.
  const stray =
    blue.kind === 'slot' ? leading(liveListener.rules).find(({ tags }) => !belongsTo(tags, application)) : undefined;
  if (stray)
    throw new Refusal(
      `Listener rule ${stray.arn} (priority ${stray.priority}) is none of ${application.name}'s own and sends requests to ${blue.service}, which is retired: change or delete that rule first.`,
    );
  const beside = leading(elsewhere).find(isNoTestRoute);
  if (beside)
    throw new Refusal(
      `Listener rule ${beside.arn} (priority ${beside.priority}), of another listener than ${liveListener.arn}, sends requests to ${blue.service}, which is retired: delete that rule or let it redirect to the zone's listener first.`,
    );
}

function foreignRule(rule: ListenerRule, path: string, zone: string): Refusal {
  return new Refusal(
    `${path} is already caught by listener rule ${rule.arn} (priority ${rule.priority}), ${ownerOf(rule, zone)}: remove or narrow that rule, or leave the module out.`,
  );
}
