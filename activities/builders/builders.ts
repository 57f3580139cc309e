/** The builders that a zone may name: each builds one image from a build context, and pushes it. */
import { releaseLabels } from '../../planning/release/release';
import type { BuilderSettings } from '../../settings/platform';
import { findProgram, liesIn } from '../files/programs';
import { builderEnvironment } from './environment';
import { digestIn, isThereAlready } from './output';
import { run, type Ended, type Program } from './process';

/** What is to be built. */
export interface Build {
  readonly bundle: string;
  readonly context: string;
  readonly modules: readonly string[];
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** `[registry/]repository:tag`. */
  readonly image: string;
  readonly applicationName: string;
  readonly applicationKey: string;
  readonly operationId: string;
}

/** A program of the builder failed. */
export class BuilderFailed extends Error {
  constructor(
    readonly program: Program,
    readonly ended: Ended,
  ) {
    super(`${program.file} ended with ${ended.signal ?? `status ${ended.status}`}`);
  }
}

/** The builder's program is none that may be started. */
export class NoProgram extends Error {
  constructor(file: string) {
    super(
      `The builder's program ${file} is no program that the worker could run: name one by its absolute path outside of bundles, or by a name that PATH has, in "builder.command".`,
    );
  }
}

/**
 * Builds and pushes an image; returns its digest where the builder prints it, else `null`. A tag that can't be overwritten and is there
 * is this operation's own, of an attempt whose answer was lost: nobody else's has its name.
 * @throws {NoProgram} when there is no such program, or it is the bundle's own
 * @throws {BuilderFailed} when a program ends with another status than 0
 */
export async function buildWith(settings: BuilderSettings, build: Build, signal: AbortSignal): Promise<string | null> {
  let digest: string | null = null;
  for (const program of programsOf(settings, build)) {
    const ended = await run({ ...program, file: await resolved(program) }, signal);
    if (ended.status !== 0 && settings.kind === 'docker' && isThereAlready(ended.output, build)) return null;
    if (ended.status !== 0) throw new BuilderFailed(program, ended);
    digest = digestIn(ended.output) ?? digest;
  }
  return digest;
}

/** Found before it is run in the bundle's folder, which must not say what it is. */
async function resolved({ file, folder }: Program): Promise<string> {
  const found = await findProgram(file);
  if (found === undefined || (await liesIn(found, folder))) throw new NoProgram(file);
  return found;
}

/** The programs to run, one after the other. */
function programsOf(settings: BuilderSettings, build: Build): Program[] {
  if (settings.kind === 'docker') return dockerPrograms(settings, build);
  const placeholders: Readonly<Record<string, string>> = {
    '{bundle}': build.bundle,
    '{context}': build.context,
    '{image}': build.image,
  };
  const words = settings.command.map((word) =>
    word.replace(/\{(?:bundle|context|image)\}/g, (name) => placeholders[name] ?? name),
  );
  const environment = { ...builderEnvironment(process.env, settings.inherit), ...environmentOf(build) };
  return [program(words, build.context, { ...environment, ...settings.environment })];
}

/** https://docs.docker.com/reference/cli/docker/buildx/build/ */
function dockerPrograms(
  { command, buildArguments, inherit }: Extract<BuilderSettings, { kind: 'docker' }>,
  { context, image, modules }: Build,
): Program[] {
  const label = `${releaseLabels.modules}=${JSON.stringify(modules)}`;
  const make = [...command, 'build', '--tag', image, '--label', label, ...buildArguments, '.'];
  const environment = builderEnvironment(process.env, inherit);
  return [program(make, context, environment), program([...command, 'push', image], context, environment)];
}

const program = (
  [file = '', ...words]: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
): Program => ({ file, words, folder, environment });

/** The environment of the operator's command, as documented in docs/outsystems.md. */
const environmentOf = (build: Build): NodeJS.ProcessEnv => ({
  CUTOVER_BUNDLE: build.bundle,
  CUTOVER_CONTEXT: build.context,
  CUTOVER_IMAGE: build.image,
  CUTOVER_REGISTRY: build.registry,
  CUTOVER_REPOSITORY: build.repository,
  CUTOVER_TAG: build.tag,
  CUTOVER_MODULES: JSON.stringify(build.modules),
  CUTOVER_APPLICATION: build.applicationName,
  CUTOVER_APPLICATION_KEY: build.applicationKey,
  CUTOVER_OPERATION_ID: build.operationId,
});

/**
 * Fills in `{application}` and `{key}` so that the result is a valid repository name.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function repositoryOf(pattern: string, applicationName: string, applicationKey: string): string {
  const readable = applicationName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return pattern
    .replaceAll('{application}', readable || applicationKey.toLowerCase())
    .replaceAll('{key}', applicationKey.toLowerCase());
}
