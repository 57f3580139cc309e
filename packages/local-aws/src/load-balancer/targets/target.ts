/**
 * One registered target: its connections, the requests in flight to it, and how it is drained.
 *
 * Invariants: a draining target gets no new request; requests in flight may finish until the deregistration delay is over, and
 * are cut then. Its connections are its own, so that a target registered again at the same address starts afresh.
 */
import type { TargetConfiguration } from '../configuration';
import { type Upstream, createUpstream } from './upstream';
import type { WarmUp } from './warm-up';

/** A request (or a WebSocket) in flight. `cut` ends it at once, with a 502 if no answer was begun yet. */
export interface Exchange {
  cut(): void;
}

export interface Target {
  readonly id: string;
  readonly port: number;
  readonly address: string;
  /** The availability zone that it is in, where that is known. */
  readonly zone: string | undefined;
  readonly registeredAt: number;
  /** Whether it is asked over TLS, with whatever certificate. */
  readonly secure: boolean;
  readonly upstream: Upstream;
  /** While it begins. */
  readonly warmUp: WarmUp | undefined;
  readonly exchanges: Set<Exchange>;
  /** Milliseconds since the epoch; undefined while it serves. */
  drainingSince: number | undefined;
  /** Whether the deregistration delay is over. */
  drained: boolean;
  /** Ends the draining when the delay is over. */
  cutTimer: NodeJS.Timeout | undefined;
}

/** ID and port identify a target within a group. */
export const targetKey = ({ id, port }: { readonly id: string; readonly port: number }): string => `${id}|${port}`;

/** How the load balancer keeps connections to it. */
interface Connecting {
  readonly idleTimeoutMs: number;
  readonly secure: boolean;
}

export function createTarget(
  configuration: TargetConfiguration,
  { idleTimeoutMs, secure }: Connecting,
  warmUp?: WarmUp,
): Target {
  const { id, port, address, zone, registeredAt } = configuration;
  return {
    id,
    port,
    address,
    zone,
    registeredAt,
    secure,
    upstream: createUpstream({ host: address, port, secure }, idleTimeoutMs),
    warmUp,
    exchanges: new Set(),
    drainingSince: undefined,
    drained: false,
    cutTimer: undefined,
  };
}

/** Gives the target no new requests from now on. `delayMs` after `since`, requests in flight are cut and `onOver` is called. */
export function drainTarget(target: Target, since: number, delayMs: number, onOver: () => void): void {
  clearTimeout(target.cutTimer);
  target.drainingSince = since;
  const over = () => {
    target.drained = true;
    cutTarget(target);
    onOver();
  };
  target.cutTimer = setTimeout(over, Math.max(0, since + delayMs - Date.now()));
  target.cutTimer.unref();
}

/** Lets a target serve again whose deregistration is cancelled within its delay. */
export function resumeTarget(target: Target): void {
  clearTimeout(target.cutTimer);
  target.cutTimer = undefined;
  target.drainingSince = undefined;
}

/** Ends every request in flight and closes the connections. */
export function cutTarget(target: Target): void {
  clearTimeout(target.cutTimer);
  for (const exchange of target.exchanges) exchange.cut();
  target.upstream.close();
}
