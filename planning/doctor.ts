/**
 * What stands, or may soon stand, in the way of deployments in a zone: rules that clash, quotas that run out, and what
 * deployments left behind. Each finding says what to do about it.
 */
import { winningRule, type ListenerRule } from './routing/listener-rules';
import { belongsTo, tagKeys, type ApplicationIdentity } from './names';
import type { ObservedApplication } from './observed/observed';
import { hasLiveTraffic, liveRulesOf, servicesOf } from './observed/services';
import type { LoadBalancerUse } from './preview/deployment';
import { freePriorities } from './routing/priorities';
import { routeRules, type PriorityRange } from './routing/rule-set';

export interface Finding {
  /** What was looked at, e.g. `listener rules`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'error';
  readonly says: string;
  /** What to do; `null` when all is well. */
  readonly next: string | null;
  /** The application that it is about; a running deployment explains its leftovers. */
  readonly application: string | null;
}

/** With nothing to do, and about no application, unless it says so. */
export const finding = (
  found: Pick<Finding, 'check' | 'state' | 'says'> & Partial<Pick<Finding, 'next' | 'application'>>,
): Finding => ({ next: null, application: null, ...found });

export interface KnownModules {
  readonly identity: ApplicationIdentity;
  readonly modules: readonly string[];
}

/**
 * Rules that catch a module which isn't theirs, by a wide pattern or because only the letters' case tells two names apart.
 * @param hosts the zone's: a rule for others only is another zone's business
 */
export function findClashes(
  all: readonly ListenerRule[],
  applications: readonly KnownModules[],
  hosts: readonly string[],
): Finding[] {
  const rules = all.filter((rule) => hosts.some((host) => isForHost(rule, host)));
  const owned = applications.flatMap(({ identity, modules }) => modules.map((module) => ({ identity, module })));
  const caught = owned.flatMap(({ identity, module }) => [
    ...foreignCatch(rules, identity, module),
    ...caseCatch(rules, identity, module),
  ]);
  const clashes = [...caught, ...twins(owned)];
  if (clashes.length > 0) return clashes;
  const says = `${all.length - 1} rules, none of which catches what isn't its own`;
  return [finding({ check: 'listener rules', state: 'ok', says })];
}

interface Owned {
  readonly identity: ApplicationIdentity;
  readonly module: string;
}

function foreignCatch(rules: readonly ListenerRule[], identity: ApplicationIdentity, module: string): Finding[] {
  const winner = winningRule(withoutHosts(rules), { host: '', path: `/${module}/` });
  if (!winner || winner.priority === 'default' || belongsTo(winner.tags, identity)) return [];
  return [
    finding({
      check: 'listener rules',
      state: 'error',
      says: `/${module} of ${identity.name} is caught by ${ruleName(winner)}`,
      next: `Narrow or remove that rule: until then a deployment of ${identity.name} is refused.`,
      application: identity.name,
    }),
  ];
}

function caseCatch(rules: readonly ListenerRule[], identity: ApplicationIdentity, module: string): Finding[] {
  const path = `/${module}/`;
  const foreign = withoutHosts(rules).filter(
    ({ tags, priority }) => priority !== 'default' && !belongsTo(tags, identity),
  );
  const winner = winningRule(foreign.map(inAnyCase), { host: '', path: path.toLowerCase() });
  if (!winner || winningRule(foreign, { host: '', path })) return [];
  return [
    finding({
      check: 'listener rules',
      state: 'warning',
      says: `Only the letters' case keeps /${module} of ${identity.name} apart from ${ruleName(winner)}`,
      next: 'IIS takes paths in any case, the load balancer does not: rename one of the two modules.',
      application: identity.name,
    }),
  ];
}

function twins(owned: readonly Owned[]): Finding[] {
  return owned.flatMap((one, index) =>
    owned
      .slice(index + 1)
      .filter((other) => other.module.toLowerCase() === one.module.toLowerCase())
      .map((other) => samePath(one, other)),
  );
}

function samePath({ identity, module }: Owned, other: Owned): Finding {
  const isSame = other.module === module;
  return finding({
    check: 'settings',
    state: isSame && other.identity.key !== identity.key ? 'error' : 'warning',
    says: `Module ${module} of ${identity.name} and module ${other.module} of ${other.identity.name} are the same path${isSame ? '' : ' but for the letters’ case'}`,
    next: 'Correct "modules" in the settings, or rename one of the two.',
  });
}

