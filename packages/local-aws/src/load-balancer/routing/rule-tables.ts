/**
 * Which rules each node of the load balancer applies, and when a change reaches it.
 *
 * A load balancer has several nodes, each at an address of its own, with a table for every listener. A change of rules waits for the end of its batch,
 * and then reaches each node after a delay of its own: for a while, the new rules apply to one connection and the old ones to
 * another. Changes after a batch has closed are in the next. New and removed listeners take effect at once, as ports, and a new
 * node begins with what the others are about to have.
 * AWS publishes no number for this; batches of 10 s have been reported by its controller's maintainers
 * (https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3816).
 *
 * Invariant: a node never goes back to an older state than it has.
 */
import type { DataPlaneConfiguration, ListenerConfiguration, RuleConfiguration } from '../configuration';
import type { RequestFacts } from '../listening/request-facts';
import { scaledMs } from '../time';
import { type RuleAction, ruleAction } from './actions';
import { type RequestMatcher, conditionsMatcher } from './conditions';
import { type Login, loginOf } from './logins';
import { type Rewrite, ruleRewrite } from './transforms';

export interface Rule {
  readonly arn: string;
  readonly matches: RequestMatcher;
  /** Undefined when it routes everybody's requests. */
  readonly login: Login | undefined;
  readonly action: RuleAction;
  readonly rewrite: Rewrite | undefined;
}

export interface RuleTables {
  /** The rules that the node at an address applies now. */
  rules(address: string, listenerArn: string): readonly Rule[];
  /** Applies a configuration, at once or in the next batch. */
  follow(configuration: DataPlaneConfiguration): void;
  /** The ARNs of the target groups to which some node still forwards. */
  groupsInTables(): ReadonlySet<string>;
  close(): void;
}

interface Table {
  /** The configuration that the rules were made of, to see whether it changed. */
  readonly source: string;
  readonly rules: readonly Rule[];
}

type Tables = ReadonlyMap<string, Table>;

interface Node {
  tables: Tables;
  /** The last batch that has reached it. */
  batch: number;
}

export function createRuleTables(onApplied: () => void): RuleTables {
  // One that has left stays, because it may come back, and serves for a while.
  const nodes = new Map<string, Node>();
  const timers = new Set<NodeJS.Timeout>();
  let latest: Tables = new Map();
  let batch = 0;
  let batchOpen = false;

  const after = (delayMs: number, act: () => void): void => {
    if (delayMs <= 0) return act();
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, delayMs);
    timers.add(timer);
  };

  const closeBatch = (jitterMs: number): void => {
    batchOpen = false;
    batch += 1;
    const closed = { tables: latest, batch };
    for (const node of nodes.values()) {
      after(Math.random() * jitterMs, () => {
        if (node.batch >= closed.batch) return;
        node.batch = closed.batch;
        node.tables = onlyPresent(closed.tables, latest);
        onApplied();
      });
    }
  };

  return {
    rules: (address, listenerArn) => nodes.get(address)?.tables.get(listenerArn)?.rules ?? [],
    follow({ loadBalancers, listeners, propagation, timeScale }) {
      latest = new Map(listeners.map((listener) => [listener.arn, tableOf(listener, latest.get(listener.arn))]));
      for (const node of nodes.values()) node.tables = withPorts(node.tables, latest);
      for (const { address } of loadBalancers.flatMap((loadBalancer) => loadBalancer.nodes))
        if (!nodes.has(address)) nodes.set(address, { tables: latest, batch });
      const changed = [...nodes.values()].some(({ tables }) => !sameRules(tables, latest));
      if (!changed || batchOpen) return;
      batchOpen = true;
      const batchMs = scaledMs(propagation.batchSeconds, timeScale);
      const untilEndMs = batchMs > 0 ? batchMs - (Date.now() % batchMs) : 0;
      after(untilEndMs, () => closeBatch(scaledMs(propagation.jitterSeconds, timeScale)));
    },
    groupsInTables: () => new Set([...nodes.values()].flatMap(({ tables }) => [...tables.values()].flatMap(groupsOf))),
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function tableOf({ rules }: ListenerConfiguration, before: Table | undefined): Table {
  const source = JSON.stringify(rules);
  return before?.source === source ? before : { source, rules: rules.map(compileRule) };
}

function compileRule({ arn, conditions, actions, transforms }: RuleConfiguration): Rule {
  const [matches, action] = [conditionsMatcher(conditions), ruleAction(actions)];
  return { arn, matches, login: loginOf(actions), action, rewrite: ruleRewrite(transforms) };
}

/** A node's tables with the new listeners added and the removed ones left out. */
function withPorts(tables: Tables, latest: Tables): Tables {
  return new Map([...latest].map(([arn, table]) => [arn, tables.get(arn) ?? table]));
}

function onlyPresent(tables: Tables, latest: Tables): Tables {
  return withPorts(new Map([...tables].filter(([arn]) => latest.has(arn))), latest);
}

function sameRules(tables: Tables, latest: Tables): boolean {
  return [...latest].every(([arn, { source }]) => tables.get(arn)?.source === source);
}

function groupsOf({ rules }: Table): readonly string[] {
  return rules.flatMap(({ action }) =>
    action.kind === 'forward' ? action.shares.map(({ targetGroupArn }) => targetGroupArn) : [],
  );
}

/** The first rule, by priority, that matches. */
export function matchingRule(rules: readonly Rule[], request: RequestFacts): Rule | undefined {
  return rules.find(({ matches }) => matches(request));
}
