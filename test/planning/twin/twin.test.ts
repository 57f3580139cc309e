/** Green is what the settings want, and blue where they don't say. */
import { planBlueGreen } from '../../../planning/plans/deployment';
import type { ObservedSlot } from '../../../planning/observed/observed';
import { tagsAtCreation } from '../../../planning/tags';
import { inSlotA, observed, release, request, rule, slot, listener, testListenerArn } from '../zone';

const network = (subnet: string) => ({
  awsvpcConfiguration: { subnets: [subnet], securityGroups: [], assignPublicIp: 'DISABLED' as const },
});
const blue = {
  launchType: 'FARGATE' as const,
  healthCheckGracePeriodSeconds: 90,
  networkConfiguration: network('subnet-1'),
  enableExecuteCommand: true,
  deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 300 },
};
const fixed = { protocol: 'HTTP', protocolVersion: 'HTTP1', port: 80, targetType: 'ip', vpcId: 'vpc-1' };
const healthCheck = {
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: '8081',
  HealthCheckPath: '/Orders/_ping.aspx',
  HealthCheckIntervalSeconds: '30',
  HealthCheckTimeoutSeconds: '7',
  HealthyThresholdCount: '4',
  UnhealthyThresholdCount: '3',
  Matcher: '200-399',
};

function planned(settings = '', a: Partial<ObservedSlot> = {}, b: Partial<ObservedSlot> = {}, more: object = {}) {
  const { liveListener } = inSlotA();
  const slots = [
    { ...slot('a', { release: release('1.0.0', ['Orders']), settings: blue }), fixed, healthCheck, ...a },
    { ...slot('b', { desiredCount: 0 }), fixed, ...b },
  ];
  return planBlueGreen(request({}, settings), observed({ liveListener, slots, ...more }));
}

test('what the settings say is what green gets, from the next deployment on', () => {
  const edited =
    ', network: { subnets: [subnet-2], securityGroups: [sg-2] }, service: { healthCheckGracePeriod: 10m, maximumPercent: 150, enableExecuteCommand: false, propagateTags: SERVICE }';
  expect(planned(edited).green.service.settings).toEqual({
    launchType: 'FARGATE',
    healthCheckGracePeriodSeconds: 600,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-2'], securityGroups: ['sg-2'], assignPublicIp: 'DISABLED' },
    },
    enableExecuteCommand: false,
    propagateTags: 'SERVICE',
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
  });
});

test('what they don’t say is as blue has it, the health check too', () => {
  const { service, targetGroup } = planned().green;
  expect(service.settings).toEqual(blue);
  expect(targetGroup).toMatchObject({
    protocol: 'HTTP',
    port: 80,
    vpcId: 'vpc-1',
    protocolVersion: 'HTTP1',
    healthCheck: { port: '8081', intervalSeconds: 30, timeoutSeconds: 7, healthyThreshold: 4, matcher: '200-399' },
  });
});

test('the health check’s path goes with the first module, unless somebody chose another', () => {
  const next = { release: release('2.0.0', ['Billing', 'Orders']) };
  expect(planned('', {}, {}, next).green.targetGroup.healthCheck.path).toBe('/Billing/_ping.aspx');
  const chosen = { healthCheck: { ...healthCheck, HealthCheckPath: '/health' } };
  expect(planned('', chosen, {}, next).green.targetGroup.healthCheck.path).toBe('/health');
});

