/** A container engine, asked by its command line: podman's and Docker's take the same words, as far as they are used here. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { EngineName } from './kinds';

export interface Engine {
  readonly name: EngineName;
  /** Runs its command line, and gives what that prints. @throws {EngineFailure} when it fails */
  readonly run: (words: readonly string[], limits?: EngineLimits) => Promise<string>;
}

export interface EngineLimits {
  /** Default: a minute. */
  readonly timeoutMs?: number;
  /** Where it runs. Default: here. */
  readonly folder?: string;
}

/** The engine's own words, the last line of them. */
export class EngineFailure extends Error {}

const run = promisify(execFile);
const usualTimeoutMs = 60_000;

export function engineOf(name: EngineName): Engine {
  return {
    name,
    run: async (words, { timeoutMs = usualTimeoutMs, folder } = {}) => {
      const options = {
        env: process.env,
        maxBuffer: 64 * 1024 * 1024,
        timeout: timeoutMs,
        ...(folder !== undefined && { cwd: folder }),
      };
      const { stdout } = await run(name, [...words], options).catch((error: unknown) => {
        throw explained(error as FailedRun, timeoutMs);
      });
      return stdout;
    },
  };
}

type FailedRun = Error & { readonly code?: unknown; readonly stderr?: string; readonly killed?: boolean };

function explained(error: FailedRun, timeoutMs: number): Error {
  if (error.code === 'ENOENT') return error;
  const own = lastLine(error.stderr ?? '').replace(/^Error: /, '');
  return new EngineFailure(error.killed ? `it did not answer within ${timeoutMs / 1000} s` : own || error.message);
}

/** The last line with anything on it. */
export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() ?? '';

/** What an engine says of itself, as far as it is used; the members are podman's and Docker's. */
const engineInformation = z.looseObject({
  host: z.looseObject({ security: z.looseObject({ rootless: z.boolean().optional() }).optional() }).optional(),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** What an engine can do here. */
export interface EngineAbilities {
  /** Whether this machine reaches a container by its address: not where it is in a machine or a network namespace of its own. */
  readonly givesAddresses: boolean;
}

/**
 * Asks an engine whether it works.
 * @throws {Error} of one sentence when it isn't there, or doesn't
 */
export async function askEngine(engine: Engine, platform: string = process.platform): Promise<EngineAbilities> {
  const { name } = engine;
  const text = await engine.run(['info', '--format', '{{json .}}']).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'ENOENT'
        ? `There is no ${name} on the PATH, so tasks can't be its containers: install it, or leave out "--tasks ${name}".`
        : `${name} is here and doesn't work, so tasks can't be its containers: ${sentenceOf(error.message)}`,
    );
  });
  return { givesAddresses: platform === 'linux' && !isRootless(text) };
}

const sentenceOf = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** By what an engine says of itself, as JSON. */
export function isRootless(information: string): boolean {
  const { host, SecurityOptions } = engineInformation.parse(JSON.parse(information));
  return host?.security?.rootless ?? SecurityOptions?.some((option) => /\bname=rootless\b/.test(option)) ?? false;
}
