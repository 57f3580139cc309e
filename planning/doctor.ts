/**
 * What stands, or may soon stand, in the way of deployments in a zone: rules that clash, quotas that run out, and what
 * deployments left behind. Each finding says what to do about it.
 */
import { winningRule, type ListenerRule } from './routing/listener-rules';
import { type Slot, belongsTo, tagKeys, type ApplicationIdentity } from './names';
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

export const finding = (
  check: string,
  state: Finding['state'],
  says: string,
  next: string | null = null,
  application: string | null = null,
): Finding => ({ check, state, says, next, application });

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
  return [finding('listener rules', 'ok', `${all.length - 1} rules, none of which catches what isn't its own`)];
}

interface Owned {
  readonly identity: ApplicationIdentity;
  readonly module: string;
}

function foreignCatch(rules: readonly ListenerRule[], identity: ApplicationIdentity, module: string): Finding[] {
  const winner = winningRule(withoutHosts(rules), { host: '', path: `/${module}/` });
  if (!winner || winner.priority === 'default' || belongsTo(winner.tags, identity)) return [];
  return [
    finding(
      'listener rules',
      'error',
      `/${module} of ${identity.name} is caught by ${ruleName(winner)}`,
      `Narrow or remove that rule: until then a deployment of ${identity.name} is refused.`,
      identity.name,
    ),
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
    finding(
      'listener rules',
      'warning',
      `Only the letters' case keeps /${module} of ${identity.name} apart from ${ruleName(winner)}`,
      'IIS takes paths in any case, the load balancer does not: rename one of the two modules.',
      identity.name,
    ),
  ];
}

function twins(owned: readonly Owned[]): Finding[] {
  return owned.flatMap(({ identity, module }, index) =>
    owned
      .slice(index + 1)
      .filter((other) => other.module.toLowerCase() === module.toLowerCase())
      .map((other) =>
        finding(
          'settings',
          other.module === module && other.identity.key !== identity.key ? 'error' : 'warning',
          `Module ${module} of ${identity.name} and module ${other.module} of ${other.identity.name} are the same path${other.module === module ? '' : ' but for the letters’ case'}`,
          'Correct "modules" in the settings, or rename one of the two.',
        ),
      ),
  );
}

const isForHost = (rule: ListenerRule, host: string) => {
  const conditions = rule.conditions.filter(({ field }) => field === 'host-header');
  return winningRule([{ ...rule, conditions }], { host, path: '/' }) !== undefined;
};

/** Hosts tell zones apart, not modules. */
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
  const priorities = freePriorities(rules, range, 'live').length;
  return [
    left('quotas', 'rules of the load balancer', use.ruleLimit - use.rules, use.ruleLimit),
    left('quotas', 'target groups of the load balancer', use.targetGroupLimit - use.targetGroups, use.targetGroupLimit),
    left(
      'priorities',
      `priorities from ${range.from} to ${range.to}`,
      priorities,
      range.to - range.from + 1,
      'widen the zone\'s "priorities" in the settings',
    ),
  ];
}

function left(check: string, what: string, free: number, limit: number, more = 'have the limit raised'): Finding {
  const says = `${free} of ${limit} ${what} are free`;
  if (free < neededRules) return finding(check, 'error', says, `Remove what nobody needs or ${more}, then deploy.`);
  if (free < limit / 10) return finding(check, 'warning', says, `Before they run out, ${more}.`);
  return finding(check, 'ok', says);
}

/** A slot's service, as far as it can be a leftover. */
export interface SlotUse {
  readonly slot: Slot;
  readonly service: string;
  readonly desiredCount: number;
  /** Whether it has a share of live traffic. */
  readonly isLive: boolean;
}

/** What a deployment that was terminated leaves; while one runs, it is no leftover. And a live service without a replica. */
export function findLeftovers(
  identity: ApplicationIdentity,
  live: readonly ListenerRule[],
  test: readonly ListenerRule[],
  slots: readonly SlotUse[],
): Finding[] {
  const tests = routeRules(test, identity, 'test');
  const mixed = routeRules(live, identity, 'live').filter(
    ({ forward }) => forward.filter(({ weight }) => weight > 0).length > 1,
  );
  const idle = slots.filter(({ isLive, desiredCount }) => !isLive && desiredCount > 0);
  const leftover = (says: string) =>
    finding('leftovers', 'warning', says, `The next deployment of ${identity.name} puts it right.`, identity.name);
  const empty = slots.filter(({ isLive, desiredCount }) => isLive && desiredCount === 0);
  return [
    ...empty.map(({ service }) => nobodyServes(service, identity.name)),
    ...(tests.length > 0 ? [leftover(`${identity.name} has ${tests.length} test rules`)] : []),
    ...mixed.map((rule) => leftover(`Live traffic of ${identity.name} is split by ${ruleName(rule)}`)),
    ...idle.map(({ service, desiredCount }) => leftover(`${service} runs ${desiredCount} tasks without live traffic`)),
  ];
}

const nobodyServes = (service: string, application: string) =>
  finding(
    'live service',
    'error',
    `${service} has live traffic of ${application} and wants no task: each request that it gets is answered 503`,
    `Scale ${service} up, or deploy ${application}.`,
    application,
  );
