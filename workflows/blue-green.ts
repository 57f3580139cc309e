/**
 * Blue-green: green starts beside blue, is proven through the test route, takes all live traffic in one call a rule, and only
 * when it is proven to have it does blue go. When nothing is in containers yet, blue is the Platform Server.
 *
 * Safety comes from the order: nothing touches live traffic before green is verified, and nothing takes capacity from blue
 * before green has all traffic and the bake is over.
 */
import { aws, examination, planning, probes, waits } from './activities';
import { publishConfiguration, removeOldCopies } from './moves/configuration';
import {
  confirmTargetGroups,
  describeReleases,
  groupsOf,
  prepareGreen,
  proveLive,
  recordOutcome,
  removeGreen,
  removeTestRoute,
  replicasOf,
  startGreen,
  verifyGreen,
  watchGreen,
  watchShares,
  type GreenPlace,
  type Proof,
} from './moves/green';
import { scheduleRetirement } from './keep-warm';
import { lastLook } from './moves/last-look';
import { reviveBlue } from './moves/blue';
import { runbook, type Execution } from './engine/runbook';
import { formatDuration } from '../settings/durations';
import { parseDeploymentRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import type { DeploymentPlan } from '../planning/plans/deployment';

export async function blueGreen(input?: unknown): Promise<DeploymentOutcome> {
  return runbook('blueGreen', parseDeploymentRequest(input), async (run, request) => {
    const plan = await run.step('plan', async () =>
      planning.planBlueGreen(request, await publishConfiguration(run, request)),
    );
    await deployBlueGreen(run, plan);
  });
}

/** From the plan on. */
export async function deployBlueGreen(run: Execution, plan: DeploymentPlan): Promise<void> {
  const { step, approval, rest, restoring, finishing } = run;
  run.planned(plan, afterBake(plan));

  let green: GreenPlace | undefined;
  run.examining(() => examination.describeEvidence(plan.site, plan.green.service.name, green?.groups.green ?? null));

  let releases: Proof | undefined;
  const forward = await restoring(
    async () => {
      await approval('beforeStart');
      const place = (green = await step('prepare', async () => {
        if (plan.adoption) await aws.markAdopted(plan.site, plan.adoption);
        return await prepareGreen(plan);
      }));
      await step('start', () => startGreen(plan, place, countWhileWaiting(plan)));
      await step('verify', () => verifyGreen(plan, place));
      await approval('afterVerify');
      for (const { percent, bake } of plan.options.shift) {
        if (percent < 100 && run.promoted()) continue;
        await step('shift', async () => {
          await confirmGreen(plan, place);
          releases ??= await describeReleases(plan);
          await aws.setRoute(plan.site, plan.liveRoute, { blue: 100 - percent, green: percent }, place.groups);
          run.shares(percent);
        });
        const watch = () => (percent < 100 ? watchShares : watchGreen)(plan, place);
        await rest('settle', plan.options.settle, watch);
        if (percent < 100 && bake !== undefined) await rest('bake', bake, watch);
      }
      await step('settle', () => proveLive(plan, releases, 'green'));
      run.serves(plan.green.slot, plan.release);
      await rest('bake', plan.options.bake, () => watchGreen(plan, place));
      await step('bake', confirmCut(run, plan, place, releases));
    },
    () => restoreBlue(run, plan, green, releases),
  );
  if (!forward) return;
  if (plan.unkept !== undefined) run.notes(plan.unkept);
  await finishing(async () => {
    if (plan.options.keepWarm > 0) return await step('cleanUp', () => keepBlueWarm(run, plan, green));
    await step('retire', async () => {
      await settleAdoption(run, plan);
      await retireBlue(plan);
      await retireAdopted(plan);
      await retireLeftovers(plan);
    });
    await step('cleanUp', async () => {
      await removeTestRoute(plan, green);
      await deleteAdopted(plan);
      await removeOutgrown(plan);
      // The last change: until then the application is found, and locked, under the name it had.
      if (plan.renamedFrom !== undefined) await aws.recordName(plan.site, plan.liveRoute);
      await recordOutcome(plan, green, 'completed');
      await removeOldCopies(run, plan);
    });
  });
}

/** Told while the bake is on; `undefined` where blue is retired then. */
function afterBake(plan: DeploymentPlan): string | undefined {
  const { keepWarm } = plan.options;
  if (keepWarm > 0) return `The bake ends, and blue is kept warm for ${formatDuration(keepWarm)}.`;
  return plan.blue.kind === 'platformServer' ? 'The bake ends, and green goes on serving by itself.' : undefined;
}

/** Blue stays as it is, attached to the load balancer by the test route; who retires it later is another run. */
async function keepBlueWarm(run: Execution, plan: DeploymentPlan, green: GreenPlace | undefined): Promise<void> {
  const { blue, options } = plan;
  if (blue.kind !== 'slot') return;
  await recordOutcome(plan, green, 'completed');
  const kept = { service: blue.service, taskDefinition: blue.taskDefinitionArn };
  await scheduleRetirement(plan.application, kept, options.keepWarm);
  await removeOldCopies(run, plan);
  run.notes(
    `${blue.service} keeps its replicas for ${formatDuration(options.keepWarm)}: an undo within it is one cut.`,
  );
}

/** A green container already runs timers and processes: some want only one while people decide. */
const countWhileWaiting = ({ options: { whileWaiting, approval }, green }: DeploymentPlan) =>
  whileWaiting === 'one' && approval === 'afterVerify' ? 1 : green.service.desiredCount;

/** Approvals go stale: once more the target groups, blue's count, every replica's health, and every module. */
async function confirmGreen(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  const { site, blue } = plan;
  await confirmTargetGroups(plan, green);
  const wanted = blue.kind !== 'platformServer' ? (await aws.describeReplicas(site, blue.service)).desiredCount : 0;
  const desiredCount = Math.max(plan.green.service.desiredCount, wanted);
  await aws.setDesiredCount(site, plan.green.service.name, desiredCount, green.taskDefinitionArn, 'atLeast');
  await waits.waitForReplicas(site, replicasOf(plan, green, desiredCount));
  await probes.verifyModules(plan.testAddress, plan.paths, { settleMs: plan.options.settle });
}

/** Blue may go only while every replica of green is healthy, whoever scaled it meanwhile, and no rule leads to blue. */
const confirmCut = (run: Execution, plan: DeploymentPlan, green: GreenPlace, releases: Proof | undefined) =>
  lastLook(run, {
    confirm: async () => {
      await waits.waitForReplicas(plan.site, replicasOf(plan, green, 1));
      await aws.confirmRoute(plan.site, plan.liveRoute, { blue: 0, green: 100 }, green.groups, retiredGroup(plan));
    },
    prove: () => proveLive(plan, releases, 'green'),
    settleMs: plan.options.settle,
  });

/** The Platform Server goes on serving others; rules that lead to what was adopted are settled as it is retired. */
const retiredGroup = ({ blue }: DeploymentPlan) => (blue.kind === 'slot' ? blue.targetGroupArn : null);

async function retireBlue({ site, blue }: DeploymentPlan): Promise<void> {
  if (blue.kind === 'platformServer') return;
  await aws.setDesiredCount(site, blue.service, 0, blue.taskDefinitionArn);
  await waits.waitForDrained(site, blue.service, blue.targetGroupArn);
}

/** Nothing may lead to what was adopted once it goes, and what is kept of its rules is the application's own from now on. */
async function settleAdoption(run: Execution, { site, liveRoute, adoption, options }: DeploymentPlan): Promise<void> {
  if (!adoption) return;
  const { deleted } = await aws.settleAdoption(site, liveRoute, adoption);
  if (deleted > 0) await run.elapse(options.settle, 'The adopted rules leave every node of the load balancer');
}

/** What a deployment that was terminated after its cut had adopted is not blue any more. */
async function retireAdopted({ site, blue, adoption }: DeploymentPlan): Promise<void> {
  if (!adoption || blue.kind === 'adopted') return;
  await aws.setDesiredCount(site, adoption.service, 0);
  await waits.waitForDrained(site, adoption.service, adoption.targetGroupArn);
}

/** Theirs would go on running timers beside green's. */
async function retireLeftovers({ site, leftovers = [] }: DeploymentPlan): Promise<void> {
  for (const { service, targetGroupArn } of leftovers) {
    await aws.setDesiredCount(site, service, 0);
    await waits.waitForDrained(site, service, targetGroupArn);
  }
}

/** Its tasks are gone, drained, and its task definitions stay for an undo. */
async function removeOutgrown({ site, outgrown = [] }: DeploymentPlan): Promise<void> {
  for (const { service } of outgrown)
    if (service !== null) {
      await aws.setDesiredCount(site, service, 0);
      await aws.deleteService(site, service);
    }
  for (const { targetGroupArn } of outgrown)
    if (targetGroupArn !== null) await aws.deleteTargetGroup(site, targetGroupArn);
}

async function deleteAdopted({ site, adoption }: DeploymentPlan): Promise<void> {
  if (!adoption?.deleted) return;
  await aws.deleteService(site, adoption.service);
  await aws.deleteTargetGroup(site, adoption.targetGroupArn);
}

/** Restores what the plan recorded instead of undoing step by step, so a half-done step needs no case of its own. */
async function restoreBlue(
  run: Execution,
  plan: DeploymentPlan,
  green: GreenPlace | undefined,
  releases: Proof | undefined,
): Promise<void> {
  const { site } = plan;
  const groups = groupsOf(plan, green);
  if (releases) await reviveBlue(run, plan);
  const { changed } = await aws.setRoute(site, plan.liveRoute, 'before', groups);
  if (changed) {
    await run.elapse(plan.options.settle, 'Traffic goes back to blue');
    await proveLive(plan, releases, 'blue');
    run.restored(plan);
  }
  await removeGreen(plan, green);
  if (plan.adoption && plan.blue.kind === 'adopted') await aws.unmarkAdopted(site, plan.adoption);
  await recordOutcome(plan, green, 'rolledBack');
}
