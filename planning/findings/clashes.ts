/** Rules and settings that claim one path for two applications. */
import { finding, type Finding } from '../doctor';
import { belongsTo, type ApplicationIdentity } from '../names';
import { winningRule, type ListenerRule } from '../routing/listener-rules';
import { ruleName } from './rule-name';

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
