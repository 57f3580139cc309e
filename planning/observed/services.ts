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

/** The service as its modules are reached: of several target groups theirs says in which container they are. */
export function reachedThrough<Service extends Pick<ObservedService, 'container' | 'ports'>>(
  service: Service,
  targetGroupArn: string | null,
): Service {
  const reached = service.ports?.find((one) => one.targetGroupArn === targetGroupArn);
  return reached ? { ...service, container: { name: reached.name, port: reached.port } } : service;
}

/** The rules that catch the application's live requests: its own, and another tool's; none while the default rule does. */
export function liveRulesOf(
  application: ApplicationIdentity,
  { liveListener, foreign }: Pick<ObservedApplication, 'liveListener' | 'foreign'>,
): ListenerRule[] {
  const own = routeRules(liveListener.rules, application, 'live');
  const others = foreign?.route.winners ?? [];
  return [...own, ...others.filter(({ arn }) => !own.some((rule) => rule.arn === arn))];
}

/** Whether live rules send requests to a service, behind whichever load balancer. */
export const hasLiveTraffic = (
  liveRules: readonly ListenerRule[],
  { service, targetGroupArn }: ApplicationService,
): boolean =>
  [targetGroupArn ?? [], service.targetGroupArns].flat().some((arn) => liveRules.some((rule) => sendsTo(rule, arn)));

/** The application as it is seen through each of the zone's listeners, the first one first. */
export const throughEachListener = (
  observed: ObservedApplication,
): Pick<ObservedApplication, 'liveListener' | 'testListener' | 'foreign' | 'slots'>[] => [
  observed,
  ...(observed.others ?? []).map((other) => ({ slots: observed.slots, ...other })),
];
