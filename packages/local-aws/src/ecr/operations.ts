/**
 * The registry: the local images as ECR shows them. An image is an index, as builders push it: its digest is the local
 * builder's, not the index's own.
 */
import type {
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  GetDownloadUrlForLayerRequest,
  GetDownloadUrlForLayerResponse,
  Image,
  ImageIdentifier,
  ListImagesFilter,
  ListImagesRequest,
  ListImagesResponse,
} from '@aws-sdk/client-ecr';
import type { RegisteredImage } from '../images/images';
import { pageOf } from '../ecs/ecs';
import type { ListImages } from '../ecs/tasks/runner';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import type { Reply } from '../protocol/reply';
import { accountId, arnOf, type Scope } from '../scope';
import { digestOf, findChild, indexOf, indexType, layersOf, type Manifest } from './manifests';

export interface Ecr {
  readonly scope: Scope;
  readonly listImages: ListImages;
  /** The URL of this API, for downloads. */
  readonly endpoint: () => string;
}

/** The largest page. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html */
const mostImages = 1000;
const downloads = '/ecr/layers/';

export function ecrOperations(ecr: Ecr): Operations {
  const on =
    <Input, Output>(operation: (ecr: Ecr, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(ecr, input);
  return {
    DescribeRepositories: on(describeRepositories),
    DescribeImages: on(describeImages),
    ListImages: on(listImages),
    BatchGetImage: on(batchGetImage),
    GetDownloadUrlForLayer: on(getDownloadUrlForLayer),
  };
}

/** The blob of a download URL; undefined when the path isn't one of this registry. */
export async function downloadLayer(ecr: Ecr, path: string): Promise<Reply | undefined> {
  if (!path.startsWith(downloads)) return undefined;
  const [repository, digest] = path.slice(downloads.length).split('/').map(decodeURIComponent);
  const blob = (await ecr.listImages(repository)).flatMap(layersOf).find((one) => digestOf(one) === digest);
  if (blob === undefined) return { status: 404, contentType: 'text/plain', body: 'There is no such layer.' };
  return { status: 200, contentType: 'application/octet-stream', body: blob };
}

async function describeRepositories(
  ecr: Ecr,
  input: DescribeRepositoriesRequest,
): Promise<DescribeRepositoriesResponse> {
  const known = [...new Set((await ecr.listImages()).map(({ repository }) => repository))];
  const missing = input.repositoryNames?.find((name) => !known.includes(name));
  if (missing !== undefined) noRepository(missing);
  const { items, ...next } = pageOf(input.repositoryNames ?? known, input, mostImages);
  return {
    ...next,
    repositories: items.map((repositoryName) => ({
      registryId: accountId,
      repositoryName,
      repositoryArn: arnOf(ecr.scope, 'ecr', `repository/${repositoryName}`),
      repositoryUri: `${accountId}.dkr.ecr.${ecr.scope.region}.amazonaws.com/${repositoryName}`,
    })),
  };
}

async function describeImages(ecr: Ecr, input: Given<DescribeImagesRequest>): Promise<DescribeImagesResponse> {
  const images = await imagesOf(ecr, input.repositoryName);
  const wanted = input.imageIds?.map((id) => find(images, id) ?? noImage(id, input.repositoryName)) ?? images;
  const { items, ...next } = pageOf(filtered(wanted, input.filter), input, mostImages);
  return {
    ...next,
    imageDetails: items.map((image) => ({
      registryId: accountId,
      repositoryName: image.repository,
      imageDigest: image.digest,
      ...(image.tagged ? { imageTags: [image.tag] } : {}),
      imageSizeInBytes: image.size,
      imagePushedAt: new Date(image.builtAt),
      imageManifestMediaType: indexType,
    })),
  };
}

async function listImages(ecr: Ecr, input: Given<ListImagesRequest>): Promise<ListImagesResponse> {
  const images = await imagesOf(ecr, input.repositoryName);
  const { items, ...next } = pageOf(filtered(images, input.filter), input, mostImages);
  return { ...next, imageIds: items.map(identify) };
}

/** The images that pass a filter. None is archived here. */
function filtered(
  images: readonly RegisteredImage[],
  filter: ListImagesFilter | undefined,
): readonly RegisteredImage[] {
  const { tagStatus = 'ANY', imageStatus = 'ANY' } = filter ?? {};
  if (!['ANY', 'ACTIVE'].includes(imageStatus)) return [];
  return tagStatus === 'ANY' ? images : images.filter(({ tagged }) => tagged === (tagStatus === 'TAGGED'));
}

/**
 * An image that doesn't exist is listed as a failure, and one of a type that the caller doesn't take is as if it didn't exist:
 * nothing is converted. https://github.com/sigstore/sigstore-js/pull/1162
 */
async function batchGetImage(ecr: Ecr, input: Given<BatchGetImageRequest>): Promise<BatchGetImageResponse> {
  const images = await imagesOf(ecr, input.repositoryName);
  const taken = input.acceptedMediaTypes;
  const found = input.imageIds.map((id) => {
    const image = findManifest(images, id);
    return taken?.includes(image?.imageManifestMediaType ?? '') === false ? undefined : image;
  });
  const missing = input.imageIds.filter((_, index) => found[index] === undefined);
  return {
    images: found.filter((manifest) => manifest !== undefined),
    failures: missing.map((imageId) => ({
      imageId,
      failureCode: 'ImageNotFound',
      failureReason: 'Requested image not found',
    })),
  };
}

async function getDownloadUrlForLayer(
  ecr: Ecr,
  input: Given<GetDownloadUrlForLayerRequest>,
): Promise<GetDownloadUrlForLayerResponse> {
  const images = await imagesOf(ecr, input.repositoryName);
  if (!images.flatMap(layersOf).some((layer) => digestOf(layer) === input.layerDigest)) {
    fail(
      'LayersNotFoundException',
      `The layer with digest '${input.layerDigest}' does not exist in the repository with name '${input.repositoryName}' in the registry with id '${accountId}'`,
    );
  }
  const [repository, digest] = [input.repositoryName, input.layerDigest].map(encodeURIComponent);
  return { downloadUrl: `${ecr.endpoint()}${downloads}${repository}/${digest}`, layerDigest: input.layerDigest };
}

async function imagesOf(ecr: Ecr, repository: string): Promise<readonly RegisteredImage[]> {
  const images = await ecr.listImages(repository);
  return images.length === 0 ? noRepository(repository) : images;
}

function find(
  images: readonly RegisteredImage[],
  { imageDigest, imageTag }: ImageIdentifier,
): RegisteredImage | undefined {
  return images.find(
    (image) =>
      (imageDigest === undefined || image.digest === imageDigest) &&
      (imageTag === undefined || (image.tagged && image.tag === imageTag)) &&
      (imageDigest ?? imageTag) !== undefined,
  );
}

function identify(image: RegisteredImage): ImageIdentifier {
  return image.tagged ? { imageDigest: image.digest, imageTag: image.tag } : { imageDigest: image.digest };
}

/** An image's index by its tag or digest, or one of the manifests that an index names by its own digest. */
function findManifest(images: readonly RegisteredImage[], id: ImageIdentifier): Image | undefined {
  const image = find(images, id);
  if (image !== undefined) return describeManifest(image, identify(image), indexOf(image));
  for (const parent of images) {
    const child = id.imageTag === undefined ? findChild(parent, id.imageDigest) : undefined;
    if (child !== undefined) return describeManifest(parent, { imageDigest: id.imageDigest }, child);
  }
  return undefined;
}

function describeManifest(
  { repository }: RegisteredImage,
  imageId: ImageIdentifier,
  { mediaType, text }: Manifest,
): Image {
  return {
    registryId: accountId,
    repositoryName: repository,
    imageId,
    imageManifest: text,
    imageManifestMediaType: mediaType,
  };
}

function noRepository(name: string): never {
  return fail(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
  );
}

function noImage({ imageDigest = 'null', imageTag = 'null' }: ImageIdentifier, repository: string): never {
  const id = `{imageDigest:'${imageDigest}', imageTag:'${imageTag}'}`;
  return fail(
    'ImageNotFoundException',
    `The image with imageId ${id} does not exist within the repository with name '${repository}' in the registry with id '${accountId}'`,
  );
}
