/**
 * The manifests of a local image, made on demand as BuildKit pushes an image: an index that names an attestation of how
 * the image was built, and the image's manifest for its platform, whose configuration bears labels, environment and
 * command; of a Windows image one for each version of Windows, the oldest first, for a host takes only its own. The attestation
 * comes first here, because the index's order promises nothing.
 * https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
import { createHash } from 'node:crypto';
import type { RegisteredImage } from '../images/images';

export interface Manifest {
  readonly mediaType: string;
  readonly text: string;
}

export const indexType = 'application/vnd.oci.image.index.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configurationType = 'application/vnd.oci.image.config.v1+json';

/** What BatchGetImage answers for the image's tag or digest. */
export function indexOf(image: RegisteredImage): Manifest {
  const own = platformsOf(image).map((platform) => ({
    platform,
    manifest: manifestOf(configurationOf(image, platform)),
  }));
  const attested = {
    ...describe(manifestOf(attestationOf(image)), { architecture: 'unknown', os: 'unknown' }),
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': digestOf(own[0]?.manifest.text ?? ''),
    },
  };
  const manifests = [attested, ...own.map(({ manifest, platform }) => describe(manifest, platform))];
  return { mediaType: indexType, text: JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }) };
}

/** The manifest of this digest that the image's index names. */
export function findChild(image: RegisteredImage, digest: string | undefined): Manifest | undefined {
  return layersOf(image)
    .map(manifestOf)
    .find(({ text }) => digestOf(text) === digest);
}

/** What can be downloaded of an image: the configurations that its manifests name. */
export function layersOf(image: RegisteredImage): readonly string[] {
  return [attestationOf(image), ...platformsOf(image).map((platform) => configurationOf(image, platform))];
}

export function digestOf(blob: string): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
}

function describe({ mediaType, text }: Manifest, platform: Platform) {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text), platform };
}

function manifestOf(blob: string): Manifest {
  const config = { mediaType: configurationType, size: Buffer.byteLength(blob), digest: digestOf(blob) };
  return {
    mediaType: manifestType,
    text: JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: [] }),
  };
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function configurationOf(image: RegisteredImage, platform: Platform): string {
  return JSON.stringify({
    created: new Date(image.builtAt).toISOString(),
    ...platform,
    config: {
      Env: Object.entries(image.environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      Cmd: image.command,
      WorkingDir: image.workingDirectory,
      Labels: image.labels,
    },
    rootfs: { type: 'layers', diff_ids: [] },
  });
}

/** Server 2019 and 2022. https://learn.microsoft.com/en-us/virtualization/windowscontainers/deploy-containers/version-compatibility */
const windowsVersions = ['10.0.17763.6532', '10.0.20348.2762'];

function platformsOf({ os = 'linux' }: RegisteredImage): readonly Platform[] {
  const platform = { architecture: 'amd64', os };
  return os === 'windows' ? windowsVersions.map((version) => ({ ...platform, 'os.version': version })) : [platform];
}

/** It belongs to one image: the image's digest stands in it, so that no two are the same. */
function attestationOf(image: RegisteredImage): string {
  const rootfs = { type: 'layers', diff_ids: [image.digest] };
  return JSON.stringify({ architecture: 'unknown', os: 'unknown', config: {}, rootfs });
}
