/**
 * The images of one machine: what `cutover local build` makes of a bundle, what the local ECR describes and the local ECS
 * runs. An image is immutable: its folder is named by its digest, and a tag points at a digest.
 */

export interface LocalImage {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hex digits, of the image's content. */
  readonly digest: string;
  /** The unpacked bundle, with the release markers: the place that WORKDIR names inside a container. Never written again. */
  readonly folder: string;
  /** Exec form, as the Dockerfile gives them. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** From LABEL; `io.cutover.modules` is a JSON array of module names. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The static file that every module of an image bears, under `/<Module>/`; its content names the release. */
export const releaseMarker = '_cutover_release.txt';
