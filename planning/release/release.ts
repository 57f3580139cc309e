/**
 * What a deployment puts in place: an image pinned by digest, and the modules it holds. The task definition itself records
 * them, in its container's labels, so that AWS alone always says what serves.
 */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { digestOf, versionOf } from './image-reference';
import type { Platform } from './platform';

export interface Release {
  /** As people asked for it, e.g. `orders:1.4.2`. */
  readonly image: string;
  /** What ECS pulls: registry and repository, pinned by the digest. */
  readonly reference: string;
  readonly digest: string;
  /** What people call it: the image's tag, else the start of its digest. */
  readonly version: string;
  readonly modules: readonly string[];
  /** SHA-256 of the App.config that comes with it; `null` when there is none. */
  readonly configuration: string | null;
  /** What it runs on. Default: the registry wasn't asked, or doesn't say. */
  readonly platform?: Platform;
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
  /** The task definition of another tool that releases are made from, since its service was adopted. */
  adopted: 'io.cutover.adopted',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** How a release came to be, recorded with it for as long as its task definition exists. */
export interface ReleaseRecord {
  readonly runId: string;
  readonly strategy: string;
  readonly by: string | null;
  readonly reason: string | null;
  /** The ARN of the task definition that served before; `null` when the Platform Server did. */
  readonly previous: string | null;
  /** The ARN of the task definition that the application was adopted with. Default: it wasn't. */
  readonly adopted?: string | null;
}

/** The labels that record a release; what isn't known has none. */
export function labelsOf(
  release: Release,
  { runId, strategy, by, reason, previous, adopted = null }: ReleaseRecord,
): Labels {
  const labels = {
    [releaseLabels.image]: release.image,
    [releaseLabels.modules]: JSON.stringify(release.modules),
    [releaseLabels.run]: runId,
    [releaseLabels.configuration]: release.configuration,
    [releaseLabels.strategy]: strategy,
    [releaseLabels.by]: by,
    [releaseLabels.reason]: reason,
    [releaseLabels.previous]: previous,
    [releaseLabels.adopted]: adopted,
  };
  return Object.fromEntries(Object.entries(labels).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
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
    adopted: read('adopted'),
  };
}

/**
 * What a task definition's container records of its release; `undefined` when something else made it.
 * @param reference the container's image
 */
export function releaseOf(reference: string, labels: Labels): Release | undefined {
  const image = labels[releaseLabels.image];
  const modules = parseModules(labels[releaseLabels.modules]);
  if (image === undefined || modules === undefined) return undefined;
  return {
    image,
    reference,
    digest: digestOf(reference),
    version: versionOf(image),
    modules,
    configuration: labels[releaseLabels.configuration] ?? null,
  };
}

type Containers = Pick<TaskDefinition, 'containerDefinitions'>;

/** The release that a task definition records; `undefined` when something else than cutover registered it. */
export function releaseIn({ containerDefinitions = [] }: Containers): Release | undefined {
  return containerDefinitions
    .map(({ image = '', dockerLabels = {} }) => releaseOf(image, dockerLabels))
    .find((release) => release !== undefined);
}

/** How the release of a task definition came to be; without a release nothing is known of that. */
export function recordIn({ containerDefinitions = [] }: Containers = {}): ReleaseRecord {
  const labels = containerDefinitions.map(({ dockerLabels = {} }) => dockerLabels);
  return recordOf(labels.find((one) => one[releaseLabels.image] !== undefined) ?? {});
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
