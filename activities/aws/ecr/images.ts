/**
 * Images in Amazon ECR: a tag becomes the digest that it points at now, and the image's own labels name its modules.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
 */
import { BatchGetImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { ApplicationFailure } from '@temporalio/common';
import { EnvHttpProxyAgent, request } from 'undici';
import { z } from 'zod';
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { platformOf, type Platform } from '../../../planning/release/platform';
import type { AwsLocation } from '../../../planning/site';
import { formatImage, parseImage, versionOf, type ImageParts } from '../../../planning/release/image-reference';
import { parseModules, releaseLabels, type Release } from '../../../planning/release/release';
import type { AwsClients, ClientsOf } from '../client/clients';
import { isAwsError } from '../client/errors';

/** Captures account and region; what comes after them differs between partitions. */
const registryHost = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)(?:\.[a-z0-9-]+)+$/;

/** The settings of a zone by which an image is found. */
export interface ImageZone extends Pick<AwsLocation, 'role'> {
  readonly registry?: string | undefined;
  /** Its `runtimePlatform` says which image of an index the zone runs. */
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
}

/**
 * Reads what an image is: its digest and its modules.
 * @param zone the registry of an image that names none, and the role to ask with
 * @param modules `asked` wins over the image's label; `fallback` is for an image without a label
 * @throws {ApplicationFailure} of type `InvalidRequest` when there is no such image, or it can't be pinned, or its modules are
 * unknown
 */
export async function describeRelease(
  clientsOf: ClientsOf,
  image: string,
  { registry: zoneRegistry, role, taskDefinition }: ImageZone,
  modules: { readonly asked?: readonly string[]; readonly fallback?: readonly string[] },
): Promise<Release> {
  const parts = parseImage(image);
  const registry = parts.registry || (zoneRegistry ?? '');
  const [, registryId, region] = registryHost.exec(registry) ?? [];
  const found =
    registryId !== undefined && region !== undefined
      ? await describeEcrImage(
          clientsOf({ region, role }),
          { ...parts, registry: registryId },
          image,
          wantedPlatform(taskDefinition),
        )
      : pinned(parts, image);
  const known = modules.asked ?? found.modules ?? modules.fallback;
  if (known === undefined) throw unknownModules(image);
  return {
    image,
    reference: formatImage({ registry, repository: parts.repository, digest: found.digest }),
    digest: found.digest,
    version: versionOf(image),
    modules: known,
    configuration: null,
    ...(found.platform && { platform: found.platform }),
  };
}

interface FoundImage {
  readonly digest: string;
  readonly modules: readonly string[] | undefined;
  readonly platform?: Platform;
}

function pinned({ digest }: ImageParts, image: string): FoundImage {
  if (digest !== undefined) return { digest, modules: undefined };
  throw invalid(
    `${image} is not in Amazon ECR, so what its tag points at can't be pinned: name it by digest (repository@sha256:…), or set the zone's "registry".`,
  );
}

const unknownModules = (image: string) =>
  invalid(
    `${image} doesn't say which modules it holds: set the label ${releaseLabels.modules} on it, or "modules" of the application in the settings.`,
  );

const indexEntry = z.object({
  digest: z.string(),
  platform: z
    .looseObject({
      os: z.string().default(''),
      architecture: z.string().default(''),
      'os.version': z.string().optional(),
    })
    .optional(),
});
type IndexEntry = z.infer<typeof indexEntry>;

const manifest = z.looseObject({
  config: z.object({ digest: z.string() }).optional(),
  manifests: z.array(indexEntry).optional(),
});
/** All that `manifest` reads: the registry converts none of them. */
const acceptedMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const runtimePlatform = z.looseObject({
  runtimePlatform: z
    .looseObject({ operatingSystemFamily: z.string().optional(), cpuArchitecture: z.string().optional() })
    .optional(),
});
const imageConfiguration = z.looseObject({
  os: z.string().optional(),
  architecture: z.string().default('amd64'),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).optional(),
});

const wantedPlatform = (taskDefinition: ImageZone['taskDefinition']): Platform =>
  platformOf(runtimePlatform.safeParse(taskDefinition).data?.runtimePlatform as TaskDefinition['runtimePlatform']);

