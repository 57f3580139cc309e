/** What there is of an application to remove. */
import { leftoversOf } from '../observed/leftovers';
import { largestShare } from '../observed/blue';
import { recordedName } from '../observed/resource-names';
import type { ApplicationIdentity } from '../names';
import type { ObservedSlot, PlannableApplication } from '../observed/observed';
import type { ListenerRule } from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';

/** What there is of an application under the name that it is removed by. */
export interface Remains {
  /** Its live rules. */
  readonly rules: readonly ListenerRule[];
  readonly hasTestRules: boolean;
  /** The target group that most of its live traffic goes to; `null` without rules. */
  readonly routedTo: string | null;
  /** Slots with a service or a target group in them. */
  readonly slots: readonly ObservedSlot[];
  /** The name under which it serves now, where that is another one. */
  readonly renamedTo: string | null;
}

export function findRemains(
  application: ApplicationIdentity,
  { liveListener, testListener, slots }: PlannableApplication,
): Remains {
  const rules = routeRules(liveListener.rules, application, 'live');
  return {
    rules,
    hasTestRules: routeRules(testListener.rules, application, 'test').length > 0,
    routedTo: largestShare(rules) ?? null,
    slots: slots.filter(({ service, targetGroupArn }) => service !== null || targetGroupArn !== null),
    renamedTo: recordedName(application, rules) ?? null,
  };
}

/** Whether rules send live traffic to it. */
export const isRouted = ({ rules, renamedTo }: Remains): boolean => rules.length > 0 && renamedTo === null;

/** Whether nothing is left to remove; test rules under another name belong to a deployment of that name. */
export const isNothing = (remains: Remains): boolean =>
  !isRouted(remains) && remains.slots.length === 0 && (!remains.hasTestRules || remains.renamedTo !== null);

/** The target group of what serves, else of whatever still runs; `null` when nothing does. */
export function groupToDrain({ routedTo, slots }: Remains): string | null {
  const [draining] = leftoversOf(slots, []);
  return routedTo ?? draining?.targetGroupArn ?? null;
}

/** The modules that an application in containers is known to have: those that its running releases record, else the settings'. */
export function findModules(
  { slots }: Pick<PlannableApplication, 'slots'>,
  configured: readonly string[],
): readonly string[] {
  const recorded = slots.flatMap(({ service }) => (service?.desiredCount ? (service.release?.modules ?? []) : []));
  return [...new Set(recorded.length > 0 ? recorded : configured)];
}
