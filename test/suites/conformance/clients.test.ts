/**
 * What other people's clients do beside a deployment in flight, as they are: Temporal's own CLI steers it; the AWS CLI waits for what
 * it makes; ecs-deploy and Ansible change what is its, which it sees. Nobody loses a request. For `npm run conformance`.
 */
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../../packages/local-aws/test/conformance/python';
import { findTemporal } from '../../../local/temporal/find';
import { deploymentIdOf, taskQueues } from '../../../contract/ids';
import type { DeploymentStatus } from '../../../contract/status';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import { awsEnvironment } from '../../../local/stack/environment';
import type { LiveApplication } from '../e2e/live-application';

const run = promisify(execFile);
const { folder, isThere } = pythonEnvironment(join(__dirname, 'clients.txt'));
const isFull = process.env['CONFORMANCE'] === 'full';
const full = isFull ? test : test.skip;
const withClients = isFull && isThere ? test : test.skip;

const platformServer = { servedBy: 'platform-server' };
const container = (version: string) => ({ servedBy: 'container', version });
const asksApproval = ({ commands }: DeploymentStatus) => commands.includes('approve');

let own: OwnStack;

beforeAll(async () => {
  if (isFull) own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(async () => {
  if (isFull) await own.closeHealthy();
});

const workflowOf = (application: LiveApplication) => ['--workflow-id', deploymentIdOf(application.target)];

/** Temporal's own CLI. @returns what it printed, as JSON */
async function temporal(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { address, namespace } = own.living.stack().temporal;
  const where = ['--address', address, '--namespace', namespace, '--output', 'json'];
  const { stdout } = await run(await findTemporal(), ['workflow', ...words, ...where]);
  return JSON.parse(stdout === '' ? '{}' : stdout) as Record<string, unknown>;
}

/** A blue-green deployment of this version, started as Temporal's CLI starts any workflow. */
async function startByCli(application: LiveApplication, version: string, input: object): Promise<void> {
  const image = await application.image({ version });
  const words = ['--type', 'blueGreen', '--task-queue', taskQueues.workflows, ...workflowOf(application)];
  await temporal('start', ...words, '--input', JSON.stringify({ image, ...input }));
}

full("Temporal's own CLI starts, asks, signals, updates, cancels and resets", async () => {
  const application = await own.living.liveApplication('Terminal', ['Terminal']);
  await application.traffic.expect('Terminal', [platformServer, container('2.0')]);
  await startByCli(application, '2.0', { approval: 'afterVerify', bake: '1s' });
  await application.until(asksApproval);
  expect(await temporal('query', ...workflowOf(application), '--type', 'status')).toMatchObject({
    queryResult: [{ phase: 'approve' }],
  });
  await temporal('signal', ...workflowOf(application), '--name', 'approve', '--input', '{"by":"Ana"}');
  expect(await temporal('result', ...workflowOf(application))).toMatchObject({
    status: 'COMPLETED',
    result: { outcome: 'completed', approved: { by: 'Ana' } },
  });
  await application.traffic.expect('Terminal', [container('2.0')]);

  await startByCli(application, '3.0', { approval: 'afterVerify' });
  await application.until(asksApproval);
  const rejects = ['--name', 'reject', '--input', '{"by":"Ana","reason":"not today"}'];
  await temporal('update', 'execute', ...workflowOf(application), ...rejects);
  await ended(application, 'rejected');

  await startByCli(application, '3.0', { approval: 'afterVerify' });
  await application.until(asksApproval);
  await temporal('cancel', ...workflowOf(application));
  await ended(application, 'CANCELED');

  await startByCli(application, '3.0', { approval: 'afterVerify', bake: '1s' });
  await application.until(asksApproval);
  // From its first task it is a deployment that begins again, and plans from what is there now.
  await temporal('reset', ...workflowOf(application), '--type', 'FirstWorkflowTask', '--reason', 'test');
  await application.until(asksApproval);
  await application.traffic.expect('Terminal', [container('2.0'), container('3.0')]);
  await temporal('signal', ...workflowOf(application), '--name', 'approve', '--input', '{"by":"Ana"}');
  await ended(application, 'completed');
  await own.living.expectWhole(application, [0, 2], 1);
});

/** Waits until the run that is newest is over. */
async function ended(application: LiveApplication, outcome: string): Promise<void> {
  const told = await temporal('result', ...workflowOf(application)).catch((error: { stdout: string }) => error.stdout);
  expect(JSON.stringify(told)).toMatch(new RegExp(outcome, 'i'));
}

/** A program of the virtual environment, on the stack's AWS. */
async function client(name: string, ...words: readonly string[]): Promise<string> {
  const environment = awsEnvironment(own.living.stack());
  const env = {
    ...process.env,
    ...environment,
    AWS_DEFAULT_REGION: environment['AWS_REGION'],
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
    ANSIBLE_PYTHON_INTERPRETER: join(folder, 'bin', 'python'),
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  };
  return (await run(join(folder, 'bin', name), words, { env, maxBuffer: 2 ** 26 })).stdout;
}

/** One of Ansible's modules. @returns what it answered */
async function ansible(module: string, values: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const told = await client('ansible', 'localhost', '-o', '-m', module, '-a', JSON.stringify(values));
  return JSON.parse(told.slice(told.indexOf('{'))) as Record<string, unknown>;
}

withClients('the AWS CLI waits for green, ecs-deploy and Ansible change it, and the approval says so', async () => {
  const { living } = own;
  const application = await living.inContainers('Shared', ['Shared']);
  await application.traffic.expect('Shared', [container('2.0')]);
  const started = await application.deploy({ version: '3.0' }, { approval: 'afterVerify', onFailure: 'hold' });
  await application.until(asksApproval);
  const { cluster } = living.stack().aws;
  const green = (await application.services()).find((name) => name.endsWith('-b')) ?? '';
  const targetGroup = await groupOf(green);

  await client('aws', 'ecs', 'wait', 'services-stable', '--cluster', cluster, '--services', green);
  await client('aws', 'elbv2', 'wait', 'target-in-service', '--target-group-arn', targetGroup);
  const { services } = await ansible('community.aws.ecs_service_info', { cluster, service: green, details: true });
  expect(services).toMatchObject([{ serviceName: green, runningCount: 2 }]);

  // Ansible takes a delay of its own for what it is told to make.
  const attributes = { name: green, protocol: 'http', port: 80, vpc_id: await vpcOf(targetGroup), state: 'present' };
  await ansible('community.aws.elb_target_group', {
    ...attributes,
    deregistration_delay_timeout: 7,
    modify_targets: false,
  });
  await living.currentReads();
  await application.deployments.command(application.target, 'approve', { by: 'Ana' });
  const drifted = await application.until(({ phase }) => phase === 'hold');
  expect(drifted.failure).toMatch(/deregistration_delay.*→ 7\) was changed/);

  await client('ecs', 'deploy', cluster, green, '--timeout', '300');
  await living.currentReads();
  await application.deployments.command(application.target, 'rollback', { by: 'Ana', reason: 'others work on it' });
  expect(await application.ended(started)).toMatchObject({ result: { outcome: 'rolledBack' } });

  // Nothing of it stays: the next deployment makes green as the settings say.
  await client('ecs', 'scale', cluster, (await application.services()).find((name) => name.endsWith('-a')) ?? '', '3');
  await living.currentReads();
  await application.traffic.expect('Shared', [container('2.0'), container('3.0')]);
  const next = await application.deploy({ version: '3.0' });
  expect(await application.ended(next)).toMatchObject({ result: { outcome: 'completed', live: { version: '3.0' } } });
  await living.expectWhole(application, [0, 3], 1);
});

/** The target group of a service. */
async function groupOf(service: string): Promise<string> {
  const { ecs } = own.living.stackAws();
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: own.living.stack().aws.cluster, services: [service] }),
  );
  return services[0]?.loadBalancers?.[0]?.targetGroupArn ?? '';
}

