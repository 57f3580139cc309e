/** What an edit of the settings changes is told with now and then, and with the line that wants it: one of each kind. */
import { zoneOf } from '../../../settings/applications/zone';
import { placeInSettings } from '../../../settings/applications/origins';
import { parseSettings } from '../../../settings/load';
import type { ServiceSettings } from '../../../planning/observed/observed';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { previewDeployment } from '../../../planning/preview/deployment';
import { inSlotA, listenerArn, observed, orders, release, request, slot, testListenerArn } from '../zone';

const registry = (id: string) => `arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-${id}`;
const now: ServiceSettings = {
  launchType: 'FARGATE',
  platformVersion: 'LATEST',
  healthCheckGracePeriodSeconds: 60,
  enableExecuteCommand: false,
  enableECSManagedTags: false,
  propagateTags: 'NONE',
  availabilityZoneRebalancing: 'ENABLED',
  serviceRegistries: [{ registryArn: registry('1') }],
  networkConfiguration: {
    awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' },
  },
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
};
const group = {
  fixed: { protocol: 'HTTP', protocolVersion: 'HTTP1', port: 80, targetType: 'ip', vpcId: 'vpc-1' },
  healthCheck: {
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckPath: '/Orders/_ping.aspx',
    Matcher: '200',

    HealthCheckIntervalSeconds: '10',
    HealthCheckTimeoutSeconds: '5',
    HealthyThresholdCount: '2',
    UnhealthyThresholdCount: '2',
  },
  attributes: { 'deregistration_delay.timeout_seconds': '120', 'slow_start.duration_seconds': '0' },
};
const blueTaskDefinition = {
  family: 'Orders',
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc' as const,
  containerDefinitions: [
    { name: 'application', image: 'registry/orders@sha256:1.0.0', portMappings: [{ containerPort: 8080 }] },
  ],
};

/** The lines of the settings from the eighth on, and what plan says with them. */
function told(lines: readonly string[]): string[] {
  const text = [
    'zones:',
    '  production:',
    '    address: https://apps.example.com',
    '    region: eu-west-1',
    '    cluster: outsystems',
    `    listener: ${listenerArn}`,
    `    testListener: ${testListenerArn}`,
    ...lines.map((line) => `    ${line}`),
    'applications:',
    `  Orders: { key: ${orders.key} }`,
  ];
  const settings = parseSettings(text.join('\n'), 'cutover.yaml');
  const own = zoneOf(settings, 'production', 'Orders');
  if (!own || !('zone' in own)) throw new Error(own?.fault);
  const { liveListener } = inSlotA();
  const serving = { ...slot('a', { release: release('1.0.0', ['Orders']), settings: now }), ...group };
  const seen = observed({
    liveListener,
    slots: [serving, { ...slot('b', { desiredCount: 0 }), ...group }],
    release: release('2.0.0', ['Orders']),
  });
  const whose = { zone: 'production', application: 'Orders' };
  const { changes } = previewDeployment(planBlueGreen({ ...request(), zone: own.zone }, seen), {
    observed: seen,
    blueTaskDefinition,
    loadBalancers: [],
    placeOf: (path) => placeInSettings(settings, whose, path),
  });
  return changes.flatMap(({ details }) => details);
}

