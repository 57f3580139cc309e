import * as client from '@aws-sdk/client-ecs';
import type { Service } from '@aws-sdk/client-ecs';
import {
  configurationMembers,
  deploymentMembers,
  leftOut,
  missingInTwin,
  serviceMembers,
} from '../../../planning/twin/members';

const { membersOf } = jest.requireActual<{ membersOf: (sdk: object, shape: string) => string[] }>(
  '../../../scripts/aws-shapes.js',
);

test.each([
  ['Service', serviceMembers],
  ['Deployment', deploymentMembers],
  ['DeploymentConfiguration', configurationMembers],
])(
  'whatever AWS tells of a %s is decided on: carried, harmless, or refused',
  (shape, { carried, harmless, lacking }) => {
    const decided = [...carried, ...harmless, ...Object.keys(lacking)];
    expect(decided.toSorted()).toEqual(membersOf(client, shape).toSorted());
  },
);

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

test('what ECS watches of its own deployments is named, where it is on', () => {
  expect(leftOut(plain)).toEqual(['alarms']);
  const off = { deploymentCircuitBreaker: { enable: false, rollback: false } };
  expect(leftOut({ ...plain, deploymentConfiguration: off })).toEqual([]);
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
