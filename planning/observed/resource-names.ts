/**
 * The names that an application's resources bear. An application that was renamed goes on in what bears its earlier name until
 * its next deployment, and during that one it has resources under both.
 */
import { baseOfSlot, resourceBase, tagKeys, tagValue, targetGroupName, type ApplicationIdentity } from '../names';
import type { ListenerRule } from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';
import { largestShare } from './blue';
import type { ObservedApplication } from './observed';

/** What the names of what serves begin with. @param rules the live listener's */
export function servingBase(application: ApplicationIdentity, rules: readonly ListenerRule[]): string {
  const targetGroupArn = largestShare(routeRules(rules, application, 'live'));
  return baseOf(targetGroupArn, application) ?? resourceBase(application);
}

/** What the names of everything begin with that an application's rules lead to or could lead to, what serves first. */
export function resourceBases(
  application: ApplicationIdentity,
  { liveListener, testListener }: Pick<ObservedApplication, 'liveListener' | 'testListener'>,
): string[] {
  const own = [
    ...routeRules(liveListener.rules, application, 'live'),
    ...routeRules(testListener.rules, application, 'test'),
  ];
  const attached = own.flatMap(({ forward }) => forward.map(({ targetGroupArn }) => targetGroupArn));
  return [
    ...new Set([
      servingBase(application, liveListener.rules),
      ...attached.flatMap((arn) => baseOf(arn, application) ?? []),
      resourceBase(application),
    ]),
  ];
}

const baseOf = (targetGroupArn: string | undefined, application: ApplicationIdentity) =>
  targetGroupArn === undefined ? undefined : baseOfSlot(targetGroupName(targetGroupArn), application);

/** The other name that the rules record for the application's key; `undefined` when it is this one, or there is none. */
export function recordedName(application: ApplicationIdentity, rules: readonly ListenerRule[]): string | undefined {
  const names = routeRules(rules, application, 'live').flatMap(({ tags }) => tags[tagKeys.application] ?? []);
  return names.find((name) => name !== tagValue(application.name));
}
