/** The registry shows the images that were built, and lists others as failures. */
import { join } from 'node:path';
import { ECR, paginateListImages, type ListImagesFilter } from '@aws-sdk/client-ecr';
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
      Labels: { team: 'sales' },
      Env: ['FROM_IMAGE=yes'],
      Entrypoint: ['node', '/app/server.js'],
    },
  });
});

test('images are listed by tag status, and in pages', async () => {
  await makeImage(join(local.folder, 'images'), 'orders:2', server);
  const list = async (filter: ListImagesFilter) =>
    (await ecr.listImages({ repositoryName: 'orders', filter })).imageIds;
  expect(await list({ tagStatus: 'TAGGED' })).toHaveLength(2);
  expect(await list({ tagStatus: 'UNTAGGED' })).toEqual([]);
  expect(await list({ imageStatus: 'ARCHIVED' })).toEqual([]);
  const pages: (string | undefined)[][] = [];
  for await (const { imageIds = [] } of paginateListImages(
    { client: ecr, pageSize: 1 },
    { repositoryName: 'orders' },
  )) {
    pages.push(imageIds.map(({ imageTag }) => imageTag));
  }
  expect(pages.map((page) => page.length)).toEqual([1, 1]);
  expect(new Set(pages.flat())).toEqual(new Set(['1', '2']));
});
