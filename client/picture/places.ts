/** What can serve an application, as it is drawn: the Platform Server, a slot, a service of another tool; with its replicas. */
import type { DeploymentStatus } from '../../contract/status';
import type { Serving } from '../../planning/observed/blue';
import type { ServiceTree, SlotTree, TargetState, TaskState, Topology } from '../../planning/topology';

export interface Place {
  /** Its own among those of the picture. */
  readonly key: string;
  /** Blue serves now, green comes; `null` for what rests. */
  readonly role: 'blue' | 'green' | null;
  /** `slot a`, `the Platform Server`, `a service of another tool`. */
  readonly name: string;
  /** The ECS service's name, where it is one. */
  readonly service: string | null;
  readonly image: string | null;
  /** Of live traffic, 0 to 100; `null` where nobody knows. */
  readonly percent: number | null;
  /** The target groups that lead to it. */
  readonly groups: readonly string[];
  /** How many there are to be; `null` for what has none. */
  readonly desired: number | null;
  /** Those that there are; empty where only their number is known. */
  readonly replicas: readonly Replica[];
}

export interface Replica {
  /** The task's ID, or the target's address for one that belongs to no running task. */
  readonly id: string;
  readonly health: 'healthy' | 'starting' | 'unhealthy' | 'draining' | 'unused';
  /** As ECS and ELB say it. */
  readonly says: string;
}

type Slot = SlotTree['slot'];

export const platformServer = 'platform-server';

/** Blue first, then green, then the rest. */
export function placesOf(status: DeploymentStatus, topology?: Topology): Place[] {
  const green = greenSlot(status, topology);
  const places = topology ? observed(status, topology, green) : counted(status, green);
  const rank = ({ role }: Place) => (role === 'blue' ? 0 : role === 'green' ? 1 : 2);
  return places.toSorted((one, other) => rank(one) - rank(other));
}

const isOver = ({ outcome, phase }: DeploymentStatus) => outcome !== null || phase === null;

/** The slot that what is deployed comes into; `null` where nothing is. */
function greenSlot(status: DeploymentStatus, topology?: Topology): Slot | null {
  const { live, way, greenPercent, heldIn, phase } = status;
  if (isOver(status) || (way !== 'blueGreen' && way !== 'rollingUpdate')) return null;
  const step = heldIn ?? phase ?? 'plan';
  const isServed = way === 'blueGreen' && greenPercent === 100 && ['bake', 'retire', 'cleanUp'].includes(step);
  if (isServed) return live?.slot ?? null;
  if (live?.slot === 'a') return 'b';
  if (live?.slot === 'b') return 'a';
  return topology?.slots.find(({ service }) => (service?.desired ?? 0) > 0)?.slot ?? 'a';
}

function observed(status: DeploymentStatus, topology: Topology, green: Slot | null): Place[] {
  const { slots, foreign, rules, defaultTargetGroup } = topology;
  const liveRules = rules.filter(({ route, through }) => route === 'live' && through === undefined);
  const shareOf = (groups: readonly string[]) =>
    liveRules[0]?.forwards
      .filter(({ targetGroup }) => groups.includes(targetGroup))
      .reduce((sum, { percent }) => sum + percent, 0) ?? 0;
  const ofTree = (tree: ServiceTree, name: string, isGreen: boolean): Place => {
    const groups = groupsOf(tree);
    const percent = shareOf(groups);
    return {
      key: groups[0] ?? name,
      role: isGreen ? 'green' : percent > 0 || isLeft(status, tree) ? 'blue' : null,
      name,
      service: tree.service?.name ?? null,
      image: tree.service?.image ?? null,
      percent,
      groups,
      desired: tree.service?.desired ?? 0,
      replicas: replicasOf(tree),
    };
  };
  const unruled = liveRules.length === 0;
  const served = unruled || status.live?.servedBy === 'platform-server';
  const platform = { ...none, key: platformServer, role: 'blue' as const, name: 'the Platform Server' };
  const group = defaultTargetGroup === null ? [] : [defaultTargetGroup];
  return [
    ...(served ? [{ ...platform, percent: unruled ? 100 : shareOf(group), groups: group }] : []),
    ...slots
      .filter(({ slot, service }) => service !== null || slot === green)
      .map((tree) => ofTree(tree, `slot ${tree.slot}`, tree.slot === green)),
    ...(foreign ? [ofTree(foreign, 'a service of another tool', false)] : []),
  ];
}

/** Whether a service that serves nobody (any more) is the blue of a deployment that goes on: it is what a rollback brings back. */
const isLeft = (status: DeploymentStatus, { service }: ServiceTree) => !isOver(status) && (service?.desired ?? 0) > 0;

const none = { service: null, image: null, desired: null, replicas: [] } as const;

/** Before anybody has looked at AWS. */
function counted(status: DeploymentStatus, green: Slot | null): Place[] {
  const { live, image, greenPercent, desired, replicas: roll } = status;
  if (live === null) return [];
  const isServed = green !== null && live.slot === green;
  const share = green === null || isServed ? 100 : greenPercent === null ? 100 : 100 - greenPercent;
  const served: Place = { ...ofServing(live), percent: share, desired: desired?.blue ?? roll?.old ?? null };
  if (green === null) return [served];
  const name = `slot ${green}`;
  const own = { ...none, key: name, name, image, groups: [], desired: desired?.green ?? null };
  const percent = isServed ? 100 : (greenPercent ?? 0);
  return [...(isServed ? [] : [served]), { ...own, role: 'green', percent }];
}

const ofServing = ({ slot, servedBy, image }: Serving): Omit<Place, 'percent'> => {
  const name =
    slot !== null ? `slot ${slot}` : servedBy === platformServer ? 'the Platform Server' : 'a service of another tool';
  return { ...none, key: slot === null ? servedBy : name, role: 'blue', name, image, groups: [] };
};

const groupsOf = ({ targetGroup, beside = [] }: ServiceTree): string[] =>
  [targetGroup, ...beside.map((other) => other.targetGroup)].filter((group) => group !== null);

const replicasOf = ({ tasks, otherTargets }: ServiceTree): Replica[] => [
  ...tasks.map(ofTask),
  ...otherTargets.map((target) => ({ id: addressOf(target), health: healthOf(target), says: saysOf(target) })),
];

function ofTask({ id, status, target }: TaskState): Replica {
  const isStopping = /^(DEACTIVATING|STOPPING|DEPROVISIONING|STOPPED)$/.test(status);
  const health = isStopping ? 'draining' : target === null ? 'starting' : healthOf(target);
  const says = target === null ? status : `${status}, ${addressOf(target)} ${saysOf(target)}`;
  return { id: id.slice(0, 8), health, says };
}

const addressOf = ({ address, port }: TargetState) => `${address}:${port}`;
const saysOf = ({ state, reason }: TargetState) => `${state}${reason === null ? '' : `, ${reason}`}`;

function healthOf({ state }: TargetState): Replica['health'] {
  if (state === 'healthy' || state === 'draining' || state === 'unused') return state;
  return state.startsWith('unhealthy') ? 'unhealthy' : 'starting';
}
