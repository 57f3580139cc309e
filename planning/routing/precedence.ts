/**
 * What an application's live rules must leave to others. Zones and other tools may share its listener, and only their
 * hosts keep them apart: a rule that is looked at before theirs would win their requests without a word.
 */
import { seenBy, winningRule, type ListenerRule, type ListenerRules, type RoutedRequest } from './listener-rules';
import { belongsTo, tagKeys, type ApplicationIdentity } from '../names';
import { Refusal } from '../refusal';
import type { PlannedRule, RoutePlan } from './rule-set';

/**
 * @param paths where the application's modules are asked for, e.g. `/Orders`
 * @param adopted the ARNs of rules that it adopts
 * @throws {Refusal} when a rule of the plan would win requests that somebody else's rule wins now
 */
export function refuseShadowing(
  { application, rules: planned }: RoutePlan,
  { rules: all, met = [] }: ListenerRules,
  paths: readonly string[],
  adopted: readonly string[],
): void {
  const rules = seenBy(all, met);
  const theirs = rules.filter(({ arn, tags }) => !belongsTo(tags, application) && !adopted.includes(arn));
  for (const their of theirs)
    for (const path of paths) {
      const requests = hostsIn(their).flatMap((host) => [path, `${path}/`].map((one) => ({ host, path: one })));
      const taken = requests.find(
        (request) =>
          winningRule(rules, request) === their && planned.some((own) => wouldWin(own, their, { ...request, met })),
      );
      if (taken) throw shadowing(application, their, taken, path);
    }
}

/** One host that each pattern matches; a regular expression names none. */
const hostsIn = ({ conditions }: ListenerRule): string[] =>
  conditions
    .filter(({ field }) => field === 'host-header')
    .flatMap(({ values }) => values.map((host) => host.replace(/[*?]/g, 'x')));

function wouldWin(
  { after, priority }: PlannedRule,
  their: ListenerRule,
  { met, ...request }: RoutedRequest & Pick<ListenerRules, 'met'>,
): boolean {
  if (after === null || priority > Number(their.priority)) return false;
  const own = { ...after, forward: [], arn: '', tags: {}, priority };
  return winningRule(seenBy([own], met), request) !== undefined;
}

function shadowing({ name, zone }: ApplicationIdentity, their: ListenerRule, { host }: RoutedRequest, path: string) {
  return new Refusal(
    `The rule that ${name} needs would win ${path} at ${host} from listener rule ${their.arn} (priority ${their.priority}), ${ownerOf(their, zone)}: name the zone's own "hosts" in the settings, or let its "priorities" begin behind that rule's.`,
  );
}

/** The owner of a rule as a clause, e.g. `which belongs to application Invoices`; a zone is named unless it is this one. */
export function ownerOf({ tags }: ListenerRule, seenFrom: string): string {
  const [owner, zone] = [tags[tagKeys.application], tags[tagKeys.zone]];
  if (owner === undefined) return "which is not one of cutover's";
  return `which belongs to application ${owner}${zone === undefined || zone === seenFrom ? '' : ` of zone ${zone}`}`;
}
