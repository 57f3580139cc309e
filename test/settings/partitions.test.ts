/** AWS is more than one partition: `aws`, China's, the United States government's, and those that nobody sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absentTargetGroup } from '../../activities/aws/questions/permissions';
import { parseSettings } from '../../settings/load';

const places = [
  ['aws', 'eu-west-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-iso', 'us-iso-east-1'],
  ['aws-iso-b', 'us-isob-east-1'],
  ['aws-eusc', 'eusc-de-east-1'],
] as const;

test.each(places)('a zone can be in %s, and take on a role there', (partition, region) => {
  const listener = `arn:${partition}:elasticloadbalancing:${region}:123456789012:listener/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2`;
  const role = `arn:${partition}:iam::123456789012:role/cutover`;
  const { zones } = parseSettings(
    `zones: { production: { address: 'https://a.example', region: ${region}, role: { arn: '${role}' }, cluster: c, listener: '${listener}', testRoute: { value: a-long-test-secret } } }`,
    'cutover.yaml',
  );
  expect(zones['production']).toMatchObject({ listener, role: { arn: role } });
  expect(absentTargetGroup(listener)).toMatch(
    new RegExp(`^arn:${partition}:elasticloadbalancing:${region}:123456789012:targetgroup/`),
  );
});

test.each(['activities', 'planning', 'workflows', 'worker', 'settings'])(
  'no code in %s takes one partition for granted',
  (folder) => {
    const root = join(__dirname, '..', '..', folder);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => /arn:aws:/.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  },
);
