/** The activity of Container Build: the platform's bundle becomes an image, tagged with the operation's ID. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatImage } from '../../planning/release/image-reference';
import { formatDuration } from '../../settings/durations';
import type { BuilderSettings } from '../../settings/platform';
import { parseHookCallRequest, type HookCallRequest } from '../../contract/hook-calls';
import { RefusedPath, withFileIn, type SharedFile } from '../files/shared-folder';
import { zoneFolders, zoneWithFolders, type FileDependencies, type FolderAccess } from '../files/zone-folders';
import { limitConcurrency } from '../concurrency';
import { heartbeating, waitedMs } from '../polling';
import { BuilderFailed, buildWith, NoProgram, repositoryOf } from './builders';
import { prepareContext } from './context';
import { formatOutput, wantsLogin } from './output';

/** An image that was built and pushed. */
export interface BuiltImage {
  /** `[registry/]repository:<OperationId>`. */
  readonly image: string;
  /** `null` where the builder didn't print it: then the registry is asked. */
  readonly digest: string | null;
  /** The modules of the bundle. */
  readonly modules: readonly string[];
}

/** A bundle that is still on its way through a replicated share arrives within this time. */
const bundlePatienceMs = 30_000;
/** Builds are heavy, and the platform may ask for many at once; the others wait here. */
const buildsAtOnce = 2;

export type BuilderActivities = ReturnType<typeof builderActivities>;

export function builderActivities({ settings }: FileDependencies) {
  const inTurn = limitConcurrency(buildsAtOnce);
  const files = { settings, inFolder: zoneFolders() };
  return {
    /**
     * Builds an image from the operation's bundle, and pushes it.
     * Effect: the builder's. Idempotent: the same operation always gives the same tag.
     * @throws {ApplicationFailure} of type `InvalidRequest` for a bundle or settings that can't be used; of type `BuildFailed`, with
     * the end of the output; of type `BundleMissing`, retryable, while the bundle may still be on its way
     */
    buildImage: (request: HookCallRequest): Promise<BuiltImage> =>
      heartbeating(async () => {
        const { cancellationSignal } = Context.current();
        return await inTurn(() => buildImage(request, files), cancellationSignal);
      }),
  };
}

async function buildImage(request: HookCallRequest, { settings, inFolder }: FolderAccess): Promise<BuiltImage> {
  const parsed = parseHookCallRequest(request);
  if ('error' in parsed) throw invalid(parsed.error);
  const { zone, folders } = zoneWithFolders(settings(), request.zone);
  const { builder, registry = '' } = zone;
  if (!builder) throw invalid(`The zone ${request.zone} has no "builder" in the settings: name who makes images.`);
  const inBundle: InBundle = (work) =>
    inFolder(request.zone, 'bundles', () => withBundle(folders.target.mounted, request, work));
  await inBundle(() => Promise.resolve());
  await removeAbandoned(tmpdir());
  const workplace = await mkdtemp(join(tmpdir(), workplaces)).catch((error: unknown) => {
    throw explain(error, undefined);
  });
  try {
    return await buildIn({ workplace, request, builder, registry, inBundle });
  } finally {
    await rm(workplace, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What builds are unpacked in: bundles can be large, and so `TMPDIR` is to be on disk. */
const workplaces = 'cutover-build-';
/** No build takes so long: the platform gives up on it sooner. */
const abandonedAfterMs = 24 * 60 * 60_000;

/** Removes what workers that were killed in a build left behind, in the folder that workers may share. */
async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(workplaces));
  for (const path of names.map((name) => join(folder, name))) {
    // Another worker may remove it at the same time.
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs)
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Works on the operation's bundle, which is open meanwhile. */
async function withBundle<T>(
  folder: string,
  { applicationKey, operationId }: HookCallRequest,
  work: (bundle: SharedFile) => Promise<T>,
): Promise<T> {
  const name = `${applicationKey}_${operationId}.zip`;
  const worked = await withFileIn(folder, [name], async (bundle) => ({ result: await work(bundle) })).catch(
    (error: Error) => {
      throw error instanceof RefusedPath ? invalid(error.message) : error;
    },
  );
  if (worked !== undefined) return worked.result;
  const message = `There is no bundle ${join(folder, name)}: is folders.target the folder that the platform writes to?`;
  if (waitedMs() > bundlePatienceMs) throw invalid(message);
  throw ApplicationFailure.create({ message, type: 'BundleMissing', nextRetryDelay: '2s' });
}

interface BuildRequest {
  readonly workplace: string;
  readonly request: HookCallRequest;
  readonly builder: BuilderSettings;
  readonly registry: string;
  readonly inBundle: InBundle;
}

/** Limits only what reads the platform's folder: the builder itself may take its time. */
type InBundle = <T>(work: (bundle: SharedFile) => Promise<T>) => Promise<T>;

async function buildIn({ workplace, request, builder, registry, inBundle }: BuildRequest): Promise<BuiltImage> {
  const { applicationName, applicationKey, operationId } = request;
  const repository = repositoryOf(builder.repository, applicationName, applicationKey);
  const tag = operationId.toLowerCase();
  const image = formatImage({ registry, repository, tag });
  const marked = formatImage({ registry: '', repository, tag });
  const prepared = await inBundle(async (bundle) => {
    const context = await prepareContext(bundle, workplace, marked, builder.maximumMebibytes).catch((error: Error) => {
      throw invalid(error.message);
    });
    return { ...context, bundle: bundle.path };
  });
  const { folder: context, modules, bundle } = prepared;
  const names = { applicationName, applicationKey, operationId };
  const build = { bundle, context, modules, registry, repository, tag, image, ...names };
  const late = AbortSignal.timeout(builder.timeout);
  const signal = AbortSignal.any([Context.current().cancellationSignal, late]);
  const digest = await buildWith(builder, build, signal).catch((error: unknown) => {
    throw explain(error, late.aborted ? formatDuration(builder.timeout) : undefined, registry);
  });
  return { image, digest, modules };
}

function explain(error: unknown, timeout: string | undefined, registry = ''): unknown {
  if (timeout !== undefined) return failed(`The builder did not end within ${timeout}, and was stopped.`);
  if (error instanceof BuilderFailed) {
    const output = formatOutput(error.ended.output, error.program.environment);
    if (wantsLogin(error.ended.output))
      return failed(
        `The registry ${registry} asked for a login that the builder doesn't have: give the worker's user one (a credential helper, or "docker login"), and publish again. It said last: ${output}`,
      );
    return failed(`The builder failed: ${error.message}. It said last: ${output || 'nothing'}`);
  }
  if (error instanceof NoProgram) return invalid(error.message);
  const { code, path } = error as NodeJS.ErrnoException & { readonly path?: string };
  if (code === 'ENOENT' || code === 'EACCES')
    return invalid(`The builder's program ${path ?? ''} can't be started (${code}): correct "builder.command".`);
  if (code === 'E2BIG')
    return invalid('The names of the modules are too long together for one program: make fewer modules a bundle.');
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return invalid(`There is no space left for the build: ${(error as Error).message}.`);
  return error;
}

const failed = (message: string) => ApplicationFailure.nonRetryable(message, 'BuildFailed');
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
