/** Which paths a deployment can prove by release markers, and which only by what the load balancer counts. */
import { catches } from '../routing/listener-rules';
import { loginActions } from '../routing/logins';
import type { RoutePlan } from '../routing/rule-set';

/** Paths whose live rules ask for a login once traffic has moved, e.g. `/Orders`. */
export function pathsBehindLogin({ rules }: Pick<RoutePlan, 'rules'>, paths: readonly string[]): string[] {
  const asking = rules.flatMap(({ after }) => (after !== null && loginActions(after).length > 0 ? [after] : []));
  return paths.filter((path) => asking.some((shape) => catches(shape, path.slice(1))));
}

/** Which proof there will be, where it isn't the release marker everywhere. */
export function planProof(liveRoute: Pick<RoutePlan, 'rules'>, paths: readonly string[]) {
  const guarded = pathsBehindLogin(liveRoute, paths);
  if (guarded.length === 0) return {};
  const says = `${guarded.join(', ')} ${guarded.length === 1 ? 'is' : 'are'} behind a login, where no probe is answered: that traffic has moved there is proven by the rules, the settle time and the load balancer's request counts, which takes some minutes.`;
  return { behindLogin: { paths: guarded, says } };
}
