/** The real Temporal server on PostgreSQL, configured by the same variables as its image is in docker-compose.yml. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { parse } from 'yaml';
import { superviseChild } from '../../../packages/local-aws/src/processes/child';

const run = promisify(execFile);

export interface TemporalServer {
  readonly address: string;
  /** Ends it in good order; resolves when the next one serves. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface Places {
  /** The folder with `server`, `sql` and `schema`. */
  readonly programs: string;
  readonly folder: string;
  readonly postgresqlPort: number;
  /** Nine free ones, or twelve with TLS and authorization. */
  readonly ports: readonly number[];
  /** As docker-compose.tls.yml has it. Default: neither TLS nor authorization. */
  readonly secured?: Secured;
  /** What its dynamic configuration has besides. */
  readonly dynamic?: string;
}

export interface Secured {
  /** What is mounted at `/certs` there. */
  readonly certificates: string;
  /** As somebody who may make namespaces. */
  readonly admin: ConnectionOptions;
}

export const namespace = 'default';

export async function startTemporalServer(places: Places): Promise<TemporalServer> {
  await mkdir(places.folder, { recursive: true });
  for (const database of ['temporal', 'temporal_visibility']) await createDatabase(places, database);
  const server = superviseChild(
    {
      name: 'temporal',
      file: join(places.programs, 'server'),
      words: ['start', ...(places.secured ? await securedServices() : [])],
      environment: { ...process.env, ...(await variables(places)) },
      logFile: join(places.folder, 'temporal-server.log'),
      graceMs: 20_000,
    },
    () => undefined,
  );
  const address = `127.0.0.1:${places.ports[0]}`;
  const admin = { ...places.secured?.admin, address };
  await untilItServes(admin);
  return {
    address,
    restart: async () => {
      await server.restart();
      await untilItServes(admin);
    },
    close: async () => await server.end(),
  };
}

/** As the `schema` service of docker-compose.yml does it. */
async function createDatabase({ programs, postgresqlPort }: Places, database: string): Promise<void> {
  const env = {
    ...process.env,
    SQL_PLUGIN: 'postgres12',
    SQL_HOST: '127.0.0.1',
    SQL_PORT: `${postgresqlPort}`,
    SQL_USER: 'temporal',
  };
  const sql = async (...words: readonly string[]) =>
    await run(join(programs, 'sql'), ['--db', database, ...words], { env, maxBuffer: 64 * 1024 * 1024 });
  await sql('create');
  await sql('setup-schema', '-v', '0.0');
  await sql('update-schema', '-d', join(programs, 'schema', database.replace(/^temporal_/, ''), 'versioned'));
}

interface ComposeFile {
  readonly services: { readonly temporal: { readonly environment: { readonly NUM_HISTORY_SHARDS: string } } };
  readonly configs: { readonly dynamic: { readonly content: string } };
}

const readCompose = async (file: string): Promise<unknown> =>
  parse(await readFile(join(__dirname, '../../..', file), 'utf8'), { merge: true });

interface SecuredFile {
  readonly services: {
    readonly temporal: { readonly environment: Readonly<Record<string, string>>; readonly command: readonly [string] };
  };
}

/** The flags that the second file's command starts the server with. */
async function securedServices(): Promise<string[]> {
  const { services } = (await readCompose('docker-compose.tls.yml')) as SecuredFile;
  return services.temporal.command[0].match(/--service \S+/g)?.flatMap((flag) => flag.split(' ')) ?? [];
}

async function securedVariables({ certificates }: Secured): Promise<NodeJS.ProcessEnv> {
  const { services } = (await readCompose('docker-compose.tls.yml')) as SecuredFile;
  const byDefault = (value: string) => /^\$\{\w+:-(.*)\}$/.exec(value)?.[1] ?? value;
  return Object.fromEntries(
    Object.entries(services.temporal.environment).map(([name, value]) => [
      name,
      byDefault(value).replace('/certs', certificates),
    ]),
  );
}

async function variables({
  folder,
  postgresqlPort,
  ports,
  secured,
  dynamic: more = '',
}: Places): Promise<NodeJS.ProcessEnv> {
  const dynamic = join(folder, 'dynamic.yaml');
  const compose = (await readCompose('docker-compose.yml')) as ComposeFile;
  await writeFile(dynamic, `${compose.configs.dynamic.content}\n${more}`);
  const names = ['FRONTEND_GRPC', 'FRONTEND_HTTP', 'FRONTEND_MEMBERSHIP', 'MATCHING_GRPC', 'MATCHING_MEMBERSHIP'];
  const internal = ['INTERNAL_FRONTEND_GRPC', 'INTERNAL_FRONTEND_MEMBERSHIP', 'INTERNAL_FRONTEND_HTTP'];
  const others = [
    'HISTORY_GRPC',
    'HISTORY_MEMBERSHIP',
    'WORKER_GRPC',
    'WORKER_MEMBERSHIP',
    ...(secured ? internal : []),
  ];
  return {
    DB: 'postgres12',
    DB_PORT: `${postgresqlPort}`,
    POSTGRES_SEEDS: '127.0.0.1',
    POSTGRES_USER: 'temporal',
    BIND_ON_IP: '127.0.0.1',
    NUM_HISTORY_SHARDS: compose.services.temporal.environment.NUM_HISTORY_SHARDS,
    ...(secured && (await securedVariables(secured))),
    LOG_LEVEL: 'warn',
    DYNAMIC_CONFIG_FILE_PATH: dynamic,
    ...Object.fromEntries([...names, ...others].map((name, index) => [`${name}_PORT`, `${ports[index]}`])),
  };
}

/** Also makes the namespace, where it isn't there. */
async function untilItServes(options: ConnectionOptions): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await makeNamespace(options).catch(() => false)) return;
    await sleep(200);
  }
  throw new Error(`The Temporal server does not serve at ${options.address}: its log says why.`);
}

async function makeNamespace(options: ConnectionOptions): Promise<boolean> {
  const connection = await Connection.connect({ ...options, connectTimeout: 2_000 });
  try {
    const known = await connection.workflowService.describeNamespace({ namespace }).then(
      () => true,
      () => false,
    );
    if (known) return true;
    const workflowExecutionRetentionPeriod = { seconds: 86_400 as unknown as Seconds };
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    return false;
  } finally {
    await connection.close();
  }
}

/** The SDK's own is a class of 64 bits, and takes a number as well. */
type Seconds = never;
