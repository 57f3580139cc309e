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

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: string; readonly size: number };
  readonly manifests: readonly {
    readonly digest: string;
    readonly size: number;
    readonly platform: { readonly os: string; readonly architecture: string; readonly 'os.version'?: string };
  }[];
}

const manifestText = async (imageDigest: string | undefined): Promise<string> => {
  const { images } = await ecr.batchGetImage({ repositoryName: 'orders', imageIds: [{ imageDigest }] });
  expect(images?.[0]?.imageId?.imageDigest).toBe(imageDigest);
  return images?.[0]?.imageManifest ?? '{}';
};

test('an image is an index, with an attestation before the manifest that leads to its labels', async () => {
  const { imageDetails } = await ecr.describeImages({ repositoryName: 'orders', imageIds: [{ imageTag: '1' }] });
  const index = JSON.parse(await manifestText(imageDetails?.[0]?.imageDigest)) as Manifest;
  expect(index.mediaType).toBe(imageDetails?.[0]?.imageManifestMediaType);
  expect(index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`)).toEqual([
    'unknown/unknown',
    'linux/amd64',
  ]);
  const texts = await Promise.all(index.manifests.map(async ({ digest }) => await manifestText(digest)));
  expect(texts.map((text) => Buffer.byteLength(text))).toEqual(index.manifests.map(({ size }) => size));
  const [attestation, manifest] = texts.map((text) => JSON.parse(text) as Manifest);
  expect(JSON.parse(await layer(attestation))).toMatchObject({ os: 'unknown', config: {} });
  expect(JSON.parse(await layer(manifest))).toMatchObject({
    os: 'linux',
    config: {
      Labels: { team: 'sales' },
      Env: ['FROM_IMAGE=yes'],
      Entrypoint: ['node', '/app/server.js'],
    },
  });
});

test('an image of Windows has a manifest for each version, an old one first', async () => {
  await makeImage(join(local.folder, 'images'), 'orders:windows', server, { os: 'windows' });
  const { imageDetails } = await ecr.describeImages({ repositoryName: 'orders', imageIds: [{ imageTag: 'windows' }] });
  const { manifests } = JSON.parse(await manifestText(imageDetails?.[0]?.imageDigest)) as Manifest;
  const versions = manifests.map(({ platform }) => platform['os.version']);
  expect(versions).toEqual([undefined, '10.0.17763.6532', '10.0.20348.2762']);
  for (const [index, version] of versions.entries()) {
    const own = JSON.parse(await layer(JSON.parse(await manifestText(manifests[index]?.digest)) as Manifest)) as object;
    expect(own).toMatchObject(version === undefined ? { os: 'unknown' } : { os: 'windows', 'os.version': version });
  }
});

test('an index is not found by who takes plain manifests only', async () => {
  const asked = { repositoryName: 'orders', imageIds: [{ imageTag: '1' }] };
  const plain = 'application/vnd.docker.distribution.manifest.v2+json';
  const { images, failures } = await ecr.batchGetImage({ ...asked, acceptedMediaTypes: [plain] });
  expect([images, failures?.[0]?.failureCode]).toEqual([[], 'ImageNotFound']);
  const index = 'application/vnd.oci.image.index.v1+json';
  expect((await ecr.batchGetImage({ ...asked, acceptedMediaTypes: [plain, index] })).images).toHaveLength(1);
});

/** The configuration that a manifest names. */
async function layer(manifest: Manifest | undefined): Promise<string> {
  const layerDigest = manifest?.config.digest;
  const { downloadUrl = '' } = await ecr.getDownloadUrlForLayer({ repositoryName: 'orders', layerDigest });
  const blob = await (await fetch(downloadUrl)).text();
  expect(Buffer.byteLength(blob)).toBe(manifest?.config.size);
  return blob;
}

test('images are listed by tag status, and in pages', async () => {
  await makeImage(join(local.folder, 'images'), 'orders:2', server);
  const list = async (filter: ListImagesFilter) =>
    (await ecr.listImages({ repositoryName: 'orders', filter })).imageIds;
  expect(await list({ tagStatus: 'TAGGED' })).toHaveLength(3);
  expect(await list({ tagStatus: 'UNTAGGED' })).toEqual([]);
  expect(await list({ imageStatus: 'ARCHIVED' })).toEqual([]);
  const pages: (string | undefined)[][] = [];
  for await (const { imageIds = [] } of paginateListImages(
    { client: ecr, pageSize: 1 },
    { repositoryName: 'orders' },
  )) {
    pages.push(imageIds.map(({ imageTag }) => imageTag));
  }
  expect(pages.map((page) => page.length)).toEqual([1, 1, 1]);
  expect(new Set(pages.flat())).toEqual(new Set(['1', '2', 'windows']));
});
