/** Rules that aren't an application's own and stand in the way of its deployment. */
import {
  isNoTestRoute,
  sendsTo,
  targetGroupsOf,
  seenBy,
  winningRule,
  type ListenerRule,
  type ListenerRules,
} from '../routing/listener-rules';
import { ownerOf } from '../routing/precedence';
import { belongsTo, tagKeys, type ApplicationIdentity } from '../names';
import { Refusal } from '../refusal';
import type { PriorityRange } from '../routing/rule-set';
import { defaultTargetGroups, type Blue } from './blue';
import type { PlannableApplication } from './observed';

/** What an application's requests look like, and where its rules may be. */
interface OwnRequests {
  /** Where its modules are asked for, e.g. `/Orders`. */
  readonly paths: readonly string[];
  /** The hosts that requests for the zone bear. */
  readonly hosts: readonly string[];
  /** The ARNs of rules that it adopts. */
  readonly adopted: readonly string[];
  readonly priorities: PriorityRange;
}

/**
 * A rule that leads where the default rule does, such as one that lets the Platform Server's users log in, may stay: the
 * application's rules come before it, ask for the same login, and a rollback leaves it as it is.
 * @throws {Refusal} when any other rule that isn't the application's own catches one of its modules
 */
export function refuseForeignRules(
  application: ApplicationIdentity,
  listener: ListenerRules,
  asked: OwnRequests,
): void {
  const rules = seenBy(listener.rules, listener.met);
  const served = defaultTargetGroups(listener);
  const leadsAsDefault = (rule: ListenerRule) => {
    const groups = targetGroupsOf(rule);
    return (
      Number(rule.priority) > asked.priorities.to && groups.length > 0 && groups.every((one) => served.includes(one))
    );
  };
  const isForeign = (rule: ListenerRule) =>
    rule.priority !== 'default' &&
    !belongsTo(rule.tags, application) &&
    !asked.adopted.includes(rule.arn) &&
    !(leadsAsDefault(rule) && rule.tags[tagKeys.key] === undefined);
  for (const published of asked.paths) {
    const requests = [published, `${published}/`].flatMap((path) => asked.hosts.map((host) => ({ host, path })));
    const foreign = requests.flatMap((request) => winningRule(rules, request) ?? []).find(isForeign);
    if (foreign)
      throw new Refusal(
        `${published} is already caught by listener rule ${foreign.arn} (priority ${foreign.priority}), ${ownerOf(foreign, application.zone)}: remove or narrow that rule, or leave the module out.`,
      );
  }
}

/**
 * @throws {Refusal} when a rule leads to what is to be retired, and isn't the application's own on the live listener: its
 * requests would be lost
 */
export function refuseStrayRules(
  application: ApplicationIdentity,
  { liveListener, elsewhere }: Pick<PlannableApplication, 'liveListener' | 'elsewhere'>,
  blue: Blue,
): void {
  if (blue.kind === 'platformServer') return;
  const leading = (rules: readonly ListenerRule[]) => rules.filter((rule) => sendsTo(rule, blue.targetGroupArn));
  const strangers = leading(liveListener.rules).filter(({ tags }) => !belongsTo(tags, application));
  // Rules that lead to what is adopted are adopted with it.
  const [stray] = blue.kind === 'slot' ? strangers : [];
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
