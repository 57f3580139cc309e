/** The registry shows what was built, and says what wasn't. */
import { join } from 'node:path';
import { ECR } from '@aws-sdk/client-ecr';
import { startLocalAws, testCredentials, type LocalAws } from '../local-aws';
import { makeImage, server } from '../sample-image';

let local: LocalAws;
let ecr: ECR;

beforeAll(async () => {
  local = await startLocalAws();
  ecr = new ECR({ endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials, maxAttempts: 1 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
});
afterAll(() => local.close());

test('a repository or an image that is not there is refused by name', async () => {
  await expect(ecr.describeImages({ repositoryName: 'invoices' })).rejects.toMatchObject({
    name: 'RepositoryNotFoundException',
    message: expect.stringContaining("'invoices'"),
  });
  const imageIds = [{ imageTag: '2' }];
  await expect(ecr.describeImages({ repositoryName: 'orders', imageIds })).rejects.toMatchObject({
    name: 'ImageNotFoundException',
    message: expect.stringContaining("imageTag:'2'"),
  });
  const { images, failures } = await ecr.batchGetImage({ repositoryName: 'orders', imageIds });
  expect([images, failures?.[0]?.failureCode]).toEqual([[], 'ImageNotFound']);
  await expect(
    ecr.getDownloadUrlForLayer({ repositoryName: 'orders', layerDigest: `sha256:${'0'.repeat(64)}` }),
  ).rejects.toMatchObject({ name: 'LayersNotFoundException' });
});

test("an image's manifest leads to its labels, environment and command", async () => {
  const { imageDetails } = await ecr.describeImages({ repositoryName: 'orders', imageIds: [{ imageTag: '1' }] });
  const imageIds = [{ imageDigest: imageDetails?.[0]?.imageDigest }];
  const { images } = await ecr.batchGetImage({ repositoryName: 'orders', imageIds });
  const manifest = JSON.parse(images?.[0]?.imageManifest ?? '{}') as { config: { digest: string; size: number } };
  const layerDigest = manifest.config.digest;
  const { downloadUrl = '' } = await ecr.getDownloadUrlForLayer({ repositoryName: 'orders', layerDigest });
  const blob = await (await fetch(downloadUrl)).text();
  expect(Buffer.byteLength(blob)).toBe(manifest.config.size);
  expect(JSON.parse(blob)).toMatchObject({
    config: {
      Labels: { 'io.cutover.modules': '["Orders"]' },
      Env: ['FROM_IMAGE=yes'],
      Entrypoint: ['node', '/app/server.js'],
    },
  });
});
