/** The topology of docker-compose.yml, without containers: a real Temporal server on a real PostgreSQL, and a stack on them. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import { environmentOn } from '../e2e/worker-process';
import { freePorts } from './ports';
import { startPostgresql, type Postgresql } from './postgresql';
import { namespace, startTemporalServer, type TemporalServer } from './temporal-server';

const programs = {
  temporal: process.env['CLUSTER_TEMPORAL'] ?? '',
  postgresql: process.env['CLUSTER_POSTGRESQL'] ?? '',
};

export interface Cluster {
  readonly postgresql: Postgresql;
  readonly temporal: TemporalServer;
  readonly own: OwnStack;
  readonly close: () => Promise<void>;
}

/** @param dynamic what the server's dynamic configuration has besides that of docker-compose.yml */
export async function startCluster(dynamic = ''): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-cluster-'));
  // PostgreSQL's user must reach what is in it.
  await chmod(folder, 0o755);
  const [postgresqlPort = 0, ...ports] = await freePorts(10);
  const postgresql = await startPostgresql(programs.postgresql, join(folder, 'postgresql'), postgresqlPort);
  const temporal = await startTemporalServer({ programs: programs.temporal, folder, postgresqlPort, ports, dynamic });
  process.env['TEMPORAL_ADDRESS'] = temporal.address;
  process.env['TEMPORAL_NAMESPACE'] = namespace;
  const own = await startOwnStack({ timeScale: 10 });
  const close = async () => {
    await own.close();
    await temporal.close();
    await postgresql.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { postgresql, temporal, own, close };
}

/** Runs a command of this program, or of another, as an operator would, and gives what it printed. */
export async function cutover({ living }: OwnStack, program: string, ...words: string[]): Promise<string> {
  const report = living.stack();
  const all = [join(program, 'bin', 'cutover.js'), ...words, '--settings', report.settings];
  const { stdout } = await promisify(execFile)(process.execPath, all, { env: environmentOn(report) });
  return stdout;
}

/** Ends the stack's own process in good order; its supervisor starts it again. Resolves when that has begun. */
export async function restart({ living }: OwnStack, name: 'worker' | 'hooks'): Promise<void> {
  const pidNow = () => living.stack().processes[name]?.pid;
  const before = pidNow();
  if (before === undefined) throw new Error(`There is no ${name} to restart.`);
  process.kill(before, 'SIGTERM');
  while (pidNow() === before || pidNow() === undefined) await sleep(20);
}
