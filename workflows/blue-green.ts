/**
 * Blue-green: green starts beside blue, is proven through the test route, takes all live traffic in one call a rule, and only
 * when it is proven to have it does blue go. When nothing is in containers yet, blue is the Platform Server.
 *
 * Safety comes from the order: nothing touches live traffic before green is verified, and nothing takes capacity from blue
 * before green has all traffic and the bake is over.
 */
import { aws, examination, planning, probes, waits } from './activities';
import { runbook, type Runbook } from './runbook';
import type { DeploymentOutcome } from './messages';
import type { DeploymentPlan } from '../planning/deployment';
import type { RouteTargetGroups } from '../planning/route';
import type { Releases } from '../activities/probes';

/** Who answered on the live and on the test route before the cut. */
interface Proof {
  readonly blue: Releases;
  readonly green: Releases;
}

/** Green once it has a task definition and a target group. */
interface GreenPlace {
  readonly taskDefinitionArn: string;
  readonly groups: RouteTargetGroups;
}

export async function blueGreen(input?: unknown): Promise<DeploymentOutcome> {
  return runbook('blueGreen', input, async (book, request) => {
    const { step, approval, rest, restoring, finishing } = book;
    const plan = await step('plan', () => planning.planBlueGreen(request));
    book.planned(plan);

    let green: GreenPlace | undefined;
    book.examining(() => examination.describeEvidence(plan.site, plan.green.service.name, green?.groups.green ?? null));

    let releases: Proof | undefined;
    const forward = await restoring(
      async () => {
        await approval('beforeStart');
        const place = (green = await step('prepare', () => prepareGreen(plan)));
        await step('start', () => startGreen(plan, place));
        await step('verify', () => verifyGreen(plan, place));
        await approval('afterVerify');
        for (const { percent, bake } of plan.options.shift) {
          await step('shift', async () => {
            await confirmGreen(plan, place);
            releases ??= await describeReleases(plan);
            await aws.setRoute(plan.site, plan.liveRoute, { blue: 100 - percent, green: percent }, place.groups);
          });
          await rest('settle', plan.options.settle, () => watchGreen(plan, place));
          if (percent < 100 && bake !== undefined) await rest('bake', bake, () => watchGreen(plan, place));
        }
        await step('settle', () => proveLive(plan, releases, 'green'));
        book.serves(plan.green.slot, plan.release);
        await rest('bake', plan.options.bake, () => watchGreen(plan, place));
      },
      () => restoreBlue(book, plan, green, releases),
    );
    if (!forward) return;
    await finishing(async () => {
      await step('retire', () => retireBlue(plan));
      await step('cleanUp', () => removeTestRoute(plan, green));
    });
  });
}

/** The test rules attach the target group: ECS wants that before it makes a service, and the ALB before it checks health. */
async function prepareGreen(plan: DeploymentPlan): Promise<GreenPlace> {
  const { site, blue, testRoute } = plan;
  const taskDefinitionArn = await aws.registerTaskDefinition(site, plan.taskDefinition);
  const targetGroupArn = await aws.createTargetGroup(site, plan.green.targetGroup);
  await aws.setTargetGroup(site, targetGroupArn, plan.green.targetGroup);
  await aws.setTargetGroupAttributes(site, targetGroupArn, plan.green.targetGroup.attributes);
  const groups = { blue: blue.targetGroupArn, green: targetGroupArn };
  await aws.setRoute(site, testRoute, testTraffic, groups);
  return { taskDefinitionArn, groups };
}

/**
 * Blue has no share in the test route but stays attached to it: a target group in no rule is `unused`, and ECS would then
 * stop its tasks without waiting for their requests.
 */
const testTraffic = { blue: 0, green: 100, keepBlue: true } as const;

