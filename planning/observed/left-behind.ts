/**
 * Users who come to the Platform Server by another listener of the same load balancer: the move gives the application rules on the
 * zone's listener, so it doesn't reach them, and then the copy that serves them is undeployed.
 */
import { tagKeys, targetGroupName } from '../names';
import {
  byPriority,
  catches,
  sendsTo,
  targetGroupsOf,
  type ObservedListener,
  type RuleElsewhere,
} from '../routing/listener-rules';
import { unmetBy, type Probe } from '../routing/unseen-rules';
import { defaultTargetGroups } from './blue';
import { describeCondition, unknownOf } from './unseen-requests';

export interface LeftBehindQuestion {
  /** The zone's, with what is known of the Platform Server. */
  readonly liveListener: ObservedListener;
  /** Rules of its load balancer's other listeners. */
  readonly elsewhere: readonly RuleElsewhere[];
  /** The ARN of the test route's listener: nobody's users are there. */
  readonly testListener: string;
  readonly paths: readonly string[];
  readonly probe: Probe;
}

/** A rule by which the Platform Server is still reached, and what to do about it. */
export interface LeftBehind {
  readonly rule: RuleElsewhere;
  /** A sentence, without its full stop. */
  readonly says: string;
  readonly next: string;
}

const stillServed =
  ", which is the Platform Server: the move doesn't reach them, and they are left with nothing once its copy is undeployed";

/** One a rule. A listener that only redirects has none: whoever follows comes to the zone's. */
export function findLeftBehind(question: LeftBehindQuestion): LeftBehind[] {
  const { elsewhere, testListener, liveListener } = question;
  const next = `Let that listener redirect to ${called(liveListener)}, or let it lead elsewhere, before the move.`;
  return elsewhere
    .filter((rule) => rule.listener.arn !== testListener && rule.tags[tagKeys.key] === undefined)
    .flatMap((rule) => {
      const where = whereItLeads(rule, liveListener);
      const taken = where === undefined ? [] : takenBy(rule, question);
      const [first] = taken;
      if (where === undefined || !first) return [];
      const asked = taken.map(({ path }) => path).join(', ');
      const bearing = first.unmet.length === 0 ? '' : ` with ${first.unmet.map(describeCondition).join(' and ')}`;
      const groups = targetGroupsOf(rule).map(targetGroupName).join(' and ');
      const says = `${ruleAt(rule)} sends requests for ${asked}${bearing} to ${groups}${where}`;
      return [{ rule, says, next }];
    });
}

/** The paths of which a rule gets requests: no rule before it on its listener takes them all. */
function takenBy(rule: RuleElsewhere, { elsewhere, paths, probe }: LeftBehindQuestion) {
  const beside = byPriority(elsewhere.filter(({ listener }) => listener.arn === rule.listener.arn));
  const before = beside.slice(0, beside.indexOf(rule));
  return paths.flatMap((path) => {
    const unmet = unmetBy(rule, path, probe);
    const isHidden = before.some((one) => unmetBy(one, path, probe)?.length === 0 && catches(one, path.slice(1)));
    return unmet === undefined || isHidden ? [] : [{ path, unmet }];
  });
}

/** A clause; `undefined` where that isn't, and can't be, the Platform Server. */
function whereItLeads(rule: RuleElsewhere, { sameFrontEnds = [], ...listener }: ObservedListener): string | undefined {
  const same = [...defaultTargetGroups(listener), ...sameFrontEnds].some((group) => sendsTo(rule, group));
  if (same) return stillServed;
  return unknownOf({ rule }, listener) || undefined;
}

const ruleAt = ({ arn, priority, listener }: RuleElsewhere) =>
  priority === 'default'
    ? `The default rule of the load balancer's listener ${called(listener)} (${listener.arn})`
    : `Rule ${arn} (priority ${priority}) of the load balancer's listener ${called(listener)}`;

const called = ({ protocol, port }: RuleElsewhere['listener']) => `${protocol}:${port}`;
