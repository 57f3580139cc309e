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
  /** SHA-256 of the App.config that comes with it; `null` when there is none. */
  readonly configuration: string | null;
}

/** The static file that the image builder adds to every module, under `/<Module>/`; its content names the release. */
export const releaseMarker = '_cutover_release.txt';

export const releaseLabels = {
  image: 'io.cutover.image',
  /** A JSON array of names; the image builder sets it on the image too. */
  modules: 'io.cutover.modules',
  /** The run that registered the task definition. */
  run: 'io.cutover.run',
  configuration: 'io.cutover.configuration',
  strategy: 'io.cutover.strategy',
  by: 'io.cutover.by',
  reason: 'io.cutover.reason',
  /** The task definition that served when this one was deployed. */
  previous: 'io.cutover.previous',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** How a release came to be, kept with it for as long as its task definition. */
export interface ReleaseRecord {
  readonly runId: string;
  readonly strategy: string;
  readonly by: string | null;
  readonly reason: string | null;
  /** The ARN of the task definition that served before; `null` when the Platform Server did. */
  readonly previous: string | null;
}

export function labelsOf(release: Release, { runId, strategy, by, reason, previous }: ReleaseRecord): Labels {
  const told = { strategy, by, reason, previous };
  return {
    [releaseLabels.image]: release.image,
    [releaseLabels.modules]: JSON.stringify(release.modules),
    [releaseLabels.run]: runId,
    ...(release.configuration !== null && { [releaseLabels.configuration]: release.configuration }),
    ...Object.fromEntries(
      (['strategy', 'by', 'reason', 'previous'] as const).flatMap((name) =>
        told[name] === null ? [] : [[releaseLabels[name], told[name]]],
      ),
    ),
  };
}

/** What {@link labelsOf} wrote; `null` where an earlier version of cutover wrote less. */
export function recordOf(labels: Labels): ReleaseRecord {
  const read = (name: keyof typeof releaseLabels) => labels[releaseLabels[name]] ?? null;
  return {
    runId: read('run') ?? '',
    strategy: read('strategy') ?? 'blueGreen',
    by: read('by'),
    reason: read('reason'),
    previous: read('previous'),
  };
}

/** What a task definition's container says of its release; `undefined` when something else made it. */
export function releaseOf(reference: string, labels: Labels): Release | undefined {
  const image = labels[releaseLabels.image];
  const modules = parseModules(labels[releaseLabels.modules]);
  if (image === undefined || modules === undefined) return undefined;
  return {
    image,
    reference,
    digest: reference.split('@')[1] ?? '',
    version: versionOf(image),
    modules,
    configuration: labels[releaseLabels.configuration] ?? null,
  };
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
