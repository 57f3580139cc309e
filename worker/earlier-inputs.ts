/**
 * Lets a deployment go on whose plan an earlier version of cutover has made. A plan stays in the history as it was recorded,
 * and activities are given it again and again: those whose input has been renamed since are given it by its present names.
 * What is recorded by the present version passes unchanged.
 */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** The names of fields in a route's plan and in an adoption: before 0.1.0, and now. */
const renamed = new Map([
  ['keptActions', 'otherActions'],
  ['kept', 'commonShape'],
  ['place', 'ruleIndex'],
  ['alsoKept', 'attachedGroups'],
]);

/** A value with the present names of its fields, however deep they are. */
function renewed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renewed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [renamed.get(name) ?? name, renewed(field)]));
}

type Arguments = readonly unknown[];

/** Traffic as the rules of a rolling update have it while two releases serve. */
const renewedTraffic = (traffic: unknown) => (traffic === 'kept' ? 'common' : traffic);

const readers: Readonly<Record<string, (given: Arguments) => Arguments>> = {
  setRoute: ([site, route, traffic, groups]) => [site, renewed(route), renewedTraffic(traffic), renewed(groups)],
  confirmRoute: (given) => {
    // Present workflows name what they give, and still give it a plan that was recorded before.
    if (given.length < 3) return given.map(renewed);
    const [site, route, traffic, groups, retired = null] = given;
    return [site, renewed({ route, traffic: renewedTraffic(traffic), groups, retired })];
  },
  setDesiredCount: (given) => {
    const [site, service, count, expecting, bound] = given;
    if (typeof service !== 'string') return given;
    const wanted = bound === 'atLeast' ? { atLeast: count } : { desiredCount: count };
    return [site, { service, ...wanted, ...(typeof expecting === 'string' && { expecting }) }];
  },
  recordName: ([site, ...plans]) => [site, ...plans.map(renewed)],
  markAdopted: ([site, ...plans]) => [site, ...plans.map(renewed)],
  unmarkAdopted: ([site, ...plans]) => [site, ...plans.map(renewed)],
  settleAdoption: ([site, ...plans]) => [site, ...plans.map(renewed)],
};

/** What an activity is given now for what a history, of this version or of an earlier one, says that it is given. */
export const readInput = (activity: string, given: Arguments): Arguments => readers[activity]?.(given) ?? given;

export const readsEarlierInputs: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => next({ ...input, args: [...readInput(info.activityType, input.args)] }),
  },
});
