/** The examples in docs/examples: settings that can be read, and that each of their applications can be deployed with. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolveApplication } from '../../activities/aws/plans/applications';
import { planRequestOf } from '../../activities/aws/plans/runbook-plan';
import { planBlueGreen, type DeploymentPlan } from '../../planning/plans/deployment';
import { inZone } from '../../planning/routing/live-and-test-routes';
import { parseSettings } from '../../settings/load';
import { listener, observed, release, slot } from '../planning/zone';
import { root } from './documents';

const folder = join(root, 'docs', 'examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

const settingsIn = (file: string) => parseSettings(readFileSync(join(folder, file), 'utf8'), file);

/** The first deployment of each application of the first zone. */
function plansIn(file: string): Map<string, DeploymentPlan> {
  const settings = settingsIn(file);
  const [zone = ''] = Object.keys(settings.zones);
  return new Map(
    Object.keys(settings.applications).map((name) => {
      const known = resolveApplication(settings, `${zone}/${name}`);
      const { listener: live, testListener = live } = known.zone;
      const found = observed({
        liveListener: inZone(known.zone, listener(live)),
        testListener: listener(testListener),
        others: (known.zone.otherListeners ?? []).map((settings) => ({
          settings,
          liveListener: listener(settings.listener),
          testListener: listener(settings.testListener ?? settings.listener),
          elsewhere: [],
          slots: [slot('a'), slot('b')],
        })),
        release: { ...release('1.0.0', [name]), configuration: known.zone.configuration ? 'ab'.repeat(32) : null },
      });
      return [name, planBlueGreen(planRequestOf(known, 'blueGreen', {}, 'run-1'), found)];
    }),
  );
}

test.each(files)('%s can be read, and everything in it planned', (file) => {
  const plans = plansIn(file);
  expect(plans.size).toBeGreaterThan(0);
  for (const [name, plan] of plans) {
    expect(plan.paths).toEqual([`/${name}`]);
    expect(plan.taskDefinition.containerDefinitions?.[0]?.image).toContain('orders@sha256');
  }
});

test('Windows on EC2: Orders has twice the memory, and both find App.config and secrets on FSx', () => {
  const plans = plansIn('windows-on-ec2-with-fsx.yaml');
  const [orders, invoices] = [plans.get('Orders')!, plans.get('Invoices')!];
  expect(orders.green.service.desiredCount).toBe(4);
  expect(orders.taskDefinition).toMatchObject({
    runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' },
    containerDefinitions: [{ cpu: 1024, memory: 8192, mountPoints: [{ containerPath: String.raw`c:\configs` }, {}] }],
  });
  expect(invoices.taskDefinition.containerDefinitions?.[0]).toMatchObject({ cpu: 1024, memory: 4096 });
  expect(orders.green.targetGroup.targetType).toBe('instance');
  expect(orders.green.service.settings).toMatchObject({
    healthCheckGracePeriodSeconds: 600,
    capacityProviderStrategy: [{ capacityProvider: 'windows-2022' }],
  });
});

test('Linux on Fargate: an application has its own sizes, health check, roles and tags, and can go without a log group', () => {
  const plans = plansIn('linux-on-fargate.yaml');
  const [orders, invoices] = [plans.get('Orders')!, plans.get('Invoices')!];
  expect(orders.taskDefinition).toMatchObject({ cpu: '2048', memory: '8192' });
  expect(orders.green.targetGroup).toMatchObject({
    healthCheck: { path: '/Orders/health' },
    tags: { CostCentre: '5678' },
  });
  expect(invoices.taskDefinition.taskRoleArn).toMatch(/invoices-task$/);
  expect(invoices.taskDefinition.containerDefinitions?.[0]).not.toHaveProperty('logConfiguration');
});

test('behind CloudFront: rules ask for its header, probes send it, and the secret is nowhere', () => {
  const plans = plansIn('behind-cloudfront.yaml');
  const [orders, backoffice] = [plans.get('Orders')!, plans.get('Backoffice')!];
  expect(orders.liveAddress.headers).toEqual({ 'X-Origin-Verify': '${file:/run/secrets/origin-verify}' });
  expect(orders.taskDefinition.containerDefinitions?.[0]?.secrets).toEqual([
    { name: 'APP_CONFIG', valueFrom: expect.stringContaining('orders-config') as string },
  ]);
  const fields = backoffice.liveRoute.rules.flatMap(({ after }) => after?.conditions.map(({ field }) => field) ?? []);
  expect(fields).toEqual(['host-header', 'http-header', 'source-ip', 'path-pattern']);
});

test('internal and public: the same rules on both, a target group behind each, the header only where it is public', () => {
  const orders = plansIn('internal-and-public.yaml').get('Orders')!;
  const [outside, ...others] = orders.alsoThrough ?? [];
  expect(others).toEqual([]);
  expect(orders.testAddress.headers).toEqual({});
  const origin = { 'X-Origin-Verify': '${file:/run/secrets/origin-verify}' };
  expect(outside?.liveAddress.headers).toEqual(origin);
  expect(outside?.testAddress.headers).toEqual({ ...origin, 'X-Cutover-Test': '${file:/run/secrets/test-route}' });
  expect(outside?.liveRoute.listenerArn).toContain('/public/');
  expect(outside?.green.targetGroup.name).not.toBe(orders.green.targetGroup.name);
});
