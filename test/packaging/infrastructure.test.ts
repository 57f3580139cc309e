/**
 * The template that examples/cdk makes, as it is kept there: its roles are the documented policies, and it holds what a zone needs and
 * nothing that cutover makes itself. `npm run conformance` makes it anew, and lints it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../../local/stack/policies';
import { root } from './documents';
import { policy, type Statement } from './policies';

interface Resource<Properties> {
  readonly Type: string;
  readonly Properties: Properties;
}

const text = (file: string) => readFileSync(join(root, file), 'utf8');
const { Resources: resources } = JSON.parse(text('examples/cdk/template.json')) as {
  readonly Resources: Readonly<Record<string, Resource<unknown>>>;
};

const ofType = <Properties>(type: string): Properties[] =>
  Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties as Properties);

interface Role {
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly Statement[] };
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}

interface Container {
  readonly Command: readonly string[];
  readonly Image: object;
  readonly ReadonlyRootFilesystem: boolean;
  readonly Environment: readonly { readonly Name: string }[];
  readonly Secrets?: readonly { readonly Name: string }[];
}

interface TaskDefinition {
  readonly ContainerDefinitions: readonly Container[];
  readonly TaskRoleArn: { readonly 'Fn::GetAtt': readonly [string, string] };
}

const roles = ofType<Role>('AWS::IAM::Role');

/** A documented policy for the names of the example. */
const documented = (name: string): Statement[] =>
  JSON.parse(
    fill(JSON.stringify(policy(name)), {
      PARTITION: 'aws',
      REGION: 'eu-west-1',
      ACCOUNT: '123456789012',
      CLUSTER: 'outsystems',
      LOAD_BALANCER: 'outsystems',
      LOG_GROUP: '/ecs/outsystems',
      EXECUTION_ROLE: 'outsystems-execution',
      TASK_ROLE: 'outsystems-task',
      SECRETS: 'outsystems',
    }),
  ) as Statement[];

test.each([
  ['outsystems-execution', documented('execution-role')],
  ['outsystems-task', []],
  ['cutover-worker', documented('worker')],
  ['cutover-hooks', []],
  [
    'cutover-execution',
    [
      ...documented('execution-role'),
      ...documented('execution-role-secrets').filter(({ Sid }) => Sid === 'ReadSecrets'),
    ],
  ],
])('the role %s may do what the documented policies say, and nothing else', (name, statements) => {
  const role = roles.find(({ RoleName }) => RoleName === name);
  expect(role?.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual(statements);
  expect(role?.ManagedPolicyArns).toBeUndefined();
  expect(role?.AssumeRolePolicyDocument.Statement).toEqual(documented('tasks-trust'));
});

test('it has no other roles, and no policy that stands alone', () => {
  expect(roles).toHaveLength(5);
  expect([...ofType('AWS::IAM::Policy'), ...ofType('AWS::IAM::ManagedPolicy')]).toEqual([]);
});

test('it holds nothing that cutover makes: no rules, and no service but its own two', () => {
  expect(ofType('AWS::ElasticLoadBalancingV2::ListenerRule')).toEqual([]);
  const services = ofType<{ readonly DesiredCount: number; readonly TaskDefinition: { readonly Ref: string } }>(
    'AWS::ECS::Service',
  );
  const commands = services.map(({ TaskDefinition: { Ref }, DesiredCount }) => [
    (resources[Ref] as Resource<TaskDefinition>).Properties.ContainerDefinitions[0]?.Command[0],
    DesiredCount,
  ]);
  expect(commands).toEqual([
    ['worker', 2],
    ['hooks', 1],
  ]);
});

test('the worker has the worker’s role; what strangers reach has one that may do nothing, and its secret by reference', () => {
  const tasks = ofType<TaskDefinition>('AWS::ECS::TaskDefinition').map((task) => {
    const role = resources[task.TaskRoleArn['Fn::GetAtt'][0]] as Resource<Role>;
    const [container] = task.ContainerDefinitions;
    return {
      command: container?.Command[0],
      role: role.Properties.RoleName,
      secrets: container?.Secrets?.map(({ Name }) => Name) ?? [],
      readOnly: container?.ReadonlyRootFilesystem,
    };
  });
  expect(tasks).toEqual([
    { command: 'worker', role: 'cutover-worker', secrets: [], readOnly: true },
    { command: 'hooks', role: 'cutover-hooks', secrets: ['CUTOVER_HOOK_SECRET'], readOnly: true },
  ]);
});

test('its image is of this version', () => {
  const { version } = JSON.parse(text('package.json')) as { readonly version: string };
  for (const { ContainerDefinitions } of ofType<TaskDefinition>('AWS::ECS::TaskDefinition'))
    expect(JSON.stringify(ContainerDefinitions[0]?.Image)).toContain(`/cutover:${version}`);
});

interface Listener {
  readonly Port: number;
  readonly Protocol: string;
  readonly DefaultActions: readonly { readonly Type: string; readonly TargetGroupArn?: { readonly Ref: string } }[];
}

test('users come by HTTPS to the Platform Server by default; only the redirect to it is without TLS', () => {
  const listeners = ofType<Listener>('AWS::ElasticLoadBalancingV2::Listener');
  const seen = listeners
    .map(({ Port, Protocol, DefaultActions: [action] }) => `${Port} ${Protocol} ${action?.Type}`)
    .toSorted();
  expect(seen).toEqual(['443 HTTPS forward', '80 HTTP redirect', '8083 HTTPS forward', '8443 HTTPS fixed-response']);
  const live = listeners.find(({ Port }) => Port === 443)?.DefaultActions[0]?.TargetGroupArn?.Ref ?? '';
  expect(resources[live]?.Properties).toMatchObject({ HealthCheckPath: '/ServiceCenter/_ping.aspx' });
});

test('only 80 and 443 are open to everybody', () => {
  const open = ofType<{ readonly SecurityGroupIngress?: readonly { CidrIp: string; ToPort: number }[] }>(
    'AWS::EC2::SecurityGroup',
  ).flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress);
  const everybody = open.filter(({ CidrIp }) => CidrIp === '0.0.0.0/0').map(({ ToPort }) => ToPort);
  expect(everybody.toSorted((one, other) => one - other)).toEqual([80, 443]);
  // The test listener and the hooks, each for the NAT gateways' addresses.
  expect(open).toHaveLength(6);
});
