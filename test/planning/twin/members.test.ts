import * as client from '@aws-sdk/client-ecs';
import type { Service } from '@aws-sdk/client-ecs';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  configurationMembers,
  deploymentMembers,
  loadBalancerMembers,
  missingInTwin,
  serviceMembers,
  targetGroupMembers,
} from '../../../planning/twin/members';

import { detectionOf, detectionOff } from '../../../planning/twin/failure-detection';

const { membersOf } = jest.requireActual<{ membersOf: (sdk: object, shape: string) => string[] }>(
  '../../../scripts/aws-shapes.js',
);

test.each([
  ['Service', client, serviceMembers],
  ['Deployment', client, deploymentMembers],
  ['DeploymentConfiguration', client, configurationMembers],
  ['LoadBalancer', client, loadBalancerMembers],
  ['TargetGroup', balancing, targetGroupMembers],
])(
  'whatever AWS tells of a %s is decided on: carried, harmless, or refused',
  (shape, sdk, { carried, harmless, lacking }) => {
    const decided = [...carried, ...harmless, ...Object.keys(lacking)];
    expect(decided.toSorted()).toEqual(membersOf(sdk, shape).toSorted());
  },
);

/** What a deployment here decides for itself, or a service that has it is refused for. */
const decidedHere = [
  'cluster',
  'serviceName',
  'taskDefinition',
  'desiredCount',
  'clientToken',
  'loadBalancers',
  'role',
  'tags',
  'schedulingStrategy',
  'deploymentController',
  'serviceConnectConfiguration',
  'vpcLatticeConfigurations',
];
/** AWS tells these of a service's revisions only, whose permission a worker hasn't. */
const untold = ['monitoring', 'gatewayConnectors'];

test('CreateService takes nothing that a twin isn’t given, but for what DescribeServices doesn’t tell', () => {
  const carried: string[] = [...serviceMembers.carried, ...deploymentMembers.carried, ...decidedHere];
  const described = [...membersOf(client, 'Service'), ...membersOf(client, 'Deployment')];
  const left = membersOf(client, 'CreateServiceRequest').filter((member) => !carried.includes(member));
  expect(left.toSorted()).toEqual(untold.toSorted());
  expect(left.filter((member) => described.includes(member))).toEqual([]);
});

test('CreateTargetGroup takes nothing that a twin’s isn’t given', () => {
  const carried: string[] = [...targetGroupMembers.carried, 'Name', 'Tags', 'HealthCheckEnabled'];
  expect(membersOf(balancing, 'CreateTargetGroupInput').toSorted()).toEqual(carried.toSorted());
});

const plain: Service = {
  serviceName: 'orders',
  status: 'ACTIVE',
  createdAt: new Date(0),
  events: [{ id: '1', message: 'steady' }],
  deploymentConfiguration: { maximumPercent: 200, alarms: { alarmNames: ['a'], enable: true, rollback: true } },
  deployments: [{ status: 'PRIMARY', launchType: 'FARGATE' }],
};

test('a service like cutover’s own has nothing that a twin lacks', () => {
  expect(missingInTwin(plain)).toEqual([]);
});

test('what ECS judges deployments by is what is on, and all of it can be switched off', () => {
  const { failureDetection } = detectionOf(plain.deploymentConfiguration);
  expect(failureDetection).toEqual({ alarms: { alarmNames: ['a'], enable: true, rollback: true } });
  expect(detectionOff(failureDetection)).toEqual({ alarms: { alarmNames: ['a'], enable: false, rollback: false } });
  expect(detectionOf({ deploymentCircuitBreaker: { enable: false, rollback: false } })).toEqual({});
});

test('a Classic Load Balancer is named: its clients would find nobody', () => {
  const entry = { loadBalancerName: 'old', containerName: 'web', containerPort: 80 };
  expect(missingInTwin({ ...plain, loadBalancers: [entry] })).toEqual(['loadBalancerName (a Classic Load Balancer)']);
});

test('what a twin would lack is named, and what AWS may add one day too', () => {
  const lattice = [{ roleArn: 'r', targetGroupArn: 't', portName: 'http' }];
  expect(missingInTwin({ ...plain, deployments: [{ vpcLatticeConfigurations: lattice }] })).toEqual([
    'vpcLatticeConfigurations (target groups of VPC Lattice)',
  ]);
  expect(missingInTwin({ ...plain, gatewayConnectors: [{ arn: 'a' }], noneYet: [], off: false } as Service)).toEqual([
    'gatewayConnectors',
  ]);
});
