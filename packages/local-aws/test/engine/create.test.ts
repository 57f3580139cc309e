/** What is asked of an engine for a task's container: the words alone, nothing runs. */
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { planCreate, type CreateOptions } from '../../src/engine/create';
import { ContainerFailure, type ContainerStart } from '../../src/ecs/tasks/runner';
import type { Container, Task } from '../../src/ecs/state';

const options: CreateOptions = {
  folder: '/stack/aws',
  tasksFolder: '/stack/aws/tasks',
  environmentPrefix: 'CUTOVER',
  givesAddresses: true,
};

const container = (name: string, over: Partial<Container> = {}): Container => ({
  name,
  image: 'orders:1',
  essential: true,
  runtimeId: '1',
  ports: [{ containerPort: 8080, hostPort: 20_001 }],
  lastStatus: 'PENDING',
  ...over,
});

function startOf(
  settings: Partial<RegisterTaskDefinitionRequest> = {},
  { containers = [container('web')], of = 'web', before = [] as readonly string[], overrides = {} } = {},
): ContainerStart {
  const task = {
    id: 'abc',
    arn: 'arn:aws:ecs:us-east-1:0:task/local/abc',
    clusterArn: 'arn:aws:ecs:us-east-1:0:cluster/local',
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:0:task-definition/orders:7',
    containers,
    overrides,
  } as unknown as Task;
  return {
    task,
    container: containers.find(({ name }) => name === of) ?? container(of),
    settings: { family: 'orders', networkMode: 'awsvpc', containerDefinitions: [{ name: of }], ...settings },
    before,
    image: {
      repository: 'orders',
      tag: '1',
      tagged: true,
      digest: 'sha256:1',
      size: 1,
      builtAt: 0,
      workingDirectory: '/app',
      entrypoint: ['node', 'main.js'],
      command: ['--serve'],
      environment: {},
      labels: {},
      location: 'ID',
    },
  };
}

/** The values of an option, in their order. */
const valuesOf = (words: readonly string[], option: string): string[] =>
  words.flatMap((word, index) => (word === option ? [words[index + 1] ?? ''] : []));

test('an image that names nothing to run is refused as ECS refuses it', () => {
  const start = startOf();
  const nothing = { ...start, image: { ...start.image, entrypoint: [], command: [] } };
  expect(() => planCreate(options, nothing)).toThrow(ContainerFailure);
});

test('a container is made without being pulled, watched or logged by the engine, and bears whose it is', () => {
  const labels = [
    'io.local-aws.folder=/stack/aws',
    'com.amazonaws.ecs.cluster=arn:aws:ecs:us-east-1:0:cluster/local',
    'com.amazonaws.ecs.container-name=web',
    'com.amazonaws.ecs.task-arn=arn:aws:ecs:us-east-1:0:task/local/abc',
    'com.amazonaws.ecs.task-definition-family=orders',
    'com.amazonaws.ecs.task-definition-version=7',
  ];
  const made = 'create --pull never --name local-aws-abc-web --no-healthcheck --log-driver none';
  const labelled = labels.map((label) => `--label ${label}`).join(' ');
  const run = '--network bridge --env CUTOVER_TASK=abc --entrypoint node ID main.js --serve';
  expect(planCreate(options, startOf()).join(' ')).toBe(`${made} ${labelled} ${run}`);
});

test('a label of the task definition never hides whose a container is', () => {
  const dockerLabels = { 'io.local-aws.folder': '/of/others', own: 'kept' };
  const words = planCreate(options, startOf({ containerDefinitions: [{ name: 'web', dockerLabels }] }));
  expect(valuesOf(words, '--label')).toContain('io.local-aws.folder=/stack/aws');
  expect(valuesOf(words, '--label')).toContain('own=kept');
  expect(words.join(' ')).not.toContain('/of/others');
});

test.each([
  ['the image’s own', {}, {}, 'node ID main.js --serve'],
  ['another command', { command: ['--check'] }, {}, 'node ID main.js --check'],
  ['another entry point, which drops the image’s command', { entryPoint: ['sh', '-c'] }, {}, 'sh ID -c'],
  ['an override', { command: ['--check'] }, { command: ['--once'] }, 'node ID main.js --once'],
  ['empty lists, which leave the image’s own', { command: [], entryPoint: [] }, {}, 'node ID main.js --serve'],
])('what runs is %s', (_what, definition, override, wanted) => {
  const overrides = { containerOverrides: [{ name: 'web', ...override }] };
  const words = planCreate(options, startOf({ containerDefinitions: [{ name: 'web', ...definition }] }, { overrides }));
  expect(words.slice(words.indexOf('--entrypoint') + 1).join(' ')).toBe(wanted);
});