/**
 * The image of an index that runs on a platform, of several Windows that of its version, else any image: attestations (`unknown/unknown`) are none.
 * https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function findPlatformImage(entries: readonly IndexEntry[], wanted: Platform): IndexEntry | undefined {
  const images = entries.filter(({ platform }) => platform?.os !== 'unknown');
  const fits = images.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  const sameVersion = fits.find(
    ({ platform }) => wanted.osVersion !== undefined && platform?.['os.version']?.startsWith(`${wanted.osVersion}.`),
  );
  return sameVersion ?? fits[0] ?? images[0];
}

async function describeEcrImage(
  clients: AwsClients,
  parts: ImageParts,
  image: string,
  platform: Platform,
): Promise<FoundImage> {
  const { ecr } = clients;
  const { registry: registryId, repository: repositoryName } = parts;
  const imageIds = [imageIdOf(parts)];
  const answer = await ecr
    .send(new BatchGetImageCommand({ registryId, repositoryName, imageIds, acceptedMediaTypes }))
    .catch((failure: unknown) => {
      if (isAwsError(failure, 'RepositoryNotFound'))
        throw noSuchImage(image, `there is no repository ${repositoryName}`);
      throw failure;
    });
  const [found] = answer.images ?? [];
  const digest = found?.imageId?.imageDigest;
  if (!found || digest === undefined)
    throw noSuchImage(image, answer.failures?.[0]?.failureReason ?? 'the repository has no such tag or digest');
  const { config, manifests } = manifest.parse(JSON.parse(found.imageManifest ?? '{}'));
  const chosen = findPlatformImage(manifests ?? [], platform);
  if (chosen) {
    const inner = await describeEcrImage(clients, { ...parts, digest: chosen.digest }, image, platform);
    return { ...inner, digest };
  }
  if (!config) return { digest, modules: undefined };
  const layer = { registryId, repositoryName, layerDigest: config.digest };
  const { downloadUrl = '' } = await ecr.send(new GetDownloadUrlForLayerCommand(layer));
  const { os, architecture, config: own } = await download(downloadUrl);
  const modules = parseModules(own?.Labels?.[releaseLabels.modules]);
  return { digest, modules, ...(os !== undefined && { platform: { os, architecture } }) };
}

/**
 * Whether Amazon ECR no longer has what a task definition pulls. What can't be told isn't: the image is in another registry, or one
 * that this worker may not read while the tasks' role may.
 * Effect: none.
 */
export async function isForgotten(
  clientsOf: ClientsOf,
  reference: string,
  { role }: Pick<AwsLocation, 'role'>,
): Promise<boolean> {
  const { registry, repository: repositoryName, ...parts } = parseImage(reference);
  const [, registryId, region] = registryHost.exec(registry) ?? [];
  if (region === undefined) return false;
  try {
    const asked = { registryId, repositoryName, imageIds: [imageIdOf(parts)], acceptedMediaTypes };
    const { failures = [] } = await clientsOf({ region, role }).ecr.send(new BatchGetImageCommand(asked));
    return failures.some(({ failureCode }) => failureCode === 'ImageNotFound');
  } catch (failure) {
    if (isAwsError(failure, 'RepositoryNotFound')) return true;
    if (failure instanceof ApplicationFailure && failure.type === 'AccessDenied') return false;
    throw failure;
  }
}

const imageIdOf = ({ digest, tag }: Pick<ImageParts, 'digest' | 'tag'>) =>
  digest === undefined ? { imageTag: tag ?? 'latest' } : { imageDigest: digest };

/** Follows HTTPS_PROXY, HTTP_PROXY and NO_PROXY: ECR keeps configurations in S3, which is often behind a proxy. */
let proxied: EnvHttpProxyAgent | undefined;

async function download(url: string): Promise<z.infer<typeof imageConfiguration>> {
  proxied ??= new EnvHttpProxyAgent();
  const { statusCode, body } = await request(url, { headersTimeout: 8_000, bodyTimeout: 8_000, dispatcher: proxied });
  if (statusCode !== 200) throw new Error(`The image's configuration can't be downloaded: HTTP ${statusCode}`);
  return imageConfiguration.parse(JSON.parse(await textOf(body)));
}

/** Far more than layers and labels take: who may push an image could fill the worker's memory. */
const mostBytes = 4 * 1024 * 1024;

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > mostBytes) throw invalid('The image’s configuration has more than 4 MiB. Nothing was changed.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const noSuchImage = (image: string, why: string) => invalid(`There is no image ${image}: ${why}. Nothing was changed.`);
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
