/** What an application has already and bears other tags than the settings want: it gets them at the end of a deployment. */
import type { ZoneSettings } from '../../settings/schema';
import { targetGroupName, type ApplicationIdentity } from '../names';
import type { ListenerRules } from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';
import { isUnchanged, tagChanges, type TagChanges, type Tags } from '../tags';
import type { ObservedSlot, PlannableApplication } from './observed';

export interface OutdatedTags {
  /** What the settings want. */
  readonly wanted: Tags;
  readonly resources: readonly OutdatedResource[];
}

interface OutdatedResource {
  readonly arn: string;
  /** AWS's noun for it, e.g. `listener rule`. */
  readonly what: string;
  readonly name: string;
  readonly changes: TagChanges;
}

interface Planned {
  readonly outdatedTags?: OutdatedTags;
}

/**
 * Of its live rules, and of the services and target groups of both slots.
 * @param replaced the ARN of a target group that is made anew
 */
export function planTags(
  { application, zone: { tags: wanted } }: { readonly application: ApplicationIdentity; readonly zone: ZoneSettings },
  { liveListener, slots }: Pick<PlannableApplication, 'slots'> & { readonly liveListener: ListenerRules },
  replaced: string | undefined,
): Planned {
  const rules = routeRules(liveListener.rules, application, 'live').map(({ arn, priority, tags }) => ({
    what: 'listener rule',
    name: `priority ${priority}`,
    arn,
    tags,
  }));
  const resources = [...slots.flatMap(inSlot), ...rules].flatMap(({ tags, ...resource }) => {
    const changes = tagChanges(wanted, tags);
    return resource.arn === replaced || isUnchanged(changes) ? [] : [{ ...resource, changes }];
  });
  return resources.length === 0 ? {} : { outdatedTags: { wanted, resources } };
}

function inSlot({ service, targetGroupArn, targetGroupTags }: ObservedSlot) {
  const group = targetGroupArn !== null && targetGroupTags && { arn: targetGroupArn, tags: targetGroupTags };
  const { arn, name = '', tags } = service ?? {};
  return [
    ...(arn !== undefined && tags ? [{ what: 'service', name, arn, tags }] : []),
    ...(group ? [{ what: 'target group', name: targetGroupName(group.arn), ...group }] : []),
  ];
}

/** Of every listener's plan together: a service is the same behind each. */
export function tagsThrough(plans: readonly Planned[]): Planned {
  const all = plans.flatMap(({ outdatedTags }) => outdatedTags ?? []);
  const byArn = new Map(all.flatMap(({ resources }) => resources).map((resource) => [resource.arn, resource]));
  return all[0] ? { outdatedTags: { wanted: all[0].wanted, resources: [...byArn.values()] } } : {};
}
