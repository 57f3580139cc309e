/** The activities that judge whether a release may go on taking over: as the settings say now, and nothing that callers say. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { accept, asksAbout, standingAfter, whyFailed, type GateStanding } from '../../planning/gates/standing';
import type { Gate } from '../../settings/gates/schema';
import {
  invalid,
  resolveApplication,
  type ApplicationDependencies,
  type KnownApplication,
} from '../aws/plans/applications';
import type { PlatformApplication } from '../../contract/runbook-requests';
import { lastGood } from '../../settings/files/reread';
import { heartbeating, pause } from '../polling';
import type { JudgedGroup } from './load-balancer-counts';
import { readGate } from './readings';

/** What is judged. */
export interface Judged {
  /** The application as the platform calls it. Default: as the settings do. */
  readonly application?: PlatformApplication | undefined;
  /** Green's target group and blue's behind each load balancer. */
  readonly groups: readonly JudgedGroup[];
  /** When green got its first share of traffic, ISO 8601. */
  readonly since: string;
  /** How gates stood before green had any, with what was accepted then. */
  readonly before: readonly GateStanding[];
}

/** How gates stand before green has any traffic. */
export interface Examined {
  readonly standings: readonly GateStanding[];
  /** What people are asked before green gets any, a question; `null` where nothing fails. */
  readonly asks: string | null;
  /** How they stand for who goes on all the same. */
  readonly accepted: readonly GateStanding[];
}

export type GateActivities = ReturnType<typeof gateActivities>;

/** Looks that are due within this are made together. */
const togetherMs = 200;

export function gateActivities(dependencies: ApplicationDependencies) {
  return {
    /** Looks at every gate once. Effect: none, but for what a webhook makes of being asked. */
    examineGates: (judged: Judged): Promise<Examined> =>
      heartbeating(async () => {
        const known = knownOf(dependencies, judged);
        const standings = await lookAt(dependencies, { known, judged }, Object.entries(known.zone.gates), []);
        return { standings, asks: asksAbout(standings) ?? null, accepted: standings.map(accept) };
      }),

    /**
     * Looks at every gate, each as often as it says. Its heartbeats carry how they stand, as JSON.
     * @param until `passing` returns how they stand once none fails; `failed` never returns by itself
     * @throws {ApplicationFailure} of type `GateFailed` when one has failed for as long as it says; how all stand is its detail
     */
    judgeGates: (judged: Judged, until: 'failed' | 'passing'): Promise<GateStanding[]> =>
      heartbeating(async (report) => {
        let standings = [...rememberedOr(judged.before)];
        const current = lastGood(() => knownOf(dependencies, judged));
        for (;;) {
          const known = current();
          const { gates } = known.zone;
          const due = Object.entries(gates).filter(([name, gate]) => isDue(gate, standingOf(standings, name)));
          const looked = await lookAt(dependencies, { known, judged }, due, standings);
          standings = Object.keys(gates).flatMap(
            (name) => standingOf(looked, name) ?? standingOf(standings, name) ?? [],
          );
          report(JSON.stringify(standings));
          const why = whyFailed(standings, gates, Date.now());
          if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'GateFailed', { gates: standings });
          if (until === 'passing' && standings.every(({ failingSince }) => failingSince === null)) return standings;
          await pause(untilNext(gates, standings));
        }
      }),
  };
}

const standingOf = (standings: readonly GateStanding[], name: string) => standings.find(({ gate }) => gate === name);

/** What an attempt before this one knew, on another worker. What was before green was long ago: all is looked at anew. */
function rememberedOr(before: readonly GateStanding[]): readonly GateStanding[] {
  const { heartbeatDetails } = Context.current().info;
  if (typeof heartbeatDetails === 'string') return JSON.parse(heartbeatDetails) as GateStanding[];
  return before.map((one) => ({ ...one, at: new Date(0).toISOString() }));
}

/** At once where the last look is in the future: somebody has set the clock back since. */
function nextLook({ every }: Gate, standing: GateStanding | undefined): number {
  if (standing === undefined) return 0;
  const lastLook = Date.parse(standing.at);
  return lastLook <= Date.now() + togetherMs ? lastLook + every : 0;
}

const isDue = (gate: Gate, standing: GateStanding | undefined) => nextLook(gate, standing) <= Date.now() + togetherMs;

/** Until the next look, or until one that fails has failed for long enough. */
function untilNext(gates: Readonly<Record<string, Gate>>, standings: readonly GateStanding[]): number {
  const times = Object.entries(gates).flatMap(([name, gate]) => {
    const standing = standingOf(standings, name);
    const { failingSince = null } = standing ?? {};
    return [nextLook(gate, standing), ...(failingSince === null ? [] : [Date.parse(failingSince) + gate.failAfter])];
  });
  // Without any gate left in the settings, one may come back.
  const next = times.length === 0 ? Date.now() + 30_000 : Math.min(...times);
  return Math.min(Math.max(next - Date.now(), togetherMs), 60_000);
}

async function lookAt(
  { clientsOf }: ApplicationDependencies,
  { known, judged: { groups, since } }: { readonly known: KnownApplication; readonly judged: Judged },
  due: readonly (readonly [string, Gate])[],
  standings: readonly GateStanding[],
): Promise<GateStanding[]> {
  const { cancellationSignal: signal } = Context.current();
  const asking = { known, clients: clientsOf(known.zone), groups, since: Date.parse(since), signal };
  return await Promise.all(
    due.map(async ([name, gate]) => {
      const reading = await readGate(gate, asking);
      return standingAfter({ name, gate }, reading, standingOf(standings, name), new Date().toISOString());
    }),
  );
}

/**
 * The run's own application, whatever its caller says.
 * @throws {ApplicationFailure} of type `GateFailed` when the settings don't have it any more: a deployment is under way
 */
function knownOf({ settings }: ApplicationDependencies, { application, since }: Judged): KnownApplication {
  const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
  if (Number.isNaN(Date.parse(since))) throw invalid(`${JSON.stringify(since)} is no time.`);
  try {
    return resolveApplication(settings(), workflowId, application);
  } catch (error) {
    throw ApplicationFailure.nonRetryable(`The gates can't be judged: ${(error as Error).message}`, 'GateFailed');
  }
}
