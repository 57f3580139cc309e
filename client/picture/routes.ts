/** Which requests go where, as it is drawn: each rule with its shares. */
import type { Topology } from '../../planning/topology';
import { platformServer, type Place } from './places';

export interface Route {
  readonly route: 'live' | 'test';
  /** `null` for the listener's default rule. */
  readonly priority: number | null;
  /** The load balancer's name, where it is another than that of the zone's first listener; else `null`. */
  readonly through: string | null;
  /** The paths that it catches. */
  readonly catches: readonly string[];
  readonly shares: readonly Share[];
}

export interface Share {
  readonly percent: number;
  readonly targetGroup: string;
  /** The key of the place that it leads to; `null` for one that isn't drawn. */
  readonly place: string | null;
}

/** Empty before anybody has looked at AWS. */
export function routesOf(topology: Topology | undefined, places: readonly Place[]): Route[] {
  if (topology === undefined) return [];
  const keyOf = (group: string) => places.find(({ groups }) => groups.includes(group))?.key ?? null;
  const rules = topology.rules.map(({ route, priority, through = null, catches, forwards }) => ({
    route,
    priority,
    through,
    catches,
    shares: forwards.map(({ targetGroup, percent }) => ({ percent, targetGroup, place: keyOf(targetGroup) })),
  }));
  const isRuled = rules.some(({ route, through }) => route === 'live' && through === null);
  return isRuled ? rules : [defaultRoute(topology), ...rules];
}

/** Where no rule is the application's, the listener's default rule serves it. */
const defaultRoute = ({ defaultTargetGroup }: Topology): Route => ({
  route: 'live',
  priority: null,
  through: null,
  catches: [],
  shares: [{ percent: 100, targetGroup: defaultTargetGroup ?? 'no target group', place: platformServer }],
});