const isForHost = (rule: ListenerRule, host: string) => {
  const conditions = rule.conditions.filter(({ field }) => field === 'host-header');
  return winningRule([{ ...rule, conditions }], { host, path: '/' }) !== undefined;
};

/** Hosts keep zones apart, not modules. */
const withoutHosts = (rules: readonly ListenerRule[]): ListenerRule[] =>
  rules.map((rule) => ({ ...rule, conditions: rule.conditions.filter(({ field }) => field !== 'host-header') }));

const inAnyCase = (rule: ListenerRule): ListenerRule => ({
  ...rule,
  conditions: rule.conditions.map((condition) => ({
    ...condition,
    values: condition.values.map((value) => value.toLowerCase()),
    regularExpressions: condition.regularExpressions.map((one) => (one.startsWith('(?i)') ? one : `(?i)${one}`)),
  })),
});

function ruleName({ arn, priority, tags }: ListenerRule): string {
  const owner = tags[tagKeys.application];
  return `rule ${arn.split('/').at(-1)} (priority ${priority}, ${owner === undefined ? 'not one of cutover’s' : `of ${owner}`})`;
}

/** One deployment of the simplest kind needs two rules, a target group and two priorities more. */
const neededRules = 2;

/**
 * What is left of the load balancer's quotas and of the zone's priorities: a warning below a tenth, an error below what one
 * deployment needs.
 * @param rules the live listener's
 */
export function findQuotas(use: LoadBalancerUse, rules: readonly ListenerRule[], range: PriorityRange): Finding[] {
  return [
    roomFinding({
      check: 'quotas',
      what: 'rules of the load balancer',
      free: use.ruleLimit - use.rules,
      limit: use.ruleLimit,
      more: raiseLimit,
    }),
    roomFinding({
      check: 'quotas',
      what: 'target groups of the load balancer',
      free: use.targetGroupLimit - use.targetGroups,
      limit: use.targetGroupLimit,
      more: raiseLimit,
    }),
    roomFinding({
      check: 'priorities',
      what: `priorities from ${range.from} to ${range.to}`,
      free: freePriorities(rules, range, 'live').length,
      limit: range.to - range.from + 1,
      more: 'widen the zone\'s "priorities" in the settings',
    }),
  ];
}

interface Room {
  readonly check: string;
  readonly what: string;
  readonly free: number;
  readonly limit: number;
  /** What gives more of it. */
  readonly more: string;
}

const raiseLimit = 'have the limit raised';

function roomFinding({ check, what, free, limit, more }: Room): Finding {
  const says = `${free} of ${limit} ${what} are free`;
  if (free < neededRules)
    return finding({ check, state: 'error', says, next: `Remove what nobody needs or ${more}, then deploy.` });
  if (free < limit / 10) return finding({ check, state: 'warning', says, next: `Before they run out, ${more}.` });
  return finding({ check, state: 'ok', says });
}

/** What a deployment that was terminated leaves; while one runs, it is no leftover. And a service with live traffic and no task. */
export function findLeftovers(application: ApplicationIdentity, observed: ObservedApplication): Finding[] {
  const { name } = application;
  const liveRules = liveRulesOf(application, observed);
  const tests = routeRules(observed.testListener.rules, application, 'test');
  const mixed = routeRules(observed.liveListener.rules, application, 'live').filter(
    ({ forward }) => forward.filter(({ weight }) => weight > 0).length > 1,
  );
  const services = servicesOf(observed).map((found) => ({
    ...found.service,
    isServing: hasLiveTraffic(liveRules, found),
  }));
  const empty = services.filter(({ isServing, desiredCount }) => isServing && desiredCount === 0);
  const idle = services.filter(({ isServing, desiredCount }) => !isServing && desiredCount > 0);
  return [
    ...empty.map((service) => servesNothing(service.name, name)),
    ...(tests.length > 0 ? [leftover(name, `${name} has ${tests.length} test rules`)] : []),
    ...mixed.map((rule) => leftover(name, `Live traffic of ${name} is split by ${ruleName(rule)}`)),
    ...idle.map((service) => leftover(name, `${service.name} runs ${service.desiredCount} tasks without live traffic`)),
  ];
}

const leftover = (application: string, says: string) =>
  finding({
    check: 'leftovers',
    state: 'warning',
    says,
    next: `The next deployment of ${application} puts it right.`,
    application,
  });

const servesNothing = (service: string, application: string) =>
  finding({
    check: 'live service',
    state: 'error',
    says: `${service} has live traffic of ${application} and wants no task: each request that it gets is answered 503`,
    next: `Scale ${service} up, or deploy ${application}.`,
    application,
  });
