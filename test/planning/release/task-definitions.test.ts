import { planTaskDefinition } from '../../../planning/release/task-definitions';
import { orders, release, zoneSettings } from '../zone';

const sha256 = 'ab'.repeat(32);
const record = { runId: 'run-1', strategy: 'blueGreen', by: null, reason: null, previous: null };
const fsx =
  "{ kind: fsx, fileSystemId: fs-1, root: 'share\\configs\\', credentialsParameter: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ad', domain: corp.example.com }";
const windows = 'runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE }';
const zone = (mount: string, more = '') =>
  zoneSettings(
    `, service: { launchType: EC2 }, configuration: { folder: /in, store: /store, configurationMount: ${mount} }${more}`,
  );
const planned = (mount: string, more = '', configuration: string | null = sha256) =>
  planTaskDefinition(orders, { ...release('2.0.0', ['Orders']), configuration }, zone(mount, more), record);

test.each([
  ['{ kind: host, root: /mnt/configs/ }', '', '/configs', { host: { sourcePath: `/mnt/configs/${sha256}` } }],
  [
    '{ kind: efs, fileSystemId: fs-1 }',
    '',
    '/configs',
    {
      efsVolumeConfiguration: {
        fileSystemId: 'fs-1',
        rootDirectory: `/${sha256}`,
        transitEncryption: 'ENABLED',
      },
    },
  ],
  [
    fsx,
    `, taskDefinition: { ${windows}, memory: '4096' }`,
    'c:\\configs',
    {
      fsxWindowsFileServerVolumeConfiguration: {
        fileSystemId: 'fs-1',
        rootDirectory: `share\\configs\\${sha256}`,
        authorizationConfig: {
          credentialsParameter: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ad',
          domain: 'corp.example.com',
        },
      },
    },
  ],
])('a release’s own copy of its configuration is mounted, read-only: %s', (mount, more, containerPath, volume) => {
  const { volumes, containerDefinitions } = planned(mount, more);
  expect(volumes).toEqual([{ name: 'configs', ...volume }]);
  expect(containerDefinitions?.[0]?.mountPoints).toEqual([{ sourceVolume: 'configs', containerPath, readOnly: true }]);
});

test('without an App.config nothing of it is mounted', () => {
  const { volumes, containerDefinitions } = planned('{ kind: host, root: /mnt }', '', null);
  expect(volumes).toBeUndefined();
  expect(containerDefinitions?.[0]?.mountPoints).toBeUndefined();
});

test('the secrets folder is mounted as it is, read-only, beside the configuration and what the template mounts', () => {
  const template =
    ', taskDefinition: { volumes: [{ name: own }], containerDefinitions: [{ name: application, mountPoints: [{ sourceVolume: own, containerPath: /own }] }] }';
  const secrets = ", secrets: { mount: { kind: host, root: /mnt/secrets }, containerPath: 'c:\\secrets' }";
  const { volumes, containerDefinitions } = planned('{ kind: host, root: /mnt }', `${template}${secrets}`);
  expect(volumes).toEqual([
    { name: 'own' },
    { name: 'configs', host: { sourcePath: `/mnt/${sha256}` } },
    { name: 'secrets', host: { sourcePath: '/mnt/secrets' } },
  ]);
  expect(containerDefinitions?.[0]?.mountPoints).toEqual([
    { sourceVolume: 'own', containerPath: '/own' },
    { sourceVolume: 'configs', containerPath: '/configs', readOnly: true },
    { sourceVolume: 'secrets', containerPath: 'c:\\secrets', readOnly: true },
  ]);
});

test.each([
  ['awsvpc', undefined],
  ['host', undefined],
  ['bridge', 0],
])('with the network mode %s the host port is %s', (networkMode, hostPort) => {
  const { containerDefinitions } = planned(
    '{ kind: host, root: /mnt }',
    `, taskDefinition: { networkMode: ${networkMode} }`,
  );
  expect(containerDefinitions?.[0]?.portMappings?.[0]?.hostPort).toBe(hostPort);
});

const template = ', taskDefinition: { containerDefinitions: [{ name: application, CONTAINER }] }';
const withTemplate = (container: string, more = '') =>
  planTaskDefinition(
    orders,
    release('2.0.0', ['Orders']),
    zoneSettings(template.replace('CONTAINER', container) + more),
    record,
  ).containerDefinitions?.[0];

test('what a template says is no default’s to overwrite, and the settings’ own words are', () => {
  const said =
    'stopTimeout: 110, logConfiguration: { logDriver: splunk }, environment: [{ name: MODE, value: a }, { name: KEPT, value: b }]';
  expect(withTemplate(said)).toMatchObject({ stopTimeout: 110, logConfiguration: { logDriver: 'splunk' } });
  expect(
    withTemplate(said, ', container: { stopTimeout: 20s, logGroup: /ecs, environment: { MODE: c } }'),
  ).toMatchObject({
    stopTimeout: 20,
    logConfiguration: { logDriver: 'awslogs' },
    environment: [
      { name: 'MODE', value: 'c' },
      { name: 'KEPT', value: 'b' },
    ],
  });
  expect(withTemplate('essential: true')).toMatchObject({ stopTimeout: 30 });
});

test('what the settings say of an adopted container by its own name holds', () => {
  const adopted = {
    container: { name: 'web', port: 80 },
    taskDefinition: { containerDefinitions: [{ name: 'web', cpu: 128, memory: 512 }] },
  };
  const zoned = zoneSettings(', taskDefinition: { containerDefinitions: [{ name: web, cpu: 256 }] }');
  const planned = planTaskDefinition(orders, release('2.0.0', ['Orders']), zoned, record, adopted);
  expect(planned.containerDefinitions).toMatchObject([{ name: 'web', cpu: 256, memory: 512 }]);
});

test('what an adopted container keeps as a secret, and the settings give a value, is a variable alone; and the other way round', () => {
  const adopted = {
    container: { name: 'web', port: 80 },
    taskDefinition: {
      containerDefinitions: [
        {
          name: 'web',
          secrets: [
            { name: 'TOKEN', valueFrom: 'arn:token' },
            { name: 'KEY', valueFrom: 'arn:key' },
          ],
          environment: [{ name: 'PASSWORD', value: 'plain' }],
        },
      ],
    },
  };
  const zoned = zoneSettings(
    ", container: { environment: { TOKEN: a } }, taskDefinition: { containerDefinitions: [{ name: application, secrets: [{ name: PASSWORD, valueFrom: 'arn:password' }] }] }",
  );
  const planned = planTaskDefinition(orders, release('2.0.0', ['Orders']), zoned, record, adopted);
  expect(planned.containerDefinitions).toMatchObject([
    {
      name: 'web',
      environment: [{ name: 'TOKEN', value: 'a' }],
      secrets: [
        { name: 'KEY', valueFrom: 'arn:key' },
        { name: 'PASSWORD', valueFrom: 'arn:password' },
      ],
    },
  ]);
});