async function startGreen(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  const { site } = plan;
  const { service } = plan.green;
  const { whileWaiting, approval } = plan.options;
  const desiredCount = whileWaiting === 'one' && approval === 'afterVerify' ? 1 : service.desiredCount;
  const { stoppedTasks } = await aws.describeReplicas(site, service.name);
  const planned = { ...service, desiredCount };
  await aws.setService(site, planned, green.taskDefinitionArn, green.groups.green);
  await waits.waitForReplicas(site, replicasOf(plan, green, desiredCount, stoppedTasks));
}

async function verifyGreen(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  await probes.verifyModules(plan.testAddress, plan.paths, { settleMs: plan.options.settle });
  const { desiredCount } = await aws.describeReplicas(plan.site, plan.green.service.name);
  await waits.waitForReplicas(plan.site, replicasOf(plan, green, desiredCount));
}

/** Approvals go stale: once more blue's count, every replica's health, and every module. */
async function confirmGreen(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  const { site, blue } = plan;
  const wanted = blue.kind === 'slot' ? (await aws.describeReplicas(site, blue.service)).desiredCount : 0;
  const desiredCount = Math.max(plan.green.service.desiredCount, wanted);
  await aws.setDesiredCount(site, plan.green.service.name, desiredCount);
  await waits.waitForReplicas(site, replicasOf(plan, green, desiredCount));
  await probes.verifyModules(plan.testAddress, plan.paths, { settleMs: plan.options.settle });
}

/** Who answers on both routes before the cut: what the proof afterwards compares with. */
async function describeReleases(plan: DeploymentPlan): Promise<Proof> {
  const { paths } = plan;
  return {
    blue: await probes.describeReleases(plan.liveAddress, paths),
    green: await probes.describeReleases(plan.testAddress, paths),
  };
}

/** Asks every address of the load balancer for the release marker of every module. */
async function proveLive(plan: DeploymentPlan, releases: Proof | undefined, expected: 'blue' | 'green'): Promise<void> {
  if (releases) await probes.proveReleases(plan.liveAddress, { ...releases, expected });
}

const watchGreen = (plan: DeploymentPlan, green: GreenPlace) =>
  waits.watchReplicas(plan.site, replicasOf(plan, green, plan.green.service.desiredCount));

const replicasOf = (
  plan: DeploymentPlan,
  { taskDefinitionArn, groups }: GreenPlace,
  count: number,
  ignoredTasks: readonly string[] = [],
) => ({
  service: plan.green.service.name,
  taskDefinitionArn,
  targetGroupArn: groups.green,
  count,
  ignoredTasks,
  timeoutMs: plan.startTimeoutMs,
});

async function retireBlue({ site, blue }: DeploymentPlan): Promise<void> {
  if (blue.kind === 'platformServer') return;
  await aws.setDesiredCount(site, blue.service, 0, blue.taskDefinitionArn);
  await waits.waitForDrained(site, blue.service, blue.targetGroupArn);
}

async function removeTestRoute(plan: DeploymentPlan, green: GreenPlace | undefined): Promise<void> {
  await aws.setRoute(plan.site, plan.testRoute, 'gone', groupsOf(plan, green));
}

/** Restores what the plan recorded instead of undoing step by step, so a half-done step needs no case of its own. */
async function restoreBlue(
  book: Runbook,
  plan: DeploymentPlan,
  green: GreenPlace | undefined,
  releases: Proof | undefined,
): Promise<void> {
  const { site } = plan;
  const groups = groupsOf(plan, green);
  const { changed } = await aws.setRoute(site, plan.liveRoute, 'before', groups);
  if (changed) {
    await book.elapse(plan.options.settle, 'Traffic goes back to blue');
    await proveLive(plan, releases, 'blue');
    book.restored(plan);
  }
  await aws.setDesiredCount(site, plan.green.service.name, 0);
  await waits.waitForDrained(site, plan.green.service.name, green?.groups.green ?? null);
  await removeTestRoute(plan, green);
}

/** Before green has a target group no rule can forward to it. */
const groupsOf = (plan: DeploymentPlan, green: GreenPlace | undefined): RouteTargetGroups =>
  green?.groups ?? { blue: plan.blue.targetGroupArn, green: '' };
