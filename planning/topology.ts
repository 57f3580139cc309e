/** What an application is made of on AWS at one moment, as a tree of rules, weights, target groups, services, tasks, health. */
import type { ListenerRule } from './routing/listener-rules';
import { readableExpression } from './routing/module-packing';
import { targetGroupName, type Slot } from './names';

export interface Topology {
  readonly zone: string;
  readonly application: string;
  /** ISO 8601. */
  readonly at: string;
  /** Live and test rules, another tool's included; without live ones the listener's default rule serves. */
  readonly rules: readonly RouteRule[];
  /** Where the listener's default rule forwards; `null` when it doesn't. */
  readonly defaultTargetGroup: string | null;
  readonly slots: readonly SlotTree[];
  /** The service of another tool that the rules lead to; absent where there is none. */
  readonly foreign?: ServiceTree;
}

export interface RouteRule {
  readonly route: 'live' | 'test';
  readonly priority: number;
  /** The load balancer's name, where it is another than that of the zone's first listener. */
  readonly through?: string;
  readonly catches: readonly string[];
  readonly forwards: readonly { readonly targetGroup: string; readonly percent: number }[];
}

export interface SlotTree extends ServiceTree {
  readonly slot: Slot;
}

export interface ServiceTree extends TargetTree {
  readonly service: ServiceState | null;
  /** Its tasks behind the other load balancers that it is behind. Default: it is behind one. */
  readonly beside?: readonly TargetTree[];
}

export interface TargetTree {
  /** The target group's name; `null` when there is none. */
  readonly targetGroup: string | null;
  readonly tasks: readonly TaskState[];
  /** Registered targets that belong to no running task, as those that drain. */
  readonly otherTargets: readonly TargetState[];
}

export interface ServiceState {
  readonly name: string;
  readonly image: string | null;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
}

export interface TaskState {
  readonly id: string;
  readonly status: string;
  readonly target: TargetState | null;
}

export interface TargetState {
  readonly address: string;
  readonly port: number;
  /** As ELB says it: `healthy`, `initial`, `unhealthy`, `draining`, `unused`, … */
  readonly state: string;
  readonly reason: string | null;
}

/** A task, with the addresses under which it may be a target. */
export interface AddressedTask {
  readonly id: string;
  readonly status: string;
  readonly addresses: readonly { readonly address: string; readonly port: number | null }[];
}

/** @param through the load balancer's name, where it is another than that of the zone's first listener */
export function routeRule(rule: ListenerRule, route: 'live' | 'test', through?: string): RouteRule {
  const total = rule.forward.reduce((sum, { weight }) => sum + weight, 0) || 1;
  return {
    route,
    priority: Number(rule.priority),
    ...(through !== undefined && { through }),
    catches: rule.conditions
      .filter(({ field }) => field === 'path-pattern')
      .flatMap(({ values, regularExpressions }) => [...values, ...regularExpressions.map(readableExpression)]),
    forwards: rule.forward.map(({ targetGroupArn, weight }) => ({
      targetGroup: targetGroupName(targetGroupArn),
      percent: Math.round((weight / total) * 1000) / 10,
    })),
  };
}

/** Which target is which task's: a task without its own network has a port of its own, the others an address. */
export function matchTargets(
  tasks: readonly AddressedTask[],
  targets: readonly TargetState[],
): Pick<TargetTree, 'tasks' | 'otherTargets'> {
  const taken = new Set<TargetState>();
  const matched = tasks.map(({ id, status, addresses }) => {
    const target = targets.find((one) =>
      addresses.some(({ address, port }) => address === one.address && (port === null || port === one.port)),
    );
    if (target) taken.add(target);
    return { id, status, target: target ?? null };
  });
  return { tasks: matched, otherTargets: targets.filter((target) => !taken.has(target)) };
}
