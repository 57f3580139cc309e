/** docker-compose.yml and the Dockerfile, as far as they can be checked without a container engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { template } from '../../client/text/settings-template';
import { parseSettings } from '../../settings/load';

const root = join(__dirname, '..', '..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: object;
  readonly command?: readonly string[];
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
}

const { services } = parse(text('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const { version } = JSON.parse(text('package.json')) as { readonly version: string };

test('there are a Temporal server on PostgreSQL with its UI, two workers and a listener', () => {
  const commands = Object.values(services).flatMap(({ command }) => command?.[0] ?? []);
  expect(commands.filter((command) => command === 'worker')).toHaveLength(2);
  expect(commands.filter((command) => command === 'hooks')).toHaveLength(1);
  expect(Object.values(services).map(({ image }) => image.split(':')[0])).toEqual(
    expect.arrayContaining(['postgres', 'temporalio/server', 'temporalio/ui', 'temporalio/admin-tools']),
  );
});

test('every image is pinned, ours to this version, and none is deprecated', () => {
  const images = [
    ...Object.values(services).map(({ image }) => image),
    /NODE_IMAGE=(\S+)/.exec(text('Dockerfile'))?.[1] ?? '',
  ];
  expect(images.filter((image) => !/^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?$/.test(image))).toEqual([]);
  expect(images.filter((image) => image.includes('auto-setup'))).toEqual([]);
  expect(services['worker-1']?.image).toBe(`cutover:${version}`);
});

test('what is deployed from outside needs a secret, and Temporal is reached from this machine only', () => {
  expect(services['hooks']?.environment?.['CUTOVER_HOOK_SECRET']).toMatch(/^\$\{CUTOVER_HOOK_SECRET:\?/);
  for (const name of ['temporal', 'temporal-ui'])
    expect(services[name]?.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
});

test('a worker that is told to stop has longer than its force time to hand over', () => {
  expect(services['worker-1']?.stop_grace_period).toBe('30s');
});

test('whatever somebody depends on is healthy, or has ended well', () => {
  for (const { depends_on: needed = {} } of Object.values(services))
    for (const [name, { condition }] of Object.entries(needed)) {
      expect(services[name]).toBeDefined();
      expect(condition).toBe(services[name]?.healthcheck ? 'service_healthy' : 'service_completed_successfully');
    }
});

test('the settings that it starts with are those that "cutover init" writes, and can be read', () => {
  const example = text('docs/operations/cutover.example.yaml');
  expect(example).toBe(template);
  expect(Object.keys(parseSettings(example, 'cutover.example.yaml').zones)).toEqual(['production']);
});

test('what runs in the image is not root, and needs no development dependency', () => {
  const dockerfile = text('Dockerfile');
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).toMatch(/npm prune --omit=dev/);
  expect(dockerfile).not.toMatch(/^FROM .*alpine/im);
});
