import { parseSettings } from '../../settings/load';
import { formatDuration } from '../../settings/durations';
import { resolveRunbookOptions } from '../../settings/runbook';
import { zone } from './minimal';

describe('settings', () => {
  test.each([
    [
      'an unknown name is not silently a default',
      `${zone}    desiredcount: 3\n`,
      /cutover\.yaml:\d+: zones\.production: .*desiredcount/,
    ],
    [
      'a duration without unit',
      `${zone}    startTimeout: 90\n`,
      /cutover\.yaml:8: zones\.production\.startTimeout: expected a duration such as "90s"/,
    ],
    [
      'a health check faster than the ALB has it',
      `${zone}    targetGroup: { healthCheck: { interval: 1s } }\n`,
      /:8: .*interval: expected a duration from 5s to 300s/,
    ],
    [
      'a health check that waits as long as the next one takes to come',
      `${zone}    targetGroup: { healthCheck: { interval: 10s, timeout: 10s } }\n`,
      /:8: .*healthCheck\.timeout: expected a timeout below the interval: the load balancer takes no other \(timeout 10s, interval 10s\)/,
    ],
    [
      'a health check whose interval is not above the default timeout',
      `${zone}    targetGroup: { healthCheck: { interval: 5s } }\n`,
      /:8: .*timeout: expected a timeout below the interval.*\(timeout 5s, interval 5s\)/,
    ],
    [
      'a health check whose timeout is above the default interval',
      `${zone}    targetGroup: { healthCheck: { timeout: 12s } }\n`,
      /:8: .*timeout: expected a timeout below the interval.*\(timeout 12s, interval 10s\)/,
    ],
    ['text that is not YAML', 'zones: [', /cutover\.yaml:\d+: /],
    [
      'lists in lists in lists, by the thousand',
      `zones: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      /cutover\.yaml:1: it is nested deeper than any settings are\.$/,
    ],
    ['no zone at all', '', /cutover\.yaml:1: zones: /],
    [
      'a zone whose name differs from another’s in the case of letters only',
      `${zone}${zone.replace(/^zones:\n/, '').replace('production', 'Production')}`,
      /cutover\.yaml:\d+: zones: expected names that differ in more than the case of letters/,
    ],
    [
      'a default zone that does not exist',
      `defaultZone: nowhere\n${zone}`,
      /:1: defaultZone: expected the name of one of the zones/,
    ],
    [
      'a zone where green could not be reached',
      zone.replace(/ +testRoute.*\n/, ''),
      /testRoute: expected a testListener, or a testRoute/,
    ],
    [
      'a listener of another kind',
      zone.replace('/app/', '/net/'),
      /:6: .*listener: expected the ARN of an Application Load Balancer/,
    ],
    [
      'letter case that a load balancer’s wildcards would not overlook',
      `${zone}    pathMatching: wildcard\n    caseInsensitive: true\n`,
      /:9: .*caseInsensitive: a load balancer’s wildcards always tell upper from lower case: use pathMatching regex/,
    ],
    ['an application without its key', `${zone}applications: { Orders: {} }\n`, /:8: applications\.Orders\.key: /],
  ])('%s is refused with file, line and what was expected', (_, text, message) => {
    expect(() => parseSettings(text, 'cutover.yaml')).toThrow(message);
  });

  test('defaults are filled in, and times are milliseconds', () => {
    const { production } = parseSettings(zone, 'cutover.yaml').zones;
    expect(production).toMatchObject({ desiredCount: 2, priorities: { from: 1000, to: 1999 }, startTimeout: 900_000 });
  });

  test('paths are taken in any case where tasks run Windows, unless the zone says otherwise', () => {
    const windows = `${zone}    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }\n`;
    const matching = (text: string) => parseSettings(text, 'cutover.yaml').zones['production']?.caseInsensitive;
    expect(matching(zone)).toBe(false);
    expect(matching(windows)).toBe('classes');
    expect(matching(`${windows}    caseInsensitive: true\n`)).toBe(true);
    expect(matching(`${windows}    pathMatching: wildcard\n`)).toBe(false);
  });

  test('a deployment overrides its application, and that its zone', () => {
    expect(
      resolveRunbookOptions({ bake: 1 }, { bake: 2, settle: 2 }, { settle: 3, onFailure: 'rollback' }),
    ).toMatchObject({
      bake: 1,
      settle: 2,
      onFailure: 'rollback',
      approval: 'afterVerify',
    });
  });

  test.each([
    [450, '450ms'],
    [45_000, '45s'],
    [125_000, '2m 5s'],
    [86_400_000, '24h'],
  ])('%d ms is written %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));
});

test('EFS is refused for Windows tasks, which can’t mount it', () => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef';
  const text = `zones:
  production:
    address: https://apps.example.com
    region: eu-west-1
    cluster: outsystems
    listener: ${arn}
    testListener: ${arn}
    service: { launchType: EC2 }
    taskDefinition: { memory: '4096', runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }
    configuration:
      folder: /mnt/config
      store: /mnt/store
      configurationMount: { kind: efs, fileSystemId: fs-0123456789abcdef0 }
`;
  expect(() => parseSettings(text, 'cutover.yaml')).toThrow(
    /EFS volumes are for Linux only: use fsx, or a host folder, for Windows tasks/,
  );
});
