/**
 * The syntax of an image reference, `[registry/]repository[:tag][@digest]`, as Docker writes it. An *image* is named as people
 * name it, by a tag that may move; a *reference* is pinned by a digest.
 */

export interface ImageParts {
  /** A host, possibly with a port; empty when none is named. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** With its algorithm: `sha256:…`. */
  readonly digest?: string;
}

export function parseImage(image: string): ImageParts {
  const [named = '', digest] = image.split('@');
  const [, path = '', tag] = /^(.*?)(?::([^/:]+))?$/.exec(named) ?? [];
  const [first = '', ...rest] = path.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return {
    registry: hasRegistry ? first : '',
    repository: hasRegistry ? rest.join('/') : path,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** What {@link parseImage} takes apart. */
export const formatImage = ({ registry, repository, tag, digest }: ImageParts): string =>
  `${registry === '' ? '' : `${registry}/`}${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

/** The image at exactly this digest, its tag still there for people to read. */
export const pin = (image: string, digest: string): string => formatImage({ ...parseImage(image), digest });

/** The digest that pins a reference; empty when none does. */
export const digestOf = (reference: string): string => parseImage(reference).digest ?? '';

const shownDigestLength = 'sha256:'.length + 12;

/** The part of an image's name that people call its version: the tag, else the start of the digest. */
export function versionOf(image: string): string {
  const { tag, digest } = parseImage(image);
  return tag ?? digest?.slice(0, shownDigestLength) ?? 'latest';
}

/** The image without this registry, where it names it; a registry may have a path. */
export const withoutRegistry = (image: string, registry: string): string =>
  registry !== '' && image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
