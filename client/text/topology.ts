/** An application's tree in words, a line each: rules, the weights in them, target groups, services, tasks, and each task's health. */
import { colors } from '../../terminal/colors';
import type { RouteRule, ServiceTree, TargetState, TaskState, Topology } from '../../planning/topology';

interface Node {
  readonly text: string;
  readonly children: readonly Node[];
}

export function formatTopology(topology: Topology): string[] {
  const shown = new Set<string>();
  const rules = topology.rules.map((rule) => ruleNode(rule, topology, shown));
  const unruled = topology.slots
    .filter(({ service, ...tree }) => service && !groupsOf(tree).some((group) => shown.has(group)))
    .map((slot) => serviceNode(slot, `${colors.dim('in no rule')} → slot ${slot.slot}`));
  return [...defaultNode(topology), ...rules, ...unruled].flatMap((node) => lines(node));
}

const groupsOf = ({ targetGroup, beside = [] }: Pick<ServiceTree, 'targetGroup' | 'beside'>) => [
  targetGroup ?? '',
  ...beside.map((other) => other.targetGroup ?? ''),
];

function defaultNode({ rules, defaultTargetGroup }: Topology): Node[] {
  if (rules.some(({ route, through }) => route === 'live' && through === undefined)) return [];
  const text = `live, default rule → ${defaultTargetGroup ?? 'no target group'} (the Platform Server)`;
  return [{ text, children: [] }];
}

/** Each service once for each load balancer that it is behind. */
const servicesOf = ({ slots, foreign }: Topology): ServiceTree[] =>
  [...slots, ...(foreign ? [foreign] : [])].flatMap(({ beside = [], ...tree }) => [
    tree,
    ...beside.map((other) => ({ ...tree, ...other })),
  ]);

function ruleNode(rule: RouteRule, topology: Topology, shown: Set<string>): Node {
  const through = rule.through === undefined ? '' : ` through ${rule.through}`;
  const text = `${colors.bold(rule.route)} ${rule.priority}${through}  ${rule.catches.join('  ')}`;
  const children = rule.forwards.map(({ targetGroup, percent }) => {
    const weight = `${String(percent).padStart(3)} % → ${targetGroup}`;
    const found = servicesOf(topology).find((one) => one.targetGroup === targetGroup);
    if (!found) return { text: weight, children: [] };
    if (shown.has(targetGroup)) return { text: `${weight} ${colors.dim('(as above)')}`, children: [] };
    shown.add(targetGroup);
    return serviceNode(found, weight);
  });
  return { text, children };
}

function serviceNode({ service, tasks, otherTargets }: ServiceTree, text: string): Node {
  const targets = [...tasks.map(taskNode), ...otherTargets.map((target) => leaf(formatTarget(target)))];
  if (!service) return { text, children: targets };
  const { name, desired, running, pending, image } = service;
  const counts = `${running} of ${desired} tasks${pending > 0 ? `, ${pending} pending` : ''}`;
  return { text, children: [{ text: `${name}  ${counts}  ${image ?? ''}`.trimEnd(), children: targets }] };
}

const taskNode = ({ id, status, target }: TaskState): Node =>
  leaf(`${id.slice(0, 8)}  ${status.padEnd(12)} ${target ? formatTarget(target) : colors.dim('no target')}`);

const formatTarget = ({ address, port, state, reason }: TargetState) =>
  `${address}:${port}  ${formatHealth(state)}${reason === null ? '' : `  ${reason}`}`;

function formatHealth(state: string): string {
  if (state === 'healthy') return colors.green(state);
  return state.startsWith('unhealthy') ? colors.red(state) : colors.yellow(state);
}

const leaf = (text: string): Node => ({ text, children: [] });

function lines({ text, children }: Node, indent = ''): string[] {
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const [first = '', ...rest] = lines(child);
    return [`${isLast ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`)];
  });
  return [`${indent}${text}`, ...below.map((line) => `${indent}${line}`)];
}
