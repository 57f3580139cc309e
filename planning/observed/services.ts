/** The services that an application runs in, its own and another tool's, and the rules by which they get live traffic. */
import { sendsTo, type ListenerRule } from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';
import type { ApplicationIdentity } from '../names';
import type { ObservedApplication, ObservedService } from './observed';

export interface ApplicationService {
  readonly service: ObservedService;
  readonly targetGroupArn: string | null;
}

/** The services in the slots first, then what another tool made. */
export function servicesOf({ slots, foreign }: ObservedApplication): ApplicationService[] {
  return [...slots, ...(foreign ? [foreign] : [])].flatMap(({ service, targetGroupArn }) =>
    service === null ? [] : [{ service, targetGroupArn }],
  );
}

/** The rules that catch the application's live requests: its own, and another tool's; none while the default rule does. */
export function liveRulesOf(
  application: ApplicationIdentity,
  { liveListener, foreign }: ObservedApplication,
): ListenerRule[] {
  const own = routeRules(liveListener.rules, application, 'live');
  const others = foreign?.route.winners ?? [];
  return [...own, ...others.filter(({ arn }) => !own.some((rule) => rule.arn === arn))];
}

/** Whether live rules send requests to a service's target group. */
export const hasLiveTraffic = (liveRules: readonly ListenerRule[], { targetGroupArn }: ApplicationService): boolean =>
  targetGroupArn !== null && liveRules.some((rule) => sendsTo(rule, targetGroupArn));