test.each<[string, string[], string]>([
  [
    'a strategy',
    ['service: { capacityProviderStrategy: [{ capacityProvider: FARGATE_SPOT, weight: 1 }] }'],
    'capacityProviderStrategy.0.capacityProvider: none → "FARGATE_SPOT" (cutover.yaml:8)',
  ],
  ['a launch type', ['service: { launchType: EC2 }'], 'launchType: "FARGATE" → "EC2" (cutover.yaml:8)'],
  [
    'a platform version',
    ['service: { platformVersion: 1.4.0 }'],
    'platformVersion: "LATEST" → "1.4.0" (cutover.yaml:8)',
  ],
  [
    'a grace period',
    ['service:', '  healthCheckGracePeriod: 90s'],
    'healthCheckGracePeriodSeconds: 60 → 90 (cutover.yaml:9)',
  ],
  [
    'a percent',
    ['service: { minimumHealthyPercent: 50 }'],
    'deploymentConfiguration.minimumHealthyPercent: 100 → 50 (cutover.yaml:8)',
  ],
  ['exec', ['service: { enableExecuteCommand: true }'], 'enableExecuteCommand: false → true (cutover.yaml:8)'],
  ['tags of tasks', ['service: { propagateTags: SERVICE }'], 'propagateTags: "NONE" → "SERVICE" (cutover.yaml:8)'],
  [
    'AWS’s own tags',
    ['service: { enableECSManagedTags: true }'],
    'enableECSManagedTags: false → true (cutover.yaml:8)',
  ],
  [
    'rebalancing',
    ['service: { availabilityZoneRebalancing: DISABLED }'],
    'availabilityZoneRebalancing: "ENABLED" → "DISABLED" (cutover.yaml:8)',
  ],
  [
    'a registry',
    [`service: { serviceRegistries: [{ registryArn: '${registry('2')}' }] }`],
    `serviceRegistries.0.registryArn: "${registry('1')}" → "${registry('2')}" (cutover.yaml:8)`,
  ],
  [
    'placement',
    ['service: { launchType: EC2, placementStrategy: [{ type: spread, field: host }] }'],
    'placementStrategy.0.field: none → "host" (cutover.yaml:8)',
  ],
  [
    'subnets',
    ['network: { subnets: [subnet-2], securityGroups: [sg-1] }'],
    'networkConfiguration.awsvpcConfiguration.subnets.0: "subnet-1" → "subnet-2" (cutover.yaml:8)',
  ],
  [
    'a public address',
    ['network: { subnets: [subnet-1], securityGroups: [sg-1], assignPublicIp: true }'],
    'networkConfiguration.awsvpcConfiguration.assignPublicIp: "DISABLED" → "ENABLED" (cutover.yaml:8)',
  ],
  ['sizes', ["taskDefinition: { cpu: '512' }"], 'cpu: "256" → "512" (cutover.yaml:8)'],
  [
    'a network mode',
    ['taskDefinition: { networkMode: bridge }', 'service: { launchType: EC2 }'],
    'networkMode: "awsvpc" → "bridge" (cutover.yaml:8)',
  ],
  ['a port of targets', ['targetGroup: { port: 8080 }'], 'port: 80 → 8080 (cutover.yaml:8)'],
  ['a protocol', ['targetGroup: { protocol: HTTPS }'], 'protocol: HTTP → HTTPS (cutover.yaml:8)'],
  [
    'a target type',
    [
      'taskDefinition: { networkMode: bridge }',
      'service: { launchType: EC2 }',
      'targetGroup: { targetType: instance }',
    ],
    'targetType: ip → instance (cutover.yaml:10)',
  ],
  ['a VPC', ['targetGroup: { vpc: vpc-2 }'], 'vpcId: vpc-1 → vpc-2 (cutover.yaml:8)'],
  [
    'an interval',
    ['targetGroup:', '  healthCheck:', '    interval: 20s'],
    'HealthCheckIntervalSeconds: "10" → "20" (cutover.yaml:10)',
  ],
  [
    'a path of the health check',
    ['targetGroup: { healthCheck: { path: /up } }'],
    'HealthCheckPath: "/Orders/_ping.aspx" → "/up" (cutover.yaml:8)',
  ],
  ['a matcher', ['targetGroup: { healthCheck: { matcher: 200-299 } }'], 'Matcher: "200" → "200-299" (cutover.yaml:8)'],
  [
    'a delay',
    ['targetGroup: { deregistrationDelay: 30s }'],
    'deregistration_delay.timeout_seconds: "120" → "30" (cutover.yaml:8)',
  ],
  [
    'an attribute',
    ["targetGroup: { attributes: { slow_start.duration_seconds: '30' } }"],
    'slow_start.duration_seconds: "0" → "30" (cutover.yaml:8)',
  ],
  [
    'a header that requests bear',
    ['conditions: [{ header: X-Origin, values: [a-secret-value] }]'],
    '+ http-header X-Origin: … (cutover.yaml:8)',
  ],
  [
    'addresses that are let in',
    ['conditions: [{ sourceIp: [10.0.0.0/8] }]'],
    '+ source-ip 10.0.0.0/8 (cutover.yaml:8)',
  ],
  ['a host', ['hosts: [apps.example.com]'], '+ host-header apps.example.com (cutover.yaml:8)'],
])('%s', (_, lines, difference) => {
  expect(told(lines)).toContain(difference);
});

test('where nothing is edited no line is named', () => {
  expect(told([]).filter((line) => line.includes('cutover.yaml'))).toEqual([]);
});
