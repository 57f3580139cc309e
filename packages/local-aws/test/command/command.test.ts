/** `local-aws` from the outside: what an SDK creates in it serves, and nothing is left running when it has ended. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECS } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LocalAwsReport } from '../../src/command/report';
import { freePort } from '../free-port';
import { eventually } from '../local-aws';
import { inTemporaryFolder } from '../temporary-folder';
import { runCommand, startCommand, stillRunning } from './running';

const clientsOf = ({ endpoint, region, accessKeyId, secretAccessKey }: LocalAwsReport) => {
  const settings = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  return { ecs: new ECS(settings), elbv2: new ElasticLoadBalancingV2(settings) };
};

const definition = {
  family: 'hello',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'web', image: 'hello:1', portMappings: [{ containerPort: 8080 }] }],
};

/** A service of one task behind a rule of a load balancer's listener. */
async function createService(report: LocalAwsReport, listenerPort: number): Promise<void> {
  const { ecs, elbv2 } = clientsOf(report);
  await ecs.createCluster({ clusterName: 'demo' });
  await ecs.registerTaskDefinition(definition);
  const group = await elbv2.createTargetGroup({
    Name: 'hello',
    Protocol: 'HTTP',
    Port: 8080,
    VpcId: 'vpc-demo',
    TargetType: 'ip',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
    HealthyThresholdCount: 2,
  });
  const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const made = await elbv2.createLoadBalancer({ Name: 'demo', Subnets: ['subnet-a', 'subnet-b'] });
  const listener = await elbv2.createListener({
    LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: listenerPort,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  await elbv2.createRule({
    ListenerArn: listener.Listeners?.[0]?.ListenerArn,
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/hello'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn }],
  });
  await ecs.createService({
    cluster: 'demo',
    serviceName: 'hello',
    taskDefinition: 'hello',
    desiredCount: 1,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
    loadBalancers: [{ targetGroupArn: TargetGroupArn, containerName: 'web', containerPort: 8080 }],
  });
}

/** The task that answers through the load balancer, once one does. */
async function answeringTask(listenerPort: number): Promise<string> {
  const url = `http://127.0.0.1:${listenerPort}`;
  const ask = async (): Promise<string> => await (await fetch(`${url}/hello`)).text().catch(() => '');
  const answer = await eventually(
    () => ask().catch(() => ''),
    (text) => text.startsWith('Hello from task '),
  );
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  return answer.trim().split(' ').at(-1) ?? '';
}

test('a task answers through the load balancer, after a restart too, and nothing is left running at the end', async () => {
  await inTemporaryFolder(async (folder) => {
    const built = runCommand('image', 'build', 'examples/hello', '--tag', 'hello:1', '--dir', folder);
    expect([built.status, built.stdout]).toEqual([0, expect.stringMatching(/^hello:1 is sha256:[0-9a-f]{64}\n$/)]);
    const listenerPort = await freePort();
    const tasks: string[] = [];
    const keys = new Set<string>();
    for (const round of [1, 2]) {
      const running = await startCommand(folder);
      try {
        const { report } = running;
        keys.add(report.secretAccessKey);
        expect(JSON.parse(readFileSync(join(folder, 'local-aws.json'), 'utf8'))).toEqual(report);
        expect(statSync(join(folder, 'local-aws.json')).mode & 0o077).toBe(0);
        if (round === 1) await createService(report, listenerPort);
        tasks.push(await answeringTask(listenerPort));
        const { ecs } = clientsOf(report);
        // Reads are late: the task of the round before may be listed still.
        const listed = await eventually(
          async () => (await ecs.listTasks({ cluster: 'demo', serviceName: 'hello' })).taskArns ?? [],
          ([arn = '', ...others]) => others.length === 0 && arn.endsWith(`/${tasks.at(-1)}`),
        );
        expect(listed).toHaveLength(1);
      } finally {
        expect(await running.end()).toBe(0);
      }
      expect(stillRunning(running.report)).toEqual([]);
      expect(existsSync(join(folder, 'local-aws.json'))).toBe(false);
      await expect(fetch(`http://127.0.0.1:${listenerPort}/hello`)).rejects.toThrow('fetch failed');
    }
    // The task of the first run ended with it, and in the second run another task of the service serves.
    expect(new Set(tasks).size).toBe(2);
    // Nobody guesses the key, nobody else reads it, and clients keep it over a restart.
    expect([...keys]).toEqual([expect.stringMatching(/^[\w-]{40}$/)]);
    expect(statSync(join(folder, 'access-key.json')).mode & 0o077).toBe(0);
  });
});

test('a folder whose local AWS runs is refused, and that one goes on', async () => {
  await inTemporaryFolder(async (folder) => {
    const running = await startCommand(folder);
    try {
      const second = runCommand('--dir', folder, '--ports', 'auto');
      expect([second.status, second.stdout]).toEqual([1, '']);
      expect(second.stderr).toMatch(
        /^A local AWS already runs in .* \(process \d+\): end it, or name another --dir\.\n$/,
      );
      expect(stillRunning(running.report)).toHaveLength(2);
    } finally {
      await running.end();
    }
  });
});

test.each([
  ['a time scale below 1', ['--time-scale', '0'], /^--time-scale takes a number from 1 to 1000\.\n$/],
  ['a time scale that is no number', ['--time-scale', 'fast'], /Expected a number\.\n$/],
  ['a key without a secret', ['--credentials', 'local'], /Expected an access key ID and its secret, ID:SECRET\.\n$/],
  ['ports that are none', ['--ports', 'some'], /Allowed choices are default, auto\.\n$/],
  ['a command that is none', ['start'], /^error: .*\n$/],
  [
    'an image of no folder',
    ['image', 'build', 'nowhere', '--tag', 'a:1'],
    /^The folder .*nowhere isn't there, or is no folder\.\n$/,
  ],
  [
    'an image without a name',
    ['image', 'build', 'examples/hello', '--tag', 'A'],
    /can't name an image: it takes REPOSITORY:TAG/,
  ],
  [
    'an image without a Dockerfile',
    ['image', 'build', 'src', '--tag', 'a:1'],
    /^The folder .*src has no Dockerfile at its top\.\n$/,
  ],
])('%s gets one sentence', async (_what, words, sentence) => {
  await inTemporaryFolder(async (folder) => {
    const { status, stdout, stderr } = runCommand(...words, '--dir', folder);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('a folder that can not be used is one sentence', async () => {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, 'file'), '');
    const { status, stderr } = runCommand('--dir', join(folder, 'file', 'aws'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^The folder .* can't be written .*--dir\.\n$/)]);
  });
});
