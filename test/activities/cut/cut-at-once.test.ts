/** The cut after one last look, on the local AWS's rules: it moves live traffic only where everything is as it was verified. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { cutActivities, type CutAtOnceThrough, type Left } from '../../../activities/cut';
import type { ConfirmedCount } from '../../../activities/aws/together';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { routeRules } from '../../../planning/routing/rule-set';
import { orders } from '../../planning/zone';
import { settingsAt, startLocalZone, type LocalZone } from '../aws/local-zone';

const definition = 'arn:aws:ecs:us-east-1:000000000000:task-definition/outsystems-orders:7';

let zone: LocalZone;
let green: string;
let targets: { readonly Target: object; readonly TargetHealth: { readonly State: string } }[];
let blueWants: number;

beforeAll(async () => {
  zone = await startLocalZone();
  green = await zone.greenGroup();
  const { attributes } = zone.plan.green.targetGroup;
  await zone.run('setTargetGroupAttributes', [zone.plan.site, green, attributes]);
});
afterAll(() => zone.close());
beforeEach(async () => {
  const healthy = { TargetHealth: { State: 'healthy' } };
  targets = [{ Target: { Id: '10.0.0.7', Port: 80 }, ...healthy }];
  blueWants = 1;
  await setRoute({ blue: 100, green: 0 });
});

const blue = () => zone.plan.blue.targetGroupArn ?? '';
const groups = () => ({ blue: zone.plan.blue.targetGroupArn, green });
const setRoute = async (traffic: { readonly blue: number; readonly green: number }) =>
  await zone.run('setRoute', [zone.plan.site, zone.plan.liveRoute, traffic, groups()]);

/** How live traffic is shared, by target group. */
async function shares(): Promise<Readonly<Record<string, number>>> {
  const rules = routeRules(await describeRules(zone.clients.elb, zone.listenerArn), orders, 'live');
  const forwarded = rules.flatMap(({ forward }) => forward.filter(({ weight }) => weight !== 0));
  return Object.fromEntries(forwarded.map(({ targetGroupArn, weight }) => [targetGroupArn, weight ?? 0]));
}

/** The rules and the target groups are the local AWS's; services and healthy targets are said here. */
function clients() {
  const service = (serviceName: string) => {
    const desiredCount = serviceName === 'blue' ? blueWants : 1;
    const deployments = [{ status: 'PRIMARY', taskDefinition: definition }];
    return { serviceName, status: 'ACTIVE', desiredCount, runningCount: 1, taskDefinition: definition, deployments };
  };
  const ecs = {
    send: ({ input }: { input: { services?: string[] } }) =>
      Promise.resolve(input.services ? { services: input.services.map(service) } : {}),
  };
  const { elb } = zone.clients;
  const send = (command: { input: object }) =>
    command.constructor.name === 'DescribeTargetHealthCommand'
      ? Promise.resolve({ TargetHealthDescriptions: targets })
      : elb.send(command as never);
  return {
    ...zone.clients,
    ecs,
    elb: new Proxy(elb, { get: (of, name) => (name === 'send' ? send : of[name as never]) }),
  };
}

/** @param change of what is given to a deployment of one replica whose users come by a login, so that nobody can be asked */
async function cut(change: Partial<CutAtOnceThrough> = {}, attempt = 1): Promise<Left | null> {
  const {
    site,
    green: planned,
    testAddress,
    liveAddress,
  } = zone.plan as never as CutAtOnceThrough & {
    readonly green: { readonly service: { readonly name: string } };
  };
  const service = planned.service.name;
  const through: CutAtOnceThrough = {
    site,
    replicas: {
      service,
      taskDefinitionArn: definition,
      targetGroupArn: green,
      count: 1,
      ignoredTasks: [],
      timeoutMs: 60_000,
    },
    testAddress,
    liveAddress,
    paths: [],
    verification: { settleMs: 0 },
    reached: false,
    releases: null,
    ...change,
  };
  const counted: ConfirmedCount = {
    relied: [{ green: { arn: green, plan: zone.plan.green.targetGroup }, blue: null }],
    wanted: { service, atLeast: 1 },
    like: 'blue',
  };
  const activities = cutActivities({
    clientsOf: () => clients() as never,
    settings: () => settingsAt(zone.listenerArn),
    earlierRuns: () => Promise.resolve({ areAllKnown: true }),
  } as never);
  const moves = [{ route: zone.plan.liveRoute, groups: groups() }] as const;
  const asked = new MockActivityEnvironment({
    workflowExecution: { workflowId: 'production/Orders', runId: 'run-1' },
    attempt,
    startToCloseTimeoutMs: 120_000,
    scheduleToCloseTimeoutMs: 600_000,
  });
  return await asked.run(() =>
    activities.cutAtOnce(site, [through], counted, { moves, traffic: { blue: 0, green: 100 } }),
  );
}

test('a replica that is not healthy any more keeps live traffic with blue, and the reason names the service', async () => {
  targets = [{ Target: { Id: '10.0.0.7', Port: 80 }, TargetHealth: { State: 'unhealthy' } }];
  expect(await cut()).toEqual({ why: expect.stringMatching(/: not every replica is healthy\.$/), isUntouched: true });
  expect(await shares()).toEqual({ [blue()]: 100 });
});

test('a module that nobody answers for keeps live traffic with blue', async () => {
  expect(await cut({ paths: ['/Orders'] })).toMatchObject({ isUntouched: true });
  expect(await shares()).toEqual({ [blue()]: 100 });
});

test('a target group that somebody changed meanwhile, or a blue that was scaled up, does so too', async () => {
  blueWants = 3;
  expect(await cut()).toMatchObject({ why: 'blue wants 3 replicas by now.' });
  blueWants = 1;
  const delay = { Key: 'deregistration_delay.timeout_seconds', Value: '7' };
  await zone.local.elbv2.modifyTargetGroupAttributes({ TargetGroupArn: green, Attributes: [delay] });
  expect(await cut()).toMatchObject({ why: expect.stringContaining('deregistration_delay.timeout_seconds: ') });
  expect(await shares()).toEqual({ [blue()]: 100 });
  const was = zone.plan.green.targetGroup.attributes['deregistration_delay.timeout_seconds'];
  await zone.local.elbv2.modifyTargetGroupAttributes({
    TargetGroupArn: green,
    Attributes: [{ ...delay, Value: was }],
  });
});

test('after a first attempt it is not certain that live traffic is untouched', async () => {
  targets = [];
  expect(await cut({}, 2)).toMatchObject({ isUntouched: false });
});

test('green as it was verified gets live traffic at once, and a second attempt changes nothing', async () => {
  expect(await cut()).toBeNull();
  expect(await shares()).toEqual({ [green]: 100 });
  expect(await cut({}, 2)).toBeNull();
  expect(await shares()).toEqual({ [green]: 100 });
});

test('a rule that somebody changed meanwhile is refused, and stays as they made it', async () => {
  const [rule] = routeRules(await describeRules(zone.clients.elb, zone.listenerArn), orders, 'live');
  const theirs = [{ Field: 'path-pattern' as const, Values: ['/Orders/by-hand'] }];
  await zone.local.elbv2.modifyRule({ RuleArn: rule?.arn, Conditions: theirs });
  await expect(cut()).rejects.toMatchObject({ type: 'RouteChangedByOthers' });
  expect(await shares()).toEqual({ [blue()]: 100 });
});
