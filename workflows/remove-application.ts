/**
 * Removal: gives an application back to the Platform Server, or takes down what is gone. The Platform Server's own answers
 * tell which: it is asked past the live rules, through the test route. The containers go on serving until it answers for every
 * module, or for every module says that there is none, every time, for the whole `removeAfter`.
 *
 * Safety comes from the order: rules first, and only when they are proven to be gone do replicas stop, still attached to the
 * load balancer until they are drained; services and target groups go last. Each part may be gone already.
 */
import { aws, planning, probes, waits } from './activities';
import { lastLook } from './moves/last-look';
import { reviveBlue } from './moves/blue';
import { parseRemovalRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import { runbook, type Execution } from './engine/runbook';
import { untilCancelled } from './engine/step';
import type { RemovalPlan } from '../planning/plans/removal';
import type { Releases } from '../activities/probes';

/** Who answered on the live route and on the Platform Server before the rules went. */
interface Proof {
  readonly containers: Releases;
  readonly platformServer: Releases;
}

export async function removeApplication(input?: unknown): Promise<DeploymentOutcome> {
  return runbook('removeApplication', parseRemovalRequest(input), async (run, request) => {
    const { step, approval, rest, restoring, finishing } = run;
    const plan = await step('plan', () => planning.planRemoval(request));
    run.planned(plan);
    if (plan.nothing)
      return run.notes(`Nothing of ${plan.application.name} was in containers, so nothing was removed.`);
    if (plan.routed) {
      let proof: Proof | undefined;
      const forward = await restoring(
        async () => {
          await step('prepare', () => attach(run, plan));
          const answers = await step('verify', () =>
            probes.waitForHandover(plan.testAddress, plan.paths, plan.options),
          );
          await approval('afterVerify');
          await step('shift', async () => {
            await confirmTargetGroup(plan);
            proof ??= await describeReleases(plan);
            await aws.setRoute(plan.site, plan.liveRoute, 'gone', groupsOf(plan));
          });
          await rest('settle', plan.options.settle, untilCancelled);
          await step('settle', () => proveHandover(plan, proof, answers));
          await step(
            'settle',
            confirmHandover(run, plan, () => proveHandover(plan, proof, answers)),
          );
          run.restored({ live: { slot: null, servedBy: 'platform-server', image: null, version: null } });
          run.notes(notes[answers](plan.application.name));
        },
        () => restore(run, plan, proof),
      );
      if (!forward) return;
    }
    await finishing(async () => {
      await step('retire', () => retire(run, plan));
      await step('cleanUp', () => cleanUp(plan));
    });
  });
}

const notes = {
  back: (name: string) => `The Platform Server serves ${name} now.`,
  gone: (name: string) => `The Platform Server has no module of ${name}: it was taken down.`,
} as const;

/** The Platform Server answers on the test route; what serves stays attached there, or nothing would wait for its requests. */
async function attach(run: Execution, plan: RemovalPlan): Promise<void> {
  const { site, testRoute, options } = plan;
  const { changed } = await aws.setRoute(site, testRoute, { blue: 0, green: 100, keepBlue: true }, groupsOf(plan));
  // Until every node has the rules, the 404 of a test listener without them looks like an application that is gone.
  if (changed) await run.elapse(options.settle, 'The test route reaches every node of the load balancer');
}

const groupsOf = ({ servingGroupArn, leftoverGroupArns, platformServerGroupArn }: RemovalPlan) => ({
  blue: servingGroupArn,
  alsoKept: leftoverGroupArns,
  green: platformServerGroupArn,
});

async function describeReleases({ liveAddress, testAddress, paths }: RemovalPlan): Promise<Proof> {
  return {
    containers: await probes.describeReleases(liveAddress, paths),
    platformServer: await probes.describeReleases(testAddress, paths),
  };
}

/** No container answers any more; where the Platform Server takes over, it answers for every module. */
async function proveHandover(plan: RemovalPlan, proof: Proof | undefined, answers: 'back' | 'gone'): Promise<void> {
  const { liveAddress, paths, options } = plan;
  if (answers === 'back') await probes.verifyModules(liveAddress, paths, { settleMs: options.settle });
  if (proof)
    await probes.proveReleases(liveAddress, { blue: proof.platformServer, green: proof.containers, expected: 'blue' });
}

/** How long the containers' requests may take is as it was when the plan was made. */
const confirmTargetGroup = ({ site, blueTargetGroup }: RemovalPlan) =>
  aws.confirmTargetGroups(site, null, blueTargetGroup);

/** The containers may go only while no rule leads to them. */
const confirmHandover = (run: Execution, plan: RemovalPlan, prove: () => Promise<void>) =>
  lastLook(run, {
    confirm: async () => {
      await confirmTargetGroup(plan);
      await aws.confirmRoute(plan.site, plan.liveRoute, 'gone', groupsOf(plan), plan.servingGroupArn);
    },
    prove,
    settleMs: plan.options.settle,
  });

async function restore(run: Execution, plan: RemovalPlan, proof: Proof | undefined): Promise<void> {
  const { site, liveRoute, liveAddress, options } = plan;
  if (proof) await reviveBlue(run, plan);
  const { changed } = await aws.setRoute(site, liveRoute, 'before', groupsOf(plan));
  if (changed) {
    await run.elapse(options.settle, 'Traffic goes back to the containers');
    if (proof)
      await probes.proveReleases(liveAddress, {
        blue: proof.platformServer,
        green: proof.containers,
        expected: 'green',
      });
    run.restored(plan);
  }
  await aws.setRoute(site, plan.testRoute, 'gone', groupsOf(plan));
}

async function retire(run: Execution, plan: RemovalPlan): Promise<void> {
  if (!plan.routed && plan.servingGroupArn !== null && plan.paths.length > 0) await attach(run, plan);
  for (const { service, targetGroupArn } of plan.slots) {
    if (service === null) continue;
    await aws.setDesiredCount(plan.site, service, 0);
    await waits.waitForDrained(plan.site, service, targetGroupArn);
  }
}

async function cleanUp(plan: RemovalPlan): Promise<void> {
  const { site, slots } = plan;
  await aws.setRoute(site, plan.testRoute, 'gone', groupsOf(plan));
  for (const { service } of slots) if (service !== null) await aws.deleteService(site, service);
  for (const { targetGroupArn } of slots)
    if (targetGroupArn !== null) await aws.deleteTargetGroup(site, targetGroupArn);
}
