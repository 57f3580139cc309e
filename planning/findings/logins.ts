/**
 * Rules of an application that let everybody in, where the rule that would win the same requests without them asks for a login:
 * a deployment copies such a login, but it may have come later, or the rule from a time before.
 */
import { finding, type Finding } from '../doctor';
import type { ApplicationIdentity } from '../names';
import { tagKeys } from '../names';
import { seenBy, winnersOf, winningRule, type ListenerRules } from '../routing/listener-rules';
import { formatRuleName, loginActions } from '../routing/logins';
import { routeRules } from '../routing/rule-set';
import { ruleName } from './rule-name';

/**
 * One finding a path.
 * @param paths where the application's modules are asked for, e.g. `/Orders`
 * @param hosts those that requests for the zone bear
 */
export function findOpenPaths(
  application: ApplicationIdentity,
  { rules: all, met = [] }: ListenerRules,
  { paths, hosts }: { readonly paths: readonly string[]; readonly hosts: readonly string[] },
): Finding[] {
  const rules = seenBy(all, met);
  const own = routeRules(rules, application, 'live');
  const others = rules.filter(({ tags }) => tags[tagKeys.application] === undefined);
  return paths.flatMap((path) => {
    const [winner] = hosts.flatMap((host) => winningRule(rules, { host, path }) ?? []);
    if (!winner || !own.includes(winner) || loginActions(winner).length > 0) return [];
    const asking = winnersOf(others, [path], hosts).find((rule) => loginActions(rule).length > 0);
    if (!asking) return [];
    return [
      finding({
        check: 'logins',
        state: 'warning',
        says: `${path} of ${application.name} is open to everybody by ${ruleName(winner)}, and ${formatRuleName(asking)} would ask for a login there`,
        next: 'Put the same login before the forward of that rule; deployments keep it. Where everybody is meant, nothing is to be done.',
        application: application.name,
      }),
    ];
  });
}
