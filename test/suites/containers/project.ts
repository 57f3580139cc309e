/**
 * docker-compose.yml as it is, brought up by Docker Compose on podman's own socket. Over it lie a file with stand-ins for images that
 * no registry has for us, and one with what this machine needs. Podman has systemd ask for health; here a loop does.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { podman } from './podman';

const run = promisify(execFile);
const root = join(__dirname, '..', '..', '..');

/** What scripts/compose.js has found out: how Compose is called, the file with stand-ins, the services that have none. */
interface Told {
  readonly compose: readonly [string, ...string[]];
  readonly over?: string;
  readonly without: readonly string[];
}
const told = (): Told => JSON.parse(process.env['CONTAINERS_COMPOSE'] ?? '') as Told;

export interface Project {
  readonly compose: (...words: readonly string[]) => Promise<string>;
  /** Resolves when all that runs is healthy. @returns after how many seconds */
  readonly up: () => Promise<number>;
  /** The container of a service. */
  readonly containerOf: (service: string) => string;
  /** Takes it down with its volumes. @returns what is left of it, a line each */
  readonly close: () => Promise<readonly string[]>;
}

/** @param more laid over docker-compose.yml too */
export async function openProject(environmentFile: string, more: object): Promise<Project> {
  const before = await traces();
  const folder = await mkdtemp(join(tmpdir(), 'cutover-compose-'));
  const socket = join(folder, 'podman.sock');
  const service = spawn('podman', ['system', 'service', '--time', '0', `unix://${socket}`], { stdio: 'ignore' });
  while (!existsSync(socket)) await sleep(50);
  const own = join(folder, 'over.json');
  await writeFile(own, JSON.stringify(more));

  const { compose: program, over, without } = told();
  const [file, ...first] = program;
  const files = [join(root, 'docker-compose.yml'), ...(over === undefined ? [] : [over]), own];
  const flags = ['--env-file', environmentFile, ...files.flatMap((one) => ['--file', one])];
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, COMPOSE_PROGRESS: 'plain' };
  const compose: Project['compose'] = async (...words) => {
    const { stdout } = await run(file, [...first, ...flags, ...words], { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };

  const ending = new AbortController();
  const asking = askForHealth(ending.signal);
  return {
    compose,
    containerOf: (name) => `cutover-${name}-1`,
    up: async () => {
      const began = performance.now();
      const all = (await compose('config', '--services')).trim().split('\n');
      const services = all.filter((name) => !without.includes(name));
      await compose('up', '--detach', '--no-build', '--wait', '--wait-timeout', '600', ...endless(services));
      return (performance.now() - began) / 1_000;
    },
    close: async () => {
      await compose('down', '--volumes', '--timeout', '30');
      ending.abort();
      await asking;
      const gone = once(service, 'exit');
      service.kill();
      await gone;
      await rm(folder, { recursive: true, force: true });
      await removeChains(before);
      return (await traces()).filter((line) => !before.includes(line));
    },
  };
}

/** Without those that end once they have done their work: others depend on them, and "--wait" takes an end for a failure. */
const endless = (services: readonly string[]) => services.filter((name) => !['schema', 'namespaces'].includes(name));

async function askForHealth(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const names = await podman('ps', '--format', '{{.Names}}', '--filter', 'label=com.docker.compose.project=cutover');
    for (const name of names.split('\n').filter((one) => one !== ''))
      await podman('healthcheck', 'run', name).catch(() => undefined);
    await sleep(2_000, undefined, { signal }).catch(() => undefined);
  }
}

const natRules = async () => (await run('iptables', ['--table', 'nat', '--list-rules'])).stdout.trim().split('\n');

/** Podman's own chains, which it makes for its first network and keeps. */
async function removeChains(before: readonly string[]): Promise<void> {
  const added = (await natRules()).filter((rule) => !before.includes(rule) && rule.includes('NETAVARK-'));
  const rules = added.filter((rule) => rule.startsWith('-A '));
  const chains = added.filter((rule) => rule.startsWith('-N '));
  const change = async (rule: string) =>
    await run('sh', ['-c', `iptables --table nat ${rule.replaceAll(/[^\w\s/."=:!-]/g, '')}`]);
  for (const rule of rules) await change(rule.replace(/^-A/, '-D'));
  for (const chain of chains) await change(chain.replace(/^-N/, '-X'));
}

/** Whatever a project could leave behind on this machine. */
async function traces(): Promise<readonly string[]> {
  const lists = await Promise.all([
    podman('ps', '--all', '--format', 'container {{.Names}}'),
    podman('network', 'ls', '--format', 'network {{.Name}}'),
    podman('volume', 'ls', '--format', 'volume {{.Name}}'),
    run('ip', ['-oneline', 'link']).then(({ stdout }) => stdout.replaceAll(/^\d+: ([\w-]+).*$/gm, 'interface $1')),
    natRules().then((rules) => rules.join('\n')),
  ]);
  return lists.flatMap((list) => list.trim().split('\n')).filter((line) => line !== '');
}
