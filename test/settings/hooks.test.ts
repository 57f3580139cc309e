import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowedBy } from '../../settings/hooks';
import { parseSettings } from '../../settings/load';
import { zone } from './minimal';

const folders = String.raw`    folders:
      target: { platform: 'D:\OutSystems\Target', mounted: /mnt/target }
      result: { platform: '\\files\share\Result', mounted: /mnt/result }
      config: { platform: /shared/config, mounted: /mnt/config }
`;
const configuration = `    service: { launchType: EC2 }
    configuration:
      store: /mnt/store
      configurationMount: { kind: host, root: /configurations }
`;

test('the folders by both their names; the configurations are read where the platform writes them', () => {
  const { zones } = parseSettings(`${zone}${folders}${configuration}`, 'cutover.yaml');
  expect(zones['production']).toMatchObject({
    folders: { target: { platform: String.raw`D:\OutSystems\Target`, mounted: '/mnt/target' } },
    configuration: { folder: '/mnt/config', store: '/mnt/store' },
    platformTimeout: 1_800_000,
    deploymentsAtOnce: 5,
    answerUpdates: 'afterBake',
  });
});

test.each([
  ['a platform path that is not absolute', folders.replace(/'D:.*?'/, 'Target'), /target\.platform: expected an abs/],
  ['a mounted path that is not absolute', folders.replace('/mnt/target', 'target'), /target\.mounted: expected an abs/],
  ['configurations from nowhere', configuration, /configuration\.folder: expected the folder of the configurations/],
  ['a builder without its command', '    builder: { kind: command }\n', /builder\.command/],
  [
    'a repository that is the same for all applications',
    '    builder: { kind: docker, repository: outsystems }\n',
    /repository: expected a repository such as/,
  ],
])('%s is refused', (_, text, message) => {
  expect(() => parseSettings(`${zone}${text}`, 'cutover.yaml')).toThrow(message);
});

test('allowed addresses are addresses and ranges, in either family', () => {
  expect(() => parseSettings(`${zone}hooks: { allowedAddresses: [10.0.0.0/33] }`, 'cutover.yaml')).toThrow(
    /allowedAddresses\.0: expected an IP address or a range/,
  );
  const allowed = allowedBy(['10.1.0.0/16', 'fd00::/8', '192.0.2.7']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '192.0.2.7'].map(allowed)).toEqual([true, true, true, true]);
  expect(['10.2.0.1', '192.0.2.8', '2001:db8::1', 'nonsense'].map(allowed)).toEqual([false, false, false, false]);
  expect(allowedBy([])('203.0.113.9')).toBe(true);
});

test('the settings in docs/outsystems.md are settings', () => {
  const text = readFileSync(join(__dirname, '../../docs/outsystems.md'), 'utf8');
  const [whole = '', builder = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const rest = zone.split('\n').slice(2).join('\n');
  const { zones, hooks } = parseSettings(whole.replace(/ {4}# …\n/, rest), 'docs/outsystems.md');
  expect(hooks).toMatchObject({ port: 8443, withoutSecret: false });
  expect(zones['production']).toMatchObject({ builder: { kind: 'docker', repository: 'outsystems/{application}' } });
  const other = parseSettings(`${zone}${builder.replace(/^/gm, '    ')}`, 'docs/outsystems.md').zones['production'];
  expect(other).toMatchObject({
    builder: { kind: 'command', environment: { CODEBUILD_PROJECT: 'outsystems-images' } },
  });
});
