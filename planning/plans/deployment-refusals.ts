/** What a deployment can't do in a zone, whatever is live there. Each refusal says what to change. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { type ZoneSettings, moduleName } from '../../settings/schema';
import { sharedDefaultRule, type Blue } from '../observed/blue';
import { Refusal } from '../refusal';
import type { ObservedSlot } from '../observed/observed';
import type { Release } from '../release/release';

/** @throws {Refusal} when listener rules can't carry the modules' names, or the zone's hosts beside them */
export function refuseUnroutable(modules: readonly string[], zone: ZoneSettings): void {
  if (modules.length === 0) throw new Refusal('The image holds no module: rebuild it from a bundle with modules.');
  const bad = modules.find((module) => !moduleName.safeParse(module).success);
  if (bad !== undefined)
    throw new Refusal(`Module ${JSON.stringify(bad)} has a name that a listener rule can't carry.`);
  if (zone.pathMatching === 'wildcard' && zone.hosts.length > (zone.testListener ? 3 : 2))
    throw new Refusal(
      'With pathMatching "wildcard" and a test header a rule has room for two hosts: name fewer hosts.',
    );
}

/**
 * @param twin what serves now; absent where green is a twin of nothing
 * @throws {Refusal} when AWS has no room for green where blue runs, or its target group speaks what no module does
 */
export function refuseImpossibleTwin(
  { networkMode, port }: { readonly networkMode: string | undefined; readonly port: number },
  twin: Partial<Pick<ObservedSlot, 'service' | 'fixed'>> = {},
): void {
  if (networkMode === 'host' && twin.service?.container?.port === port)
    throw new Refusal(
      `With the network mode "host" a task takes port ${port} of its instance, where ${twin.service.name} listens already: take "bridge", which finds a free port, or "awsvpc".`,
    );
  if (twin.fixed?.protocolVersion === 'GRPC')
    throw new Refusal(
      `The target group of ${twin.service?.name ?? 'what serves now'} has the protocol version GRPC, and modules of OutSystems answer over HTTP: put the service behind a target group with HTTP1 first.`,
    );
}

/**
 * Sharing traffic asks more of a zone than cutting it.
 * @param sticky whether a target group that would share has sticky sessions
 * @throws {Refusal} when blue and green can't share traffic
 */
export function refuseShares({ shift }: ResolvedRunbookOptions, sticky: boolean, blue: Blue, release: Release): void {
  if (shift.length === 1) return;
  if (sticky)
    throw new Refusal(
      'Sticky sessions keep clients on blue whatever the weights say: leave "shift" out, so that all traffic is cut at once, or turn stickiness off.',
    );
  if (blue.kind === 'platformServer' && blue.sharedAmong) throw sharedDefaultRule(blue.sharedAmong);
  if (blue.targetGroupArn === null)
    throw new Refusal(
      "The listener's default rule doesn't forward to a target group, so blue can't have a share: leave \"shift\" out.",
    );
  const had = blue.kind === 'slot' ? (blue.release?.modules ?? []) : [];
  const dropped = had.filter((module) => !release.modules.includes(module));
  if (dropped.length > 0)
    throw new Refusal(
      `The image drops ${dropped.join(', ')}, which green would answer with 404 while traffic is shared: leave "shift" out, so that all modules change at once.`,
    );
}
