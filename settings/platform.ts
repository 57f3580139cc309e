/** A zone's settings for the OutSystems platform that drives it: shared folders, its timeout, and what builds images. */
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

const everyBuilder = {
  repository,
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
    command: z.array(z.string().min(1)).min(1),
    environment: z.record(z.string(), z.string()).default({}),
    ...everyBuilder,
  }),
  z.strictObject({
    kind: z.literal('docker'),
    /** The Docker command line, with its own options: `[docker, --context, windows]`. */
    command: z.array(z.string().min(1)).min(1).default(['docker']),
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
  /** When the platform gets the answer for a new version of an application that was in containers already. */
  answerUpdates: z.enum(['afterBake', 'afterProof']).default('afterBake'),
};

export type SharedFolders = z.infer<typeof folders>;
export type BuilderSettings = z.infer<typeof builder>;