test('what delays a start runs before the container’s own words', () => {
  const words = planCreate(options, startOf({}, { before: ['/bin/sh', '-c', 'sleep "$0"; exec "$@"', '3'] }));
  const delayed = ['/bin/sh', 'ID', '-c', 'sleep "$0"; exec "$@"', '3', 'node', 'main.js', '--serve'];
  expect(words.slice(words.indexOf('--entrypoint') + 1)).toEqual(delayed);
});

test.each([
  ['awsvpc', 'an address of its own', true, ['bridge'], []],
  ['awsvpc', 'no address: a port of this machine', false, ['bridge'], ['127.0.0.1:20001:8080']],
  ['bridge', 'a port of this machine', true, ['bridge'], ['127.0.0.1:20001:8080']],
  [undefined, 'a port of this machine', true, ['bridge'], ['127.0.0.1:20001:8080']],
  ['host', 'this machine’s network', true, ['host'], []],
  ['none', 'no network', true, ['none'], []],
] as const)('in network mode %s it has %s', (networkMode, _what, givesAddresses, network, published) => {
  const words = planCreate(
    { ...options, givesAddresses },
    startOf(networkMode ? { networkMode } : { networkMode: undefined }),
  );
  expect(valuesOf(words, '--network')).toEqual(network);
  expect(valuesOf(words, '--publish')).toEqual(published);
});

test('the containers of a task share one network: its first essential one has all ports', () => {
  const containers = [
    container('init', { essential: false, ports: [] }),
    container('web'),
    container('sidecar', { ports: [{ containerPort: 9000, hostPort: 20_002 }] }),
  ];
  const of = (name: string) => planCreate({ ...options, givesAddresses: false }, startOf({}, { containers, of: name }));
  expect(valuesOf(of('init'), '--network')).toEqual(['container:local-aws-abc-web']);
  expect(valuesOf(of('sidecar'), '--network')).toEqual(['container:local-aws-abc-web']);
  expect(valuesOf(of('sidecar'), '--publish')).toEqual([]);
  expect(valuesOf(of('web'), '--publish')).toEqual(['127.0.0.1:20001:8080', '127.0.0.1:20002:9000']);
});

test('memory is the container’s own limit, else its task’s', () => {
  const own = planCreate(
    options,
    startOf({ memory: '512', containerDefinitions: [{ name: 'web', memory: 128, memoryReservation: 64 }] }),
  );
  expect([valuesOf(own, '--memory'), valuesOf(own, '--memory-reservation')]).toEqual([['128m'], ['64m']]);
  const ofTask = planCreate(options, startOf({ memory: '512' }));
  expect([valuesOf(ofTask, '--memory'), valuesOf(ofTask, '--memory-reservation')]).toEqual([['512m'], []]);
});

test('variables are the task definition’s, then an override’s, and the task’s ID', () => {
  const environment = [
    { name: 'A', value: 'a b="c"\nd' },
    { name: 'B', value: '1' },
  ];
  const overrides = { containerOverrides: [{ name: 'web', environment: [{ name: 'B', value: '2' }] }] };
  const words = planCreate(options, startOf({ containerDefinitions: [{ name: 'web', environment }] }, { overrides }));
  expect(valuesOf(words, '--env')).toEqual(['A=a b="c"\nd', 'B=2', 'CUTOVER_TASK=abc']);
});

test('volumes are mounted: a folder of this machine, or one of the task’s own', () => {
  const words = planCreate(
    options,
    startOf({
      volumes: [{ name: 'configs', host: { sourcePath: '/shared/configs' } }, { name: 'scratch' }],
      containerDefinitions: [
        {
          name: 'web',
          mountPoints: [
            { sourceVolume: 'configs', containerPath: '/configs', readOnly: true },
            { sourceVolume: 'scratch', containerPath: '/scratch' },
          ],
        },
      ],
    }),
  );
  expect(valuesOf(words, '--volume')).toEqual([
    '/shared/configs:/configs:ro',
    '/stack/aws/tasks/abc/.volumes/scratch:/scratch',
  ]);
});

test('user, working directory, a read-only root and an init process are as the task definition has them', () => {
  const definition = {
    name: 'web',
    user: '1000:1000',
    workingDirectory: '/work',
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true },
  };
  const words = planCreate(options, startOf({ containerDefinitions: [definition] }));
  expect(valuesOf(words, '--user')).toEqual(['1000:1000']);
  expect(valuesOf(words, '--workdir')).toEqual(['/work']);
  expect(words).toEqual(expect.arrayContaining(['--read-only', '--init']));
});
