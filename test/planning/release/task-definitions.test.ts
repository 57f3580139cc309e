import { planTaskDefinition } from '../../../planning/release/task-definitions';
import { orders, release, zoneSettings } from '../zone';

const sha256 = 'ab'.repeat(32);
const record = { runId: 'run-1', strategy: 'blueGreen', by: null, reason: null, previous: null };
const fsx =
  "{ kind: fsx, fileSystemId: fs-1, root: 'share\\configs\\', credentialsParameter: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ad', domain: corp.example.com }";
const zone = (mount: string, more = '') =>
  zoneSettings(`, configuration: { folder: /in, store: /store, configurationMount: ${mount} }${more}`);
const planned = (mount: string, more = '', configuration: string | null = sha256) =>
  planTaskDefinition(orders, { ...release('2.0.0', ['Orders']), configuration }, zone(mount, more), record);

test.each([
  ['{ kind: host, root: /mnt/configs/ }', { host: { sourcePath: `/mnt/configs/${sha256}` } }],
  [
    '{ kind: efs, fileSystemId: fs-1 }',
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
])('a release’s own copy of its configuration is mounted, read-only: %s', (mount, volume) => {
  const { volumes, containerDefinitions } = planned(mount);
  expect(volumes).toEqual([{ name: 'configs', ...volume }]);
  expect(containerDefinitions?.[0]?.mountPoints).toEqual([
    { sourceVolume: 'configs', containerPath: '/configs', readOnly: true },
  ]);
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

test.each(['configuration: { folder: /in, store: /s, configurationMount: MOUNT }', 'secrets: { mount: MOUNT }'])(
  'EFS is refused for Windows: %s',
  (setting) => {
    const windows = ', taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }';
    const mount = setting.replace('MOUNT', '{ kind: efs, fileSystemId: fs-1 }');
    expect(() => zoneSettings(`${windows}, ${mount}`)).toThrow(/EFS volumes are for Linux only/);
  },
);

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
