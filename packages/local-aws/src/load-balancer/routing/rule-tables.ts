/**
 * Which rules each node of the load balancer goes by, and when a change reaches it.
 *
 * A load balancer is several nodes; each has a table a listener. A change of rules waits for the end of its batch, and then
 * reaches each node after a delay of the node's own: for a while one connection meets the new rules and another the old.
 * Changes that come after a batch has closed land in the next. New and removed listeners act at once: that is about ports.
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
import { type Rewrite, ruleRewrite } from './transforms';

export interface Rule {
  readonly arn: string;
  readonly matches: RequestMatcher;
  readonly action: RuleAction;
  readonly rewrite: Rewrite | undefined;
}

export interface RuleTables {
  /** The rules that `node` (from 0) goes by now. */
  rules(node: number, listenerArn: string): readonly Rule[];
  /** Takes over what is configured, at once or in the next batch. */
  follow(configuration: DataPlaneConfiguration): void;
  /** The target groups that some node still forwards to. */
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
  /** The batch that it has reached. */
  batch: number;
}

export function createRuleTables(nodeCount: number, onApplied: () => void): RuleTables {
  const nodes: Node[] = Array.from({ length: nodeCount }, () => ({ tables: new Map(), batch: 0 }));
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
    for (const node of nodes) {
      after(Math.random() * jitterMs, () => {
        if (node.batch >= closed.batch) return;
        node.batch = closed.batch;
        node.tables = onlyPresent(closed.tables, latest);
        onApplied();
      });
    }
  };

  return {
    rules: (node, listenerArn) => nodes[node]?.tables.get(listenerArn)?.rules ?? [],
    follow({ listeners, propagation, timeScale }) {
      latest = new Map(listeners.map((listener) => [listener.arn, tableOf(listener, latest.get(listener.arn))]));
      for (const node of nodes) node.tables = withPorts(node.tables, latest);
      const changed = nodes.some(({ tables }) => !sameRules(tables, latest));
      if (!changed || batchOpen) return;
      batchOpen = true;
      const batchMs = scaledMs(propagation.batchSeconds, timeScale);
      const untilEndMs = batchMs > 0 ? batchMs - (Date.now() % batchMs) : 0;
      after(untilEndMs, () => closeBatch(scaledMs(propagation.jitterSeconds, timeScale)));
    },
    groupsInTables: () => new Set(nodes.flatMap(({ tables }) => [...tables.values()].flatMap(groupsOf))),
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
  return { arn, matches, action, rewrite: ruleRewrite(transforms) };
}

/** A node's tables with the listeners that are new, and without those that are gone. */
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
