/** What a zone of Windows tasks waits for, where its settings don't say. */
import { planServiceSettings } from '../../planning/twin/service-settings';
import { parseSettings } from '../../settings/load';
import { planBlueGreen } from '../../planning/plans/deployment';
import { observed, request } from '../planning/zone';
import { zone } from './minimal';

const patienceOf = (more: string) => {
  const { production } = parseSettings(`${zone}${more}`, 'cutover.yaml').zones;
  if (!production) throw new Error('There is no zone.');
  const { healthCheckGracePeriodSeconds = 0 } = planServiceSettings(production);
  return [healthCheckGracePeriodSeconds / 60, production.startTimeout / 60_000];
};

const windows = '    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }\n';

test('Windows tasks get ten minutes of grace and half an hour to start, others one minute and a quarter of an hour', () => {
  expect(patienceOf('')).toEqual([1, 15]);
  expect(patienceOf('    taskDefinition: { runtimePlatform: { operatingSystemFamily: LINUX } }\n')).toEqual([1, 15]);
  expect(patienceOf(windows)).toEqual([10, 30]);
});

test('what the settings say holds for Windows too', () => {
  expect(patienceOf(`${windows}    service: { healthCheckGracePeriod: 2m }\n    startTimeout: 1h\n`)).toEqual([2, 60]);
});

test('a zone of the platform windows has all that Windows needs, and its own version where it names one', () => {
  const parse = (more: string) =>
    parseSettings(`${zone}    platform: windows\n${more}`, 'cutover.yaml').zones['production']!;
  const settings = parse('');
  expect(patienceOf('    platform: windows\n')).toEqual([10, 30]);
  expect(settings.caseInsensitive).toBe('classes');
  const platformIn = (given: typeof settings) =>
    planBlueGreen({ ...request(), zone: given }, observed()).taskDefinition.runtimePlatform;
  expect(platformIn(settings)).toEqual({
    operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE',
    cpuArchitecture: 'X86_64',
  });
  const older = { operatingSystemFamily: 'WINDOWS_SERVER_2019_CORE' };
  expect(platformIn(parse(`    taskDefinition: { runtimePlatform: ${JSON.stringify(older)} }\n`))).toEqual(older);
});

test.each([
  [
    'another task definition',
    'taskDefinition: { runtimePlatform: { operatingSystemFamily: LINUX } }',
    /platform: the task definition's runtimePlatform is LINUX/,
  ],
  [
    'a mount on Fargate',
    'secrets: { mount: { kind: host, root: d:\\secrets } }',
    /secrets\.mount\.kind: Windows tasks on Fargate can mount no folder/,
  ],
])('a zone of the platform windows can’t have %s', (_, more, message) => {
  expect(() => parseSettings(`${zone}    platform: windows\n    ${more}\n`, 'cutover.yaml')).toThrow(message);
});

test.each([
  [
    'placement on Fargate',
    'placementStrategy: [{ type: spread, field: instanceId }]',
    /cutover\.yaml:\d+: zones\.production\.service\.placementStrategy: Fargate places tasks itself/,
  ],
  [
    'placement on Fargate Spot',
    'placementConstraints: [{ type: distinctInstance }], capacityProviderStrategy: [{ capacityProvider: FARGATE_SPOT }]',
    /service\.placementConstraints: Fargate places tasks itself/,
  ],
  [
    'a platform version on instances',
    'launchType: EC2, platformVersion: 1.4.0',
    /service\.platformVersion: only Fargate has platform versions/,
  ],
])('%s is refused as the settings are read', (_, service, message) => {
  expect(() => parseSettings(`${zone}    service: { ${service} }\n`, 'cutover.yaml')).toThrow(message);
});

test('with the cluster’s default strategy nobody can tell what it runs on, and both are taken', () => {
  const service = 'capacityProviderStrategy: [], placementStrategy: [{ type: random }], platformVersion: LATEST';
  expect(() => parseSettings(`${zone}    service: { ${service} }\n`, 'cutover.yaml')).not.toThrow();
});
