/** Containers of the image, run as docker-compose.yml runs them, but on the network of this machine. */
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs podman, and gives what it prints. */
export async function podman(...words: readonly string[]): Promise<string> {
  const { stdout } = await run('podman', [...words], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export const image = process.env['CONTAINERS_IMAGE'] ?? '';

export interface Container {
  readonly name: string;
  /** Ends it in good order, as `docker stop` does: its exit status, and how long it took. */
  stop(): Promise<{ readonly status: number; readonly seconds: number }>;
}

const started: string[] = [];

export interface RunOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** The folder of the settings, mounted as Compose mounts it. */
  readonly settings: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What `/run/secrets/hook-secret` holds. Default: it isn't there. */
  readonly secret?: string;
  /** Answers 200 once it works. */
  readonly readiness: string;
}

/** Resolves when it is ready. @returns it, and after how many seconds that was */
export async function start(options: RunOptions): Promise<Container & { readonly readyAfterSeconds: number }> {
  const { name, command, settings, environment, readiness, secret } = options;
  const began = performance.now();
  started.push(name);
  const confined =
    '--read-only --read-only-tmpfs=false --tmpfs /tmp:size=64m --cap-drop ALL --security-opt no-new-privileges';
  const limits = '--volume /var/lib/cutover --memory 1g --stop-timeout 30';
  const host = `--init --network host --uts private --hostname ${name}`;
  await podman(
    'run',
    '--detach',
    '--name',
    name,
    ...`${confined} ${limits} ${host}`.split(' '),
    '--volume',
    `${settings}:/etc/cutover:ro`,
    ...(secret === undefined ? [] : ['--volume', `${await fileOf(secret)}:/run/secrets/hook-secret:ro`]),
    ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image,
    ...command,
  );
  const ready = async () => (await fetch(readiness).catch(() => undefined))?.ok === true;
  while (!(await ready())) if ((await stateOf(name)) !== 'running') throw new Error(await logsOf(name));
  return {
    name,
    readyAfterSeconds: (performance.now() - began) / 1_000,
    stop: async () => {
      const asked = performance.now();
      await podman('stop', name);
      const seconds = (performance.now() - asked) / 1_000;
      return { status: Number(await podman('inspect', name, '--format', '{{.State.ExitCode}}')), seconds };
    },
  };
}

async function fileOf(secret: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'cutover-secret-')), 'hook-secret');
  await writeFile(file, `${secret}\n`);
  return file;
}

const stateOf = (name: string) => podman('inspect', name, '--format', '{{.State.Status}}');

/** What it wrote, both streams. */
export async function logsOf(name: string): Promise<string> {
  const { stdout, stderr } = await run('podman', ['logs', name], { maxBuffer: 64 * 1024 * 1024 });
  return stdout + stderr;
}

/** Removes what tests left, however they ended. */
export async function removeContainers(): Promise<void> {
  for (const name of started.splice(0)) await podman('rm', '--force', '--volumes', '--time', '10', name);
}
