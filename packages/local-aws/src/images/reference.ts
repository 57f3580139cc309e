/**
 * References to images, in the forms that ECR and Docker know.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html has the pattern of a repository's name.
 */

export interface ImageReference {
  readonly repository: string;
  /** `latest` when the reference names none. */
  readonly tag: string;
  /** When given, it alone decides which image is meant. */
  readonly digest?: string;
}

const registryHost = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?<repository>${component}(?:/${component})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Whether a reference names another registry than ECR: a host has a dot or a port, a repository's first part has neither there. */
export function isElsewhere(text: string): boolean {
  const [first = '', ...rest] = text.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) && !registryHost.test(text);
}

/** Parses a reference; undefined when it isn't one. An ECR registry's host before the name is ignored. */
export function parseReference(text: string): ImageReference | undefined {
  const name = text.replace(registryHost, '');
  const groups = name.length > 512 ? undefined : reference.exec(name)?.groups;
  if (groups?.['repository'] === undefined) return undefined;
  const { repository, tag = 'latest', digest } = groups;
  return { repository, tag, ...(digest === undefined ? {} : { digest }) };
}
