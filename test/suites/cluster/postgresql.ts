/** A PostgreSQL of the test's own, in a temporary folder, on a free port of the loopback. */
import { execFile } from 'node:child_process';
import { mkdir, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Postgresql {
  readonly port: number;
  /** Ends it with every connection cut, and starts it again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** @param programs the folder of initdb and pg_ctl */
export async function startPostgresql(programs: string, folder: string, port: number): Promise<Postgresql> {
  // It refuses to be run by root.
  const isRoot = process.getuid?.() === 0;
  const program = async (name: string, ...words: readonly string[]): Promise<void> => {
    const [file, ...all] = [...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []), join(programs, name), ...words];
    await run(file ?? name, all);
  };
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  if (isRoot) await run('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  await program('initdb', '-D', data, '-U', 'temporal', '-A', 'trust', '--no-sync');
  const options = `-p ${port} -h 127.0.0.1 -k ${folder}`;
  const control = async (...words: readonly string[]): Promise<void> =>
    await program('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, ...words);
  await control('start');
  return {
    port,
    restart: async () => await control('-m', 'fast', 'restart'),
    close: async () => await control('-m', 'immediate', 'stop'),
  };
}
