/** Target tracking acts on what the load balancer counts, and on what a test says of the CPU. */
import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { join } from 'node:path';
import { behind, createZone, vpc, type Zone } from '../ecs/zone';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../local-aws';
import { makeImage, server } from '../sample-image';

const cpu = 'ECSServiceAverageCPUUtilization';
let local: LocalAws;
let autoscaling: ApplicationAutoScaling;
let zone: Zone;

beforeAll(async () => {
  // A minute is 200 ms.
  local = await startLocalAws({ timeScale: 300 });
  const settings = { endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials, maxAttempts: 1 };
  autoscaling = new ApplicationAutoScaling(settings);
  zone = await createZone(local);
  await makeImage(join(local.folder, 'images'), 'web:1', server);
  await local.ecs.registerTaskDefinition({
    family: 'orders',
    containerDefinitions: [{ name: 'web', image: 'none:1', memory: 128 }],
  });
});
afterAll(() => local.close());

const targetOf = (service: string) =>
  ({
    ServiceNamespace: 'ecs',
    ResourceId: `service/zone/${service}`,
    ScalableDimension: 'ecs:service:DesiredCount',
  }) as const;

async function scaledService(serviceName: string, policy: object, suspended: object = {}): Promise<void> {
  await local.ecs.createService({ cluster: 'zone', serviceName, taskDefinition: 'orders', desiredCount: 2 });
  await scale(serviceName, policy, suspended);
}

async function scale(serviceName: string, policy: object, suspended: object = {}): Promise<void> {
  const target = targetOf(serviceName);
  await autoscaling.registerScalableTarget({ ...target, MinCapacity: 1, MaxCapacity: 6, SuspendedState: suspended });
  await autoscaling.putScalingPolicy({
    ...target,
    PolicyName: 'tracked',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 50,
      PredefinedMetricSpecification: { PredefinedMetricType: cpu },
      ScaleInCooldown: 0,
      ScaleOutCooldown: 0,
      ...policy,
    },
  });
}

const setMetric = async (service: string, value?: number): Promise<unknown> =>
  await fetch(`${local.aws.controlUrl}/metrics`, {
    method: 'POST',
    body: JSON.stringify({ resource: `service/zone/${service}`, metric: cpu, value }),
  });

const countOf = async (service: string): Promise<number | undefined> =>
  (await local.ecs.describeServices({ cluster: 'zone', services: [service] })).services?.[0]?.desiredCount;

test('above its target a service is scaled out as far as its bounds allow, and below it in again', async () => {
  await scaledService('busy', {});
  await setMetric('busy', 75);
  await eventually(
    () => countOf('busy'),
    (count) => count === 6,
  );
  await setMetric('busy', 10);
  await eventually(
    () => countOf('busy'),
    (count) => count === 1,
  );
});

test('what is suspended, or not to be scaled in, stays while others act, and a cooldown is waited for', async () => {
  await scaledService('suspended', {}, { DynamicScalingOutSuspended: true });
  await scaledService('not-in', { DisableScaleIn: true });
  await scaledService('cooling', { ScaleOutCooldown: 3_000 });
  await scaledService('acting', {});
  await setMetric('suspended', 100);
  await setMetric('not-in', 1);
  await setMetric('cooling', 60);
  await setMetric('acting', 10);
  await eventually(
    () => countOf('acting'),
    (count) => count === 1,
  );
  expect(await Promise.all(['suspended', 'not-in', 'cooling'].map(countOf))).toEqual([2, 2, 3]);
  await eventually(
    () => countOf('cooling'),
    (count) => count === 4,
  );
});

test('the requests of a target group are counted for each of its tasks', async () => {
  const group = await zone.createGroup('asked');
  const definition = await zone.registerTaskDefinition('web:1');
  await zone.createService('asked', definition, { desiredCount: 1, networkConfiguration: vpc, ...behind(group) });
  await zone.steady('asked');
  const { LoadBalancers: [balancer] = [] } = await local.elbv2.describeLoadBalancers({});
  const loadBalancerArn = balancer?.LoadBalancerArn ?? '';
  const label = `${loadBalancerArn.split(':loadbalancer/')[1]}/${group.split(':').at(-1)}`;
  await scale('asked', {
    PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: label },
  });
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  let RequestCount = 0;
  // More with each report, as where many ask all the time.
  await eventually(
    () => {
      RequestCount += 1_000;
      const counts = [{ loadBalancerArn, targetGroupArn: group, minute, values: { RequestCount } }];
      local.proxy.setCounts({ run: 'one', now: Date.now(), counts });
      return countOf('asked');
    },
    (count) => count === 6,
  );
});
