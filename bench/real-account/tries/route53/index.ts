import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { behind, makeGroup, makeRule, makeService, pause, type Stage } from '../../stage';
import { NotTried, type Try } from '../../try';
import { makeZone, type Ask } from './zone';

const lookEveryMs = 10_000;
/** How often Route 53 is asked whether it leaves, and how often it must say so. */
const [mostLooks, enoughLooks] = [9, 2];
const atMostMs = 10 * 60_000;
const failoverCount = 'target_group_health.dns_failover.minimum_healthy_targets.count';

/** What was answered from when on, with the states of the second group's targets. */
interface Seen {
  readonly seconds: number;
  readonly answers: string;
  readonly targets: string;
}

/** Asks the name servers of a failover record while a second group of the load balancer has no healthy target, in each way. */
export const route53: Try = {
  name: 'route53',
  question: 'Does Route 53 leave a load balancer while a second group has only initial or draining targets, or none?',
  assumes: 'Not for a group without targets, nor for draining ones, nor where dns_failover count is off; else it does.',
  run: async (stage) => {
    const target = await healthyTask(stage);
    const tried: Tried = { stage, ask: await makeZone(stage), target };
    const healthy = await back(tried);
    if (healthy.at(-1)?.answers !== 'the load balancer')
      throw new NotTried(`its name servers say ${healthy.at(-1)?.answers} of a healthy load balancer`);
    return {
      healthy,
      empty: await beside(tried, 'r53-empty', {}, (group) => watch(tried, group)),
      ...(await beside(tried, 'r53-initial', slow, (group) => initial(tried, group))),
      unhealthy: await beside(tried, 'r53-sick', fast, async (group) => {
        await register(tried, group, silentPort);
        await until(stage, group, 'unhealthy');
        return await watch(tried, group);
      }),
      draining: await beside(tried, 'r53-drain', fast, (group) => draining(tried, group)),
    };
  },
};

/** A target that nothing is heard of for long is still `initial`, one that is checked often is soon `unhealthy`. */
const slow = { HealthCheckIntervalSeconds: 300, UnhealthyThresholdCount: 10 };
const fast = {
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  UnhealthyThresholdCount: 2,
  HealthyThresholdCount: 2,
};
/** Where a task of a web server listens to nobody. */
const silentPort = 1;

interface Tried {
  readonly stage: Stage;
  readonly ask: Ask;
  /** A healthy target: address and port. */
  readonly target: { readonly Id: string; readonly Port: number };
}

/** Starts a task, which is healthy in the only group that the load balancer has at first. */
async function healthyTask(stage: Stage): Promise<Tried['target']> {
  const group = await makeGroup(stage, 'r53-served', fast);
  await makeRule(stage, 161, '/r53-served', [{ Type: 'forward', TargetGroupArn: group }]);
  await makeService(stage, 'r53', { loadBalancers: behind(group), desiredCount: 1 });
  return await until(stage, group, 'healthy');
}

/** Waits for a target in that state, and returns it. */
async function until(stage: Stage, group: string, wanted: string): Promise<Tried['target']> {
  const { haste = 1 } = stage;
  for (const end = Date.now() + atMostMs; ; await pause(stage, 2_000 / haste)) {
    const found = (await healthOf(stage, group)).find(({ state }) => state === wanted);
    if (found !== undefined) return found.target;
    if (Date.now() > end)
      throw new NotTried(`no target is ${wanted}; give public subnets, and a --security-group that lets port 80 in`);
  }
}

async function healthOf({ account }: Stage, TargetGroupArn: string) {
  const { TargetHealthDescriptions = [] } = await account.elb.describeTargetHealth({ TargetGroupArn });
  return TargetHealthDescriptions.map(({ Target: { Id = '', Port = 80 } = {}, TargetHealth }) => ({
    target: { Id, Port },
    state: TargetHealth?.State ?? '',
  }));
}

/** Puts one more group into a rule for as long as something is tried with it, and waits until Route 53 is back. */
async function beside<Result>(
  tried: Tried,
  what: string,
  check: Partial<CreateTargetGroupInput>,
  run: (group: string) => Promise<Result>,
): Promise<Result> {
  const { stage } = tried;
  const group = await makeGroup(stage, what, check);
  const { RuleArn } = await makeRule(stage, 162, `/${what}`, [{ Type: 'forward', TargetGroupArn: group }]);
  const result = await run(group);
  await stage.account.elb.deleteRule({ RuleArn });
  await back(tried);
  return result;
}

async function initial(tried: Tried, group: string) {
  await register(tried, group, silentPort);
  const seen = await watch(tried, group);
  const Attributes = [{ Key: failoverCount, Value: 'off' }];
  await tried.stage.account.elb.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes });
  return { initial: seen, initialCountOff: await watch(tried, group, 'the load balancer') };
}

/** As what served before drains: the target was healthy, and may finish its requests. */
async function draining(tried: Tried, group: string): Promise<Seen[]> {
  const { stage, target } = tried;
  await register(tried, group, target.Port);
  await until(stage, group, 'healthy');
  await stage.account.elb.deregisterTargets({ TargetGroupArn: group, Targets: [target] });
  return await watch(tried, group);
}

const register = ({ stage, target }: Tried, TargetGroupArn: string, Port: number) =>
  stage.account.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: target.Id, Port }] });

/** Until Route 53 has given that answer a few times, or was asked for long enough. */
async function watch({ stage, ask }: Tried, group?: string, wanted = 'the other record'): Promise<Seen[]> {
  const { haste = 1 } = stage;
  const began = Date.now();
  const seen: Seen[] = [];
  for (
    let looks = 0, same = 0;
    looks < mostLooks && same < enoughLooks;
    looks++, await pause(stage, lookEveryMs / haste)
  ) {
    const answers = await ask();
    const targets = group === undefined ? [] : await healthOf(stage, group);
    const states = targets.map(({ state }) => state).join();
    same = answers === wanted ? same + 1 : 0;
    const last = seen.at(-1);
    if (answers !== last?.answers || states !== last.targets)
      seen.push({ seconds: Math.round((Date.now() - began) / 1000), answers, targets: states });
  }
  return seen;
}

const back = (tried: Tried): Promise<Seen[]> => watch(tried, undefined, 'the load balancer');
