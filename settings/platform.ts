/** A zone's settings for the OutSystems platform that drives it: shared folders, its timeout, and what builds images. */
import { posix, win32 } from 'node:path';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { durationBetween } from './durations';

const platformPath = z.string().regex(/^([A-Za-z]:[\\/]|\\\\[^\\]+\\|\/)[^\0]*$/, {
  error: String.raw`expected an absolute path as the platform has it, such as D:\OutSystems\Result or \\server\share`,
});

const mountedPath = z.string().refine(isAbsolute, { error: 'expected an absolute path as the worker sees it' });

/** One folder under its two names. */
const sharedFolder = z.strictObject({ platform: platformPath, mounted: mountedPath });

const folders = z.strictObject({
  /** Where the platform puts bundles: TargetPath. */
  target: sharedFolder,
  /** Where it looks for answers: ResultPath. */
  result: sharedFolder,
  /** Where it writes `<ApplicationKey>/App.config`: ConfigPath. */
  config: sharedFolder,
});

/** `{application}` is the name in lower case with `-` for what a repository can't have, `{key}` the application's key. */
const repository = z
  .string()
  .regex(/^[a-z0-9._/-]*(\{(application|key)\}[a-z0-9._/-]*)+$/, {
    error: 'expected a repository such as outsystems/{application} or outsystems/{key}',
  })
  .default('{application}');

/** Run in the unpacked bundle, which must not be where its program comes from. */
const command = z
  .array(z.string().min(1))
  .min(1)
  .refine(([program = '']) => !/[/\\]/.test(program) || posix.isAbsolute(program) || win32.isAbsolute(program), {
    error: "expected the program's absolute path, or a name that PATH has: a relative path would lead into the bundle",
  });

const everyBuilder = {
  repository,
  /** Variables of the worker's environment that the builder gets besides the usual ones; `AWS_*` are all that begin so. */
  inherit: z
    .array(
      z.string().regex(/^(?!CUTOVER_)[A-Za-z_][A-Za-z0-9_]*\*?$/i, {
        error: 'expected the name of a variable such as AWS_PROFILE, or a beginning such as AWS_*, and none of cutover',
      }),
    )
    .max(100)
    .default([]),
  timeout: durationBetween('1s', '24h').default(25 * 60_000),
  /** What a bundle may hold at most, unpacked. */
  maximumMebibytes: z
    .int()
    .min(1)
    .max(1024 * 1024)
    .default(16 * 1024),
};

/** What builds an image from a bundle. */
const builder = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    /** A program and its arguments, run without a shell; `{bundle}`, `{context}`, `{image}` stand for what it is to build. */
    command,
    environment: z.record(z.string(), z.string()).default({}),
    ...everyBuilder,
  }),
  z.strictObject({
    kind: z.literal('docker'),
    /** The Docker command line, with its own options: `[docker, --context, windows]`. */
    command: command.default(['docker']),
    /** Further arguments of `docker build`. */
    buildArguments: z.array(z.string().min(1)).default([]),
    ...everyBuilder,
  }),
]);

export const platformFields = {
  folders: folders.optional(),
  /** The platform's External Deployment Tool Timeout. */
  platformTimeout: durationBetween('10s', '24h').default(30 * 60_000),
  /** How many deployments that the platform started may run at once. */
  deploymentsAtOnce: z.int().min(1).max(100).default(5),
  builder: builder.optional(),
  /** Files with secrets of its own, instead of the one of all zones: whoever knows another zone's can't call for this one. */
  hookSecrets: z
    .strictObject({
      file: z.string().min(1),
      methods: z
        .strictObject({
          ContainerBuild: z.string().min(1).optional(),
          ContainerRun: z.string().min(1).optional(),
          UpdateConfigurations: z.string().min(1).optional(),
          ContainerRemove: z.string().min(1).optional(),
        })
        .default({}),
    })
    .optional(),
  /** When the platform gets the answer for a new version of an application that was in containers already. */
  answerUpdates: z.enum(['afterBake', 'afterProof']).default('afterBake'),
};

export type SharedFolders = z.infer<typeof folders>;
export type BuilderSettings = z.infer<typeof builder>;
