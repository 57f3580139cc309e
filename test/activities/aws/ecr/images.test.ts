/** Images in the local registry, through the real SDK. */
import { ApplicationFailure } from '@temporalio/common';
import { join } from 'node:path';
import { createClients, type AwsClients } from '../../../../activities/aws/client/clients';
import { describeRelease, findPlatformImage, isForgotten } from '../../../../activities/aws/ecr/images';
import { startLocalAws, testCredentials, type LocalAws } from '../../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../../packages/local-aws/test/sample-image';

const registry = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
let local: LocalAws;
let clients: AwsClients;

beforeAll(async () => {
  local = await startLocalAws();
  clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  await makeImage(join(local.folder, 'images'), 'orders:1', server, { labels: { 'io.cutover.modules': '["Orders"]' } });
});
afterAll(() => local.close());

const described = (image: string, zoneRegistry: string | undefined = registry) =>
  describeRelease(() => clients, image, { registry: zoneRegistry }, {});

test('a tag becomes the digest it points at now, and the image tells its modules', async () => {
  const found = await described('orders:1');
  expect(found).toMatchObject({ image: 'orders:1', version: '1', modules: ['Orders'] });
  expect(found.reference).toBe(`${registry}/orders@${found.digest}`);
  expect(await described(found.reference)).toMatchObject({ digest: found.digest });
});

test.each([
  ['orders:9', /There is no image orders:9/],
  ['nothing:1', /there is no repository nothing/],
  ['docker.io/library/orders:1', /not in Amazon ECR, so what its tag points at can't be pinned/],
  [`docker.io/library/orders@sha256:${'0'.repeat(64)}`, /doesn't say which modules it holds/],
])('%s is refused with one sentence', async (image, message) => {
  await expect(described(image)).rejects.toThrow(message);
});

test('an image says what it runs on', async () => {
  const labels = { 'io.cutover.modules': '["Orders"]' };
  await makeImage(join(local.folder, 'images'), 'orders:windows', server, { labels, os: 'windows' });
  expect(await described('orders:windows')).toMatchObject({ platform: { os: 'windows', architecture: 'amd64' } });
  expect(await described('orders:1')).toMatchObject({ platform: { os: 'linux', architecture: 'amd64' } });
});

const entry = (os: string, architecture: string) => ({
  digest: `${os}/${architecture}`,
  platform: { os, architecture },
});
const attestation = entry('unknown', 'unknown');

test.each([
  ['the attestation comes first', [attestation, entry('linux', 'amd64')], 'linux/amd64'],
  [
    'other platforms come first',
    [entry('linux', 'arm64'), entry('windows', 'amd64'), entry('linux', 'amd64')],
    'linux/amd64',
  ],
  ['there is none for the platform', [attestation, entry('windows', 'amd64')], 'windows/amd64'],
  ['no platform is named', [{ digest: 'only' }], 'only'],
  ['there is an attestation alone', [attestation], undefined],
])('an index leads to the image for Linux where %s', (_, entries, digest) => {
  expect(findPlatformImage(entries, { os: 'linux', architecture: 'amd64' })?.digest).toBe(digest);
});

test('of several Windows an index leads to the one whose version the zone names', () => {
  const windows = (version: string) => ({
    digest: version,
    platform: { ...entry('windows', 'amd64').platform, 'os.version': version },
  });
  const entries = [attestation, windows('10.0.17763.6532'), windows('10.0.20348.2849')];
  const found = (osVersion?: string) => findPlatformImage(entries, { os: 'windows', architecture: 'amd64', osVersion });
  expect(found('10.0.20348')?.digest).toBe('10.0.20348.2849');
  expect(found('10.0.26100')?.digest).toBe('10.0.17763.6532');
  expect(found()?.digest).toBe('10.0.17763.6532');
});

describe('an image that a task definition names', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const forgotten = (reference: string) => isForgotten(() => clients, reference, {});

  test.each([
    [`${registry}/orders@${digest}`, true],
    [`${registry}/nothing@${digest}`, true],
    [`${registry}/orders:1`, false],
    [`docker.io/library/orders@${digest}`, false],
  ])('%s is gone: %s, as far as Amazon ECR knows', async (reference, expected) => {
    expect(await forgotten(reference)).toBe(expected);
  });

  test('is not taken for gone by a worker that may not look, nor while the registry doesn’t answer', async () => {
    const failing = (type: string) => {
      const failure = ApplicationFailure.create({ type, message: 'BatchGetImage: no' });
      const ecr = { send: () => Promise.reject(failure) } as unknown as AwsClients['ecr'];
      return isForgotten(() => ({ ...clients, ecr }), `${registry}/orders@${digest}`, {});
    };
    expect(await failing('AccessDenied')).toBe(false);
    await expect(failing('AwsUnavailable')).rejects.toThrow('BatchGetImage: no');
  });
});