async function vpcOf(targetGroup: string): Promise<string> {
  const { elb } = own.living.stackAws();
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroup] }));
  return TargetGroups[0]?.VpcId ?? '';
}

/** The AWS CLI's answer. */
async function aws<Answer>(...words: readonly string[]): Promise<Answer> {
  return JSON.parse(await client('aws', ...words, '--output', 'json')) as Answer;
}

withClients(
  "the AWS CLI's waiters and Ansible's questions follow a deployment from its start to its removal",
  async () => {
    const { living } = own;
    const application = await living.inContainers('Watched', ['Watched']);
    await application.traffic.expect('Watched', [container('2.0'), container('3.0'), platformServer]);
    const { cluster } = living.stack().aws;
    const inCluster = ['--cluster', cluster];
    const started = await application.deploy({ version: '3.0' }, { approval: 'afterVerify' });
    await application.until(asksApproval);
    const [blue = '', green = ''] = (await application.services()).toSorted();
    const tasksOf = async (service: string) =>
      (await aws<{ taskArns: string[] }>('ecs', 'list-tasks', ...inCluster, '--service-name', service)).taskArns;
    const [blueTasks, greenTasks] = [await tasksOf(blue), await tasksOf(green)];
    const [blueGroup, greenGroup] = [await groupOf(blue), await groupOf(green)];

    await client('aws', 'ecs', 'wait', 'tasks-running', ...inCluster, '--tasks', ...greenTasks);
    const { TargetGroups } = await aws<{ TargetGroups: { LoadBalancerArns: string[] }[] }>(
      'elbv2',
      'describe-target-groups',
      '--target-group-arns',
      greenGroup,
    );
    const [loadBalancer = ''] = TargetGroups[0]?.LoadBalancerArns ?? [];
    await client('aws', 'elbv2', 'wait', 'load-balancer-available', '--load-balancer-arns', loadBalancer);

    const told = await ansible('amazon.aws.elb_application_lb_info', { load_balancer_arns: [loadBalancer] });
    expect(told['load_balancers']).toMatchObject([{ load_balancer_arn: loadBalancer, state: { code: 'active' } }]);
    // Blue by its live rule, green by its test rule.
    for (const group of [blueGroup, greenGroup]) expect(JSON.stringify(told['load_balancers'])).toContain(group);
    const groups = await ansible('community.aws.elb_target_group_info', {
      target_group_arns: [greenGroup],
      collect_targets_health: true,
    });
    const healthy = { target_health: { state: 'healthy' } };
    expect(groups['target_groups']).toMatchObject([
      { target_type: 'ip', targets_health_description: [healthy, healthy], tags: { 'cutover:application': 'Watched' } },
    ]);
    const { services } = await ansible('community.aws.ecs_service_info', { cluster, service: green, details: true });
    const [{ taskDefinition = '' } = {}] = services as { taskDefinition?: string }[];
    expect(await ansible('community.aws.ecs_taskdefinition_info', { task_definition: taskDefinition })).toMatchObject({
      status: 'ACTIVE',
      container_definitions: [{ image: expect.stringContaining('watched') }],
    });

    const { TargetHealthDescriptions } = await aws<{ TargetHealthDescriptions: { Target: object }[] }>(
      'elbv2',
      'describe-target-health',
      '--target-group-arn',
      blueGroup,
    );
    const targets = JSON.stringify(TargetHealthDescriptions.map(({ Target }) => Target));
    const waits = [
      client('aws', 'elbv2', 'wait', 'target-deregistered', '--target-group-arn', blueGroup, '--targets', targets),
      client('aws', 'ecs', 'wait', 'tasks-stopped', ...inCluster, '--tasks', ...blueTasks),
    ];
    await application.deployments.command(application.target, 'approve', { by: 'Ana' });
    await Promise.all(waits);
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'completed', live: { version: '3.0' } },
    });

    const removed = await application.deployments.start(application.target, 'removeApplication', { by: 'Ana' });
    const inactive = client('aws', 'ecs', 'wait', 'services-inactive', ...inCluster, '--services', blue, green);
    expect(await application.ended(removed)).toMatchObject({ result: { live: platformServer } });
    await inactive;
    await living.expectWhole(application, [], 0);
  },
);
