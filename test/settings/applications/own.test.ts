/** What an application has of its own, and where it is written. */
import { resolveApplication } from '../../../activities/aws/plans/applications';
import { parseSettings } from '../../../settings/load';
import { zone } from '../minimal';

const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
const settingsWith = (own: string, more = '') =>
  parseSettings(`${zone}${more}applications:\n  Orders:\n    key: ${key}\n${own}`, 'cutover.yaml');
const ordersWith = (own: string, more = '') => resolveApplication(settingsWith(own, more), 'production/Orders');

describe('what does not fit is refused with the line of the application that wants it', () => {
  test.each([
    [
      'a name that nobody knows',
      '    service: { launchTyp: EC2 }\n',
      /^cutover\.yaml:12: applications\.Orders\.service: /,
    ],
    [
      'a duration without unit',
      '    startTimeout: 90\n',
      /:12: applications\.Orders\.startTimeout: expected a duration/,
    ],
    [
      'a member of a container that AWS does not know',
      '    taskDefinition:\n      containerDefinitions:\n        - { name: application, cpus: 4 }\n',
      /:14: applications\.Orders\.taskDefinition\.containerDefinitions\.application\.cpus: AWS knows no such name: expected cpu\./,
    ],
    [
      'what does not fit the zone’s own settings',
      '    service: { capacityProviderStrategy: [{ capacityProvider: FARGATE_SPOT }] }\n',
      /:12: applications\.Orders\.service\.launchType: a service has either/,
    ],
  ])('%s', (_, own, message) => {
    expect(() => settingsWith(own, '    service: { launchType: FARGATE }\n')).toThrow(message);
  });

  test('where another zone takes it, only for a deployment in the one that does not', () => {
    const other = zone.replace('zones:\n  production', '  linux');
    const settings = settingsWith(
      '    service: { capacityProviderStrategy: [] }\n',
      `    service: { launchType: FARGATE }\n${other}`,
    );
    expect(resolveApplication(settings, 'linux/Orders').zone.service).toEqual({ capacityProviderStrategy: [] });
    expect(() => resolveApplication(settings, 'production/Orders')).toThrow(
      /^cutover\.yaml:\d+: applications\.Orders\.service\.launchType: .* \(in zone production\)\. Correct the settings/,
    );
  });
});

test('an application has its own sizes, count and times over the zone’s', () => {
  const own =
    "    taskDefinition: { cpu: '2048' }\n    desiredCount: 5\n    startTimeout: 1h\n    deployment: { bake: 1h }\n";
  const common = "    taskDefinition: { cpu: '512', memory: '4096' }\n    deployment: { bake: 5m, settle: 1m }\n";
  expect(ordersWith(own, common).zone).toMatchObject({
    taskDefinition: { cpu: '2048', memory: '4096' },
    desiredCount: 5,
    startTimeout: 3_600_000,
    deployment: { bake: 3_600_000, settle: 60_000 },
  });
});

test('the platform’s application has them by its key, whatever it is called by now', () => {
  const settings = settingsWith('    desiredCount: 5\n');
  const known = resolveApplication(settings, 'production/Sales', { name: 'Sales', key: key.toUpperCase() });
  expect(known).toMatchObject({ identity: { name: 'Sales' }, zone: { desiredCount: 5 } });
});

test('what Windows needs by default follows the application’s own operating system', () => {
  const own = '    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }\n';
  expect(ordersWith(own).zone).toMatchObject({ startTimeout: 1_800_000, caseInsensitive: 'classes' });
});

test('the line is told that a setting comes from: the application’s, else the zone’s', () => {
  const { placeOf = () => undefined } = ordersWith(
    '    taskDefinition:\n      containerDefinitions:\n        - name: application\n          cpu: 4\n',
    '    container: { port: 8080 }\n    taskDefinition: { containerDefinitions: [{ name: proxy, image: p }] }\n',
  );
  expect(placeOf(['container', 'port'])).toBe('cutover.yaml:8');
  expect(placeOf(['taskDefinition', 'containerDefinitions', 'application', 'cpu'])).toBe('cutover.yaml:16');
  expect(placeOf(['taskDefinition', 'containerDefinitions', 'proxy', 'image'])).toBe('cutover.yaml:9');
  expect(placeOf(['desiredCount'])).toBeUndefined();
});