test.each([
  ['a launch type takes the place of blue’s strategy', ', service: { launchType: FARGATE }', { launchType: 'FARGATE' }],
  [
    'a strategy takes the place of a launch type',
    ', service: { capacityProviderStrategy: [{ capacityProvider: FARGATE_SPOT }] }',
    { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
  ],
  ['blue’s strategy stays where neither is named', '', { capacityProviderStrategy: [{ capacityProvider: 'ours' }] }],
  [
    'the cluster’s default takes the place of both',
    ', service: { capacityProviderStrategy: [] }',
    { capacityProviderStrategy: [] },
  ],
])('%s', (_, settings, capacity) => {
  const { launchType: _type, ...others } = blue;
  const service = {
    release: release('1.0.0', ['Orders']),
    settings: { ...others, capacityProviderStrategy: [{ capacityProvider: 'ours' }] },
  };
  const { launchType, capacityProviderStrategy } = planned(settings, slot('a', service)).green.service.settings;
  expect({ ...(launchType && { launchType }), ...(capacityProviderStrategy && { capacityProviderStrategy }) }).toEqual(
    capacity,
  );
});

test('an idle slot’s target group that can’t be changed is made anew, and refused while a rule leads to it', () => {
  const edited = ', targetGroup: { protocol: HTTPS, port: 443 }';
  expect(planned().green.targetGroup.replaces).toBeUndefined();
  expect(planned(edited).green.targetGroup).toMatchObject({ protocol: 'HTTPS', port: 443, replaces: 'group-b' });
  const user = rule('arn/test', 5, { forward: [{ targetGroupArn: 'group-b', weight: 0 }] });
  expect(() => planned(edited, {}, {}, { testListener: listener(testListenerArn, user) })).toThrow(
    /must be made anew \(protocol: HTTP → HTTPS, port: 80 → 443\).*arn\/test \(priority 5\) still leads to it.*delete-target-group --target-group-arn group-b/,
  );
});

test('tasks without addresses of their own are targets by instance, and have no network', () => {
  const edited = ', service: { launchType: EC2 }, taskDefinition: { networkMode: bridge }';
  const { service, targetGroup } = planned(edited).green;
  expect(targetGroup).toMatchObject({ targetType: 'instance', replaces: 'group-b' });
  expect(service.settings.networkConfiguration).toBeUndefined();
});

test('Cloud Map registries and volumes that are configured at launch go with the service', () => {
  const settings = {
    ...blue,
    serviceRegistries: [{ registryArn: 'srv-1' }],
    volumeConfigurations: [{ name: 'data', managedEBSVolume: { roleArn: 'r', sizeInGiB: 5 } }],
  };
  const with_ = (template: string) =>
    planned(
      `, taskDefinition: { volumes: [${template}] }`,
      slot('a', { release: release('1.0.0', ['Orders']), settings }),
    );
  expect(with_('{ name: data, configuredAtLaunch: true }').green.service.settings).toEqual(settings);
  expect(() => with_('')).toThrow(/volumeConfigurations have data, which is no volume/);
  expect(() => planned(', taskDefinition: { volumes: [{ name: logs, configuredAtLaunch: true }] }')).toThrow(
    /Volume logs .* is configured at launch, and nothing says how: add it to the zone's service\.volumeConfigurations/,
  );
});

test('a slot that somebody put into a second target group is refused: its twin would be in one', () => {
  const service = { release: release('1.0.0', ['Orders']), targetGroupArns: ['group-a', 'internal'] };
  expect(() => planned('', slot('a', service))).toThrow(/service-a is in 2 target groups/);
});

test('a platform version of Fargate isn’t taken over to instances', () => {
  const settings = { ...blue, platformVersion: '1.4.0' };
  const a = slot('a', { release: release('1.0.0', ['Orders']), settings });
  expect(planned('', a).green.service.settings).toMatchObject({ platformVersion: '1.4.0' });
  const moved = planned(', service: { launchType: EC2 }', a).green.service.settings;
  expect(moved).toMatchObject({ launchType: 'EC2' });
  expect(moved).not.toHaveProperty('platformVersion');
});

test('where blue places its tasks on instances isn’t taken over to Fargate, which takes no such thing', () => {
  const placed = {
    placementConstraints: [{ type: 'distinctInstance' as const }],
    placementStrategy: [{ type: 'spread' as const, field: 'instanceId' }],
  };
  const settings = { ...blue, launchType: 'EC2' as const, ...placed };
  const a = slot('a', { release: release('1.0.0', ['Orders']), settings });
  expect(planned(', service: { launchType: EC2 }', a).green.service.settings).toMatchObject(placed);
  expect(planned(', service: { launchType: FARGATE }', a).green.service.settings).toMatchObject({
    placementConstraints: [],
    placementStrategy: [],
  });
});

test('a tag that somebody gave blue’s service is on green’s too, and one that the settings wanted before isn’t', () => {
  const tags = { ...tagsAtCreation({ Owner: 'ops', CostCentre: '1' }), Team: 'web' };
  const a = slot('a', { release: release('1.0.0', ['Orders']), settings: blue, tags });
  const { service } = planned(", tags: { CostCentre: '42' }", a).green;
  expect(service).toMatchObject({ tags: { CostCentre: '42' }, tagsOfOthers: { Team: 'web' } });
  expect(service.tags).not.toHaveProperty('Owner');
});

test('a target group for gRPC is refused, because modules answer over HTTP', () => {
  expect(() => planned('', { fixed: { ...fixed, protocolVersion: 'GRPC' } })).toThrow(/protocol version GRPC/);
});

test('green is refused on a port of the instance where blue listens', () => {
  const host = ', taskDefinition: { networkMode: host }, service: { launchType: EC2 }';
  const { service } = slot('a', { release: release('1.0.0', ['Orders']) });
  const at = (port: number) => ({ service: { ...service!, container: { name: 'app', port } } });
  expect(() => planned(host, at(80))).toThrow(/network mode "host" .* port 80 .* listens already/);
});
