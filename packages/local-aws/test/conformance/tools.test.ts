/** The AWS CLI and boto3, unchanged, against the local AWS. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createZone, type Zone } from '../ecs/zone';
import { startLocalAws, type LocalAws } from '../local-aws';
import { makeImage, server } from '../sample-image';
import { awsCli, controlPlane, python, withPython } from './python';

let local: LocalAws;
let zone: Zone;
let definition: string;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  zone = await createZone(local);
  definition = await zone.registerTaskDefinition('orders:1');
});
afterAll(() => local.close());

async function aws(...words: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await awsCli(local.aws.endpoint, ...words);
  expect([words.join(' '), code, stderr]).toEqual([words.join(' '), 0, '']);
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
}

withPython('boto3 gets the answers and the errors that the references of AWS have', async () => {
  const wanted = JSON.parse(readFileSync(join(__dirname, 'control-plane.json'), 'utf8')) as unknown;
  const network = ['--vpc', 'vpc-a', '--subnets', 'subnet-a,subnet-b', '--security-group', 'sg-a'];
  expect(await controlPlane('--endpoint', local.aws.endpoint, ...network)).toEqual(wanted);
});

withPython("boto3's waiters see a service start, serve, and end", async () => {
  const group = await zone.createGroup('live');
  expect(await python('live.py', local.aws.endpoint, 'zone', 'live', group, definition)).toBe('ok\n');
});

withPython('the AWS CLI says an error as it does of AWS', async () => {
  const { code, stderr } = await awsCli(local.aws.endpoint, 'elbv2', 'delete-rule', '--rule-arn', 'arn:aws:nothing');
  expect([code, stderr]).toEqual([
    // This is version 1 of the CLI; version 2 has 254.
    255,
    expect.stringContaining('An error occurred (RuleNotFound) when calling the DeleteRule operation'),
  ]);
  const missing = await awsCli(local.aws.endpoint, 'ecs', 'update-service', '--cluster', 'zone', '--service', 'nobody');
  expect(missing.stderr).toContain('An error occurred (ServiceNotFoundException) when calling the UpdateService');
});

withPython('the AWS CLI makes a service, waits for it, and takes it away', async () => {
  const service = ['--cluster', 'zone', '--service', 'by-cli'];
  const network = 'awsvpcConfiguration={subnets=[subnet-a]}';
  const made = ['--service-name', 'by-cli', '--task-definition', definition, '--desired-count', '1'];
  await aws('ecs', 'create-service', '--cluster', 'zone', ...made, '--network-configuration', network);
  await aws('ecs', 'wait', 'services-stable', '--cluster', 'zone', '--services', 'by-cli');
  expect(await aws('ecs', 'list-tasks', '--cluster', 'zone', '--service-name', 'by-cli')).toMatchObject({
    taskArns: [expect.stringContaining(':task/zone/')],
  });
  expect(await aws('ecs', 'list-service-deployments', ...service)).toMatchObject({
    serviceDeployments: [{ status: 'SUCCESSFUL' }],
  });
  await aws('ecs', 'delete-service', ...service, '--force');
});

withPython.each([
  [['sts', 'get-caller-identity'], { Account: '000000000000' }],
  [['elbv2', 'describe-load-balancers'], { LoadBalancers: [{ LoadBalancerName: 'zone' }] }],
  [['cloudwatch', 'describe-alarms'], { MetricAlarms: [] }],
  [['application-autoscaling', 'describe-scalable-targets', '--service-namespace', 'ecs'], { ScalableTargets: [] }],
  [['ec2', 'describe-subnets', '--subnet-ids', 'subnet-a'], { Subnets: [{ SubnetId: 'subnet-a' }] }],
])('the AWS CLI understands %j', async (words, answer) => {
  expect(await aws(...words)).toMatchObject(answer);
});
