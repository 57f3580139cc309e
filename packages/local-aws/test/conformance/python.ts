/**
 * Tools with which people deploy, boto3, the AWS CLI and moto, of fixed versions in a virtual environment of their own.
 * `npm run conformance` makes it; without it, the tests that need it print so on stderr and are skipped.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testCredentials } from '../local-aws';

const run = promisify(execFile);

export interface PythonEnvironment {
  /** The folder of the virtual environment. */
  readonly folder: string;
  readonly isThere: boolean;
}

/** The environment of a requirements file, as scripts/python-environment.js makes it. */
export function pythonEnvironment(requirementsFile: string): PythonEnvironment {
  const hash = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'local-aws', `conformance-${hash}`);
  return { folder, isThere: existsSync(join(folder, 'complete')) };
}

const { folder, isThere } = pythonEnvironment(join(__dirname, 'requirements.txt'));
export const venv = folder;
if (!isThere) {
  process.stderr.write(
    '\n*** NOT TESTED against boto3, the AWS CLI and moto: run "npm run conformance" (it needs Python 3) ***\n\n',
  );
}

/** `test` when the tools are installed, otherwise `test.skip`. */
export const withPython = isThere ? test : test.skip;

/** Whether more cases are tested, and moto too. */
export const isFull = process.env['CONFORMANCE'] === 'full';

export const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20261122);

/** The environment of boto3 and the AWS CLI. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_PAGER: '',
};

/**
 * The output of a script in this folder.
 * @throws {Error} with what it wrote to stderr when it fails
 */
export async function python(script: string, ...words: readonly string[]): Promise<string> {
  const file = join(venv, 'bin', 'python');
  const { stdout } = await run(file, [join(__dirname, script), ...words], {
    env: environment,
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}

/** The AWS CLI's exit code and output. */
export async function awsCli(
  endpoint: string,
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(venv, 'bin', 'aws');
  const outcome = await run(file, ['--endpoint-url', endpoint, '--output', 'json', ...words], {
    env: environment,
  }).catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: 'code' in outcome ? outcome.code : 0, stdout: outcome.stdout, stderr: outcome.stderr };
}

/** The outcomes of control_plane.py, by step. */
export async function controlPlane(...words: readonly string[]): Promise<Record<string, unknown>> {
  const lines = (await python('control_plane.py', ...words)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, unknown]));
}
