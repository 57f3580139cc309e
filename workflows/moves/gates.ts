/** Gates: what must stay well while a release takes over, from its first share of traffic to the end of the bake. */
import { CancellationScope } from '@temporalio/workflow';
import type { JudgedGroup } from '../../activities/gates/load-balancer-counts';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { GateStanding } from '../../planning/gates/standing';
import { gates } from '../activities';
import type { Watched } from '../engine/approval';
import type { Run } from '../engine/run';

export interface Judging {
  /** Does what `watch` does, and fails also when a gate fails. The first begins the judging. */
  readonly beside: (watch: () => Promise<void>) => () => Promise<void>;
  /** Returns once no gate fails any more. @throws what a gate fails with */
  readonly passed: () => Promise<void>;
}

/** What is judged of a plan. */
export interface Gated {
  readonly plan: Pick<DeploymentPlan, 'gates' | 'application'>;
  readonly groups: () => readonly JudgedGroup[];
}

/**
 * The approval before live traffic moves. What fails already is said and asked about, whatever the deployment wants: it is no
 * news of green's, and who goes on with it should know.
 * @param watch looks at green meanwhile
 * @returns how gates stand then
 */
export async function approveGated(run: Run, gated: Gated, watch: Watched): Promise<readonly GateStanding[]> {
  if (gated.plan.gates === undefined) {
    await run.approval('afterVerify', undefined, watch);
    return [];
  }
  const found = await run.step('verify', () => gates.examineGates(judgedNow(gated, [])));
  run.recordGates(found.standings);
  await run.approval('afterVerify', found.asks === null ? undefined : { asks: found.asks }, watch);
  return found.accepted;
}

/** Does what is judged; nothing goes on being judged when it returns. */
export async function whileJudged(
  run: Run,
  gated: Gated,
  before: readonly GateStanding[],
  work: (judging: Judging) => Promise<void>,
): Promise<void> {
  if (gated.plan.gates === undefined) return await work(unjudged);
  const judge = judgeOf(gated, before);
  try {
    await work({
      beside: judge.beside,
      passed: async () => {
        await judge.end();
        run.recordGates(await gates.judgeGates(judgedNow(gated, before), 'passing'));
      },
    });
  } finally {
    await judge.end();
  }
}

const unjudged: Judging = { beside: (watch) => watch, passed: () => Promise.resolve() };

/** Judges from the first watch on, across all of them, until it is ended. */
function judgeOf(gated: Gated, before: readonly GateStanding[]) {
  // Each watch has a scope of its own, which ends with it.
  const parent = new CancellationScope();
  let judged: { readonly scope: CancellationScope; readonly failed: Promise<unknown>; isOver: boolean } | undefined;
  const begin = () => {
    const scope = new CancellationScope({ cancellable: true, parent });
    const failed = scope.run(() => gates.judgeGates(judgedNow(gated, before), 'failed'));
    const begun = { scope, failed, isOver: false };
    // It may fail while nothing watches: then the next watch fails at once.
    failed.catch(() => (begun.isOver = true));
    return begun;
  };
  const end = async () => {
    judged?.scope.cancel();
    await judged?.failed.catch(() => undefined);
    judged = undefined;
  };
  const beside = (watch: () => Promise<void>) => async () => {
    const own = (judged ??= begin());
    try {
      await Promise.race([watch(), own.failed]);
    } catch (error) {
      // Whoever tries again has looked: what was counted until then counts no more.
      if (own.isOver) judged = undefined;
      throw error;
    }
  };
  return { beside, end };
}

const judgedNow = ({ plan, groups }: Gated, before: readonly GateStanding[]) => {
  const { name, key } = plan.application;
  return { application: { name, key }, groups: groups(), since: new Date().toISOString(), before };
};
