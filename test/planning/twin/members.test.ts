import * as client from '@aws-sdk/client-ecs';
import type { Service } from '@aws-sdk/client-ecs';
import * as balancing from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  configurationMembers,
  deploymentMembers,
  loadBalancerMembers,
  missingInTwin,
  revisionMembers,
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
  ['ServiceRevision', client, revisionMembers],
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
];

test('CreateService takes nothing that a twin isn’t given, or a service that has it is refused for', () => {
  const lists = [serviceMembers, deploymentMembers, revisionMembers];
  const decided = lists.flatMap(({ carried, lacking }): string[] => [...carried, ...Object.keys(lacking)]);
  const left = membersOf(client, 'CreateServiceRequest').filter(
    (member) => !decided.includes(member) && !decidedHere.includes(member),
  );
  expect(left).toEqual([]);
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
  expect(missingInTwin(plain, { gatewayConnectors: [{ portName: 'http' }], monitoring: {} })).toEqual([
    'gatewayConnectors (what a gateway leads to)',
  ]);
  expect(missingInTwin({ ...plain, newOne: [{ arn: 'a' }], noneYet: [], off: false } as Service)).toEqual(['newOne']);
});
