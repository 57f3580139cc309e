/** docker-compose.yml and the Dockerfile, as far as they can be checked without a container engine. `npm run test:containers` runs them. */
import { execFileSync } from 'node:child_process';
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
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly unknown[];
  readonly mem_limit?: string;
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
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

test('every image is pinned by its digest, ours to this version, and none is deprecated', () => {
  const images = [
    ...Object.values(services).map(({ image }) => image),
    /NODE_IMAGE=(\S+)/.exec(text('Dockerfile'))?.[1] ?? '',
  ];
  const pinned = /^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?@sha256:[0-9a-f]{64}$/;
  expect(images.filter((image) => !image.startsWith('cutover:') && !pinned.test(image))).toEqual([]);
  expect(images.filter((image) => image.includes('auto-setup'))).toEqual([]);
  expect(services['worker-1']?.image).toBe(`cutover:${version}`);
});

const files = ['docker-compose.yml', 'docker-compose.tls.yml'];

test('every port is this machine’s only, whichever files are used: TLS comes before others reach one', () => {
  const ports = files.flatMap((file) =>
    Object.values((parse(text(file), { merge: true }) as { services: Record<string, Service> }).services).flatMap(
      (service) => service.ports ?? [],
    ),
  );
  expect(ports).toHaveLength(3);
  expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
});

test('secrets are files of a folder that must be named, are in no environment, and have no default', () => {
  const { secrets } = parse(text('docker-compose.yml')) as { secrets: Record<string, { file: string }> };
  expect(Object.keys(secrets)).toEqual(['hook-secret', 'database-password']);
  for (const [name, { file }] of Object.entries(secrets))
    expect(file).toMatch(new RegExp(`^\\$\\{CUTOVER_SECRETS:\\?[^}]+\\}/${name}$`));
  const held = Object.entries(services).flatMap(([name, { secrets: own = [] }]) => own.map((one) => `${name} ${one}`));
  expect(held).toEqual([
    'postgresql database-password',
    'schema database-password',
    'temporal database-password',
    'hooks hook-secret',
  ]);
  const variables = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
  const secret = variables.filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN/.test(name));
  expect(secret.filter(([name, value]) => !name.startsWith('AWS_') && !value.startsWith('/run/secrets/'))).toEqual([]);
  expect(text('docker-compose.yml')).not.toMatch(/\$\{\w*(?:PASSWORD|HOOK_SECRET)\w*/);
});

test('what strangers reach has nothing of AWS’s in its environment, and a limit of memory', () => {
  expect(Object.keys(services['hooks']?.environment ?? {}).filter((name) => name.startsWith('AWS_'))).toEqual([]);
  expect(Object.keys(services['worker-1']?.environment ?? {})).toEqual(expect.arrayContaining(['AWS_REGION']));
  expect(services['hooks']).toMatchObject({ mem_limit: '256m', read_only: true, cap_drop: ['ALL'] });
});

test('the listener loads nothing that talks to AWS, so it has no use for credentials', () => {
  const program = `require(${JSON.stringify(join(root, 'lib', 'hooks', 'serve.js'))});
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => /@aws-sdk|@smithy|credential-provider/.test(file))))`;
  const loaded = execFileSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
  expect(JSON.parse(loaded)).toEqual([]);
});

test('the number of shards, which stays for good, is one to grow with', () => {
  expect(services['temporal']?.environment?.['NUM_HISTORY_SHARDS']).toBe('512');
});

describe('with TLS and authorization', () => {
  const { services: over } = parse(text('docker-compose.tls.yml'), { merge: true }) as {
    readonly services: Readonly<
      Record<string, Omit<Service, 'volumes'> & { readonly volumes?: readonly { readonly target: string }[] }>
    >;
  };
  const documented = text('docs/operations/run.md');

  test('whoever talks to Temporal has a certificate, and trusts the one that the server shows', () => {
    const talking = Object.entries(services).filter(([, { environment = {} }]) => 'TEMPORAL_ADDRESS' in environment);
    expect(talking.map(([name]) => name)).toEqual(['namespaces', 'temporal-ui', 'worker-1', 'worker-2', 'hooks']);
    for (const [name] of talking) {
      const { environment = {} } = over[name] ?? {};
      expect(Object.values(environment)).toEqual(
        expect.arrayContaining(['/certs/ca.pem', '/certs/client.pem', 'temporal']),
      );
    }
    expect(over['temporal']?.command?.[0]).toMatch(
      /export POSTGRES_PWD="\$\$\(cat \/run\/secrets\/database-password\)"/,
    );
    const { environment = {} } = over['temporal'] ?? {};
    expect(environment).toMatchObject({
      TEMPORAL_TLS_REQUIRE_CLIENT_AUTH: 'true',
      TEMPORAL_AUTH_AUTHORIZER: 'default',
      TEMPORAL_AUTH_CLAIM_MAPPER: 'default',
    });
  });

  test('it changes only services that there are, and every file that it names is mounted and documented', () => {
    expect(Object.keys(over).filter((name) => !(name in services))).toEqual([]);
    for (const { environment = {}, volumes = [] } of Object.values(over)) {
      const files = Object.values(environment).flatMap((value) => /(?<=\/certs\/)[\w.-]+/.exec(value) ?? []);
      expect(files.length).toBeGreaterThan(0);
      expect(volumes.map(({ target }) => target)).toEqual(['/certs']);
      expect(files.filter((file) => !documented.includes(`\`${file}\``))).toEqual([]);
    }
  });

  test('every variable that it wants is told of', () => {
    const wanted = [...text('docker-compose.tls.yml').matchAll(/\$\{(\w+):[?-]/g)].map(([, name = '']) => name);
    expect(wanted.filter((name) => !documented.includes(name) && name !== 'TEMPORAL_UI_CALLBACK')).toEqual([]);
  });
});

test('a bundle is unpacked on disk: what lies in a tmpfs counts as the memory that a worker is killed for', () => {
  for (const name of ['worker-1', 'worker-2', 'hooks']) {
    expect(services[name]?.tmpfs).toEqual(['/tmp:size=64m']);
    expect(services[name]?.mem_limit).toBeDefined();
  }
  const workplace = /TMPDIR=(\S+)/.exec(text('Dockerfile'))?.[1];
  expect(workplace).toBe('/var/lib/cutover');
  for (const name of ['worker-1', 'worker-2']) expect(services[name]?.volumes).toContain(workplace);
});

test('settings that an editor saves as a new file are seen: their folder is mounted', () => {
  for (const name of ['worker-1', 'worker-2', 'hooks'])
    expect(services[name]?.volumes).toContainEqual(expect.objectContaining({ target: '/etc/cutover' }));
});

test('the image is built once', () => {
  expect(Object.keys(services).filter((name) => services[name]?.build)).toEqual(['worker-1']);
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
