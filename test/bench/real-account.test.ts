/** The tries for a real account, on a local one: what they find is what it plays, and nothing of them stays. */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp, leftovers } from '../../bench/real-account/clean-up';
import { readOptions } from '../../bench/real-account/options';
import { ask, tableOf, type Report } from '../../bench/real-account/run';
import { accountIn, makeGroup, makeService, setStage, type Account, type Run } from '../../bench/real-account/stage';
import { tries } from '../../bench/real-account/tries/index';
import type { Try } from '../../bench/real-account/try';
import { startLocalAws, testControlKey, type LocalAws } from '../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../packages/local-aws/test/sample-image';
import { freePort } from '../../packages/local-aws/test/free-port';
import type { PolicyDocument } from '../../packages/local-aws/src/iam/policies';
import { runProxy, type Proxy } from '../../packages/local-aws/src/load-balancer/process/main';
import { stopTasks } from '../../packages/local-aws/src/tasks';

let local: LocalAws;
let proxy: Proxy;
let account: Account;
/** Of whom nothing is asked. */
let owner: Account;
let given: string[];

beforeAll(async () => {
  const controlPort = await freePort();
  local = await startLocalAws({
    proxyControlUrl: `http://127.0.0.1:${controlPort}`,
    propagation: { batchSeconds: 1, jitterSeconds: 1 },
    keys: { TRIES: 'test', OWNER: 'test' },
    identities: { users: { TRIES: { name: 'tries', policies: [await policy()] } } },
  });
  const log = { info: () => undefined, warn: () => undefined };
  proxy = await runProxy({ folder: join(local.folder, 'proxy'), controlPort, controlKey: testControlKey, log });
  process.env['AWS_ENDPOINT_URL'] = local.aws.endpoint;
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  process.env['AWS_ACCESS_KEY_ID'] = 'OWNER';
  owner = accountIn('us-east-1');
  await owner.sts.getCallerIdentity({});
  process.env['AWS_ACCESS_KEY_ID'] = 'TRIES';
  account = accountIn('us-east-1');
  given = ['--region', 'us-east-1', '--vpc', 'vpc-1', '--subnets', 'subnet-1,subnet-2', '--times', '3'];
  given.push('--port', `${await freePort()}`, '--windows', 'iis:1', '--windows-cluster', 'windows');
  for (const image of ['iis:1', 'public.ecr.aws/nginx/nginx:stable'])
    await makeImage(`${local.folder}/images`, image, server);
  await owner.ecs.createCluster({ clusterName: 'windows' });
});
afterAll(async () => {
  await local.aws.close();
  await stopTasks(local.folder);
  await proxy.close();
  await local.close();
});

/** The one that docs/real-account.md asks for, of the local account. */
async function policy() {
  const text = await readFile(join(__dirname, '../../docs/operations/policies/real-account.json'), 'utf8');
  const filled = text.replaceAll('PARTITION', 'aws').replaceAll('REGION', 'us-east-1');
  return JSON.parse(filled.replaceAll('ACCOUNT', '000000000000')) as PolicyDocument;
}

function newRun(id: string, signal = new AbortController().signal): Run {
  const resolver = new Resolver();
  resolver.setServers([proxy.resolver]);
  return {
    account,
    options: readOptions(given),
    id,
    signal,
    haste: 100,
    addressesOf: (name) => resolver.resolve4(name),
    nameServersAt: () => Promise.resolve([local.aws.hostedZones]),
  };
}

/** The names of all that there is, whoever made it. */
async function everything(): Promise<string[]> {
  const { LoadBalancers = [] } = await owner.elb.describeLoadBalancers({});
  const { TargetGroups = [] } = await owner.elb.describeTargetGroups({});
  const { clusterArns = [] } = await owner.ecs.listClusters({});
  const { serviceArns = [] } = await owner.ecs.listServices({ cluster: 'windows' });
  const { taskDefinitionArns = [] } = await owner.ecs.listTaskDefinitions({ status: 'ACTIVE' });
  const { HostedZones = [] } = await owner.route53.listHostedZones({});
  const arns = [...LoadBalancers.map(({ LoadBalancerArn }) => LoadBalancerArn), ...clusterArns, ...taskDefinitionArns];
  arns.push(...serviceArns, ...HostedZones.map(({ Name }) => Name));
  return [...arns, ...TargetGroups.map(({ TargetGroupArn }) => TargetGroupArn)].map(String);
}

const factsOf = ({ answers }: Report, name: string) => answers.find((one) => one.name === name);

