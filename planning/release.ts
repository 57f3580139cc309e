/**
 * What a deployment puts in place: an image pinned by digest, and the modules it holds. The task definition itself records
 * them, in its container's labels, so that what is live can always be told from AWS alone.
 */
export interface Release {
  /** As people asked for it, e.g. `orders:1.4.2`. */
  readonly image: string;
  /** What ECS pulls: repository and digest. */
  readonly reference: string;
  readonly digest: string;
  /** What people call it: the image's tag, else the start of its digest. */
  readonly version: string;
  readonly modules: readonly string[];
}

export const releaseLabels = {
  image: 'io.cutover.image',
  /** A JSON array of names; the image builder sets it on the image too. */
  modules: 'io.cutover.modules',
  /** The run that registered the task definition. */
  run: 'io.cutover.run',
} as const;

export type Labels = Readonly<Record<string, string>>;

export function labelsOf(release: Release, runId: string): Labels {
  return {
    [releaseLabels.image]: release.image,
    [releaseLabels.modules]: JSON.stringify(release.modules),
    [releaseLabels.run]: runId,
  };
}

/** What a task definition's container says of its release; `undefined` when something else made it. */
export function releaseOf(reference: string, labels: Labels): Release | undefined {
  const image = labels[releaseLabels.image];
  const modules = parseModules(labels[releaseLabels.modules]);
  if (image === undefined || modules === undefined) return undefined;
  return { image, reference, digest: reference.split('@')[1] ?? '', version: versionOf(image), modules };
}

/** Reads the modules label; `undefined` when it's absent or not a list of names. */
export function parseModules(label: string | undefined): readonly string[] | undefined {
  if (label === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(label);
    return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The part of an image's name that people call its version: the tag, else the start of the digest. */
export function versionOf(image: string): string {
  const [named = image, digest] = image.split('@');
  const tag = /:([^/:]+)$/.exec(named)?.[1];
  return tag ?? digest?.slice(0, 'sha256:'.length + 12) ?? 'latest';
}