test('the tries find what the account does, and leave nothing, of other names as little as there was', async () => {
  await owner.ecs.createCluster({ clusterName: 'cutover-try-not', tags: [{ key: 'team', value: 'sales' }] });
  await owner.route53.createHostedZone({ Name: 'cutover-try-not.test', CallerReference: 'sales' });
  const before = await everything();
  const report = await ask(newRun('00000001'), tries);
  expect(report.answers.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  const untried = report.answers.filter(({ outcome }) => outcome === 'not tried').map(({ name }) => name);
  expect(untried).toEqual(['image-index']);
  const windows = factsOf(report, 'windows')?.facts as Readonly<Record<'fargate' | 'ec2', { says: string }[]>>;
  for (const seen of [windows.fargate, windows.ec2])
    expect(seen.map(({ says }) => says)).toEqual(
      expect.arrayContaining([expect.stringMatching(/has started 1 tasks/), 'target healthy']),
    );
  const answers = Object.entries(factsOf(report, 'route53')?.facts ?? {}).map(
    ([state, seen]) => [state, (seen as { answers: string; targets: string }[]).at(-1)] as const,
  );
  const of = (targets: string, name: string) => expect.objectContaining({ targets, answers: name }) as unknown;
  expect(Object.fromEntries(answers)).toEqual({
    healthy: of('', 'the load balancer'),
    empty: of('', 'the load balancer'),
    initial: of('initial', 'the other record'),
    initialCountOff: of('initial', 'the load balancer'),
    unhealthy: of('unhealthy', 'the other record'),
    draining: of('draining', 'the load balancer'),
  });
  expect(factsOf(report, 'regex-values')?.facts).toMatchObject({
    letterClasses: 'accepted',
    inlineFlag: expect.stringContaining('inline flags are not supported') as string,
  });
  expect(factsOf(report, 'sticky-group')?.facts).toEqual({
    withoutGroupStickiness: expect.stringContaining('stickiness must be enabled on the rule') as string,
    withGroupStickiness: 'accepted',
  });
  const read = { times: 3, unseen: 0, longestMs: 0 };
  expect(factsOf(report, 'first-reads')?.facts).toEqual({
    describeRules: read,
    describeServices: read,
    listTasks: read,
  });
  expect(factsOf(report, 'unchanged-update')?.facts).toEqual({ outcome: 'accepted', deployments: 1 });
  expect(factsOf(report, 'group-without-rule')?.facts).toEqual({
    desiredCount0: expect.stringContaining('does not have an associated load balancer') as string,
  });
  expect(factsOf(report, 'empty-placement')?.facts).toEqual({ created: 'accepted' });
  const { lastOldAnswerMs } = factsOf(report, 'propagation')?.facts ?? {};
  expect(Object.keys(lastOldAnswerMs ?? {}).length).toBeGreaterThan(1);
  expect(tableOf(report).split('\n')).toHaveLength(tries.length + 3);
  expect(await everything()).toEqual(before);
});

test('a try that fails, and Ctrl-C, leave nothing', async () => {
  const before = await everything();
  const stop = new AbortController();
  const failing = async (what: string, stage: Parameters<Try['run']>[0]): Promise<never> => {
    await makeGroup(stage, what);
    await makeService(stage, what, { desiredCount: 1 });
    throw new Error('broken');
  };
  const about = { question: '?', assumes: '-' };
  const report = await ask(newRun('00000002', stop.signal), [
    { ...about, name: 'failing', run: (stage) => failing('failing', stage) },
    {
      ...about,
      name: 'stopped',
      run: (stage) => {
        stop.abort();
        return failing('stopped', stage);
      },
    },
    { ...about, name: 'after', run: () => Promise.resolve({}) },
  ]);
  expect(report.answers.map(({ outcome, why }) => [outcome, why])).toEqual([
    ['failed', 'Error: broken'],
    ['failed', 'Error: broken'],
    ['not tried', 'stopped before'],
  ]);
  expect(await everything()).toEqual(before);
});

test('a run removes first what a killed one left', async () => {
  const before = await everything();
  await setStage(newRun('00000003'));
  expect(await leftovers(account)).not.toEqual([]);
  const { leftovers: removed } = await ask(newRun('00000004'), []);
  expect(removed.filter((arn) => arn.includes('cutover-try-00000003')).length).toBeGreaterThan(2);
  expect(await everything()).toEqual(before);
  expect(await cleanUp({ account, haste: 100 })).toEqual([]);
});

test.each([
  [['--vpc', 'v'], '--region is missing: give the AWS region, such as eu-west-1.'],
  [['--region', 'mars', '--vpc', 'v'], '--region: mars is no AWS region; give one such as eu-west-1.'],
  [['--region', 'eu-west-1'], '--vpc is missing: give the VPC in which the tries make their load balancer.'],
  [
    ['--region', 'eu-west-1', '--vpc', 'v', '--subnets', 'a'],
    '--subnets: a load balancer needs two subnets of v in different zones; give a,b.',
  ],
])('%j is answered by one sentence', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence);
});
