/**
 * The local Platform Server: it serves the modules of every application that isn't in containers, as the load balancer's
 * default rule expects, and answers 404 for the rest. Its own module `ServiceCenter` is always there; the load balancer's health
 * check asks for it.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, closeGracefully, type ServedApplication } from '../sample/modules';
import type { LifeTimeApi } from '../lifetime/api';
import { serveSockets } from '../sample/sockets';
import { applicationsFile, type InstalledApplication } from './applications';

export interface PlatformServerOptions {
  /** The folder with the file of its applications. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: it has none. */
  readonly lifeTime?: LifeTimeApi;
}

export interface PlatformServer {
  readonly url: string;
  /** Finishes the requests in flight first. */
  readonly close: () => Promise<void>;
}

/** The path of the load balancer's health check. */
export const platformServerPing = '/ServiceCenter/_ping.aspx';

/** Longer than the load balancer keeps an idle connection. */
const keepAliveTimeoutMs = 75_000;

/**
 * Resolves when the server listens.
 * @throws {Error} when the port is taken
 */
export async function runPlatformServer({ folder, port, lifeTime }: PlatformServerOptions): Promise<PlatformServer> {
  const find = applicationFinder(folder);
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    if (lifeTime?.isFor(request.url)) return void lifeTime.answer(request, response);
    answer(find, request, response);
  });
  serveSockets(server, find);
  await listen(server, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: async () => await closeGracefully(server) };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** Reads the file at every request, so that changes need no notice; parses it only when it changed. */
function applicationFinder(folder: string): (module: string) => ServedApplication | undefined {
  let known = '';
  let byModule = new Map<string, ServedApplication>();
  return (module) => {
    const text = readIfThere(applicationsFile(folder));
    if (text !== known) byModule = indexByModule(JSON.parse(text) as InstalledApplication[]);
    known = text;
    return byModule.get(module) ?? (module === 'servicecenter' ? serviceCenter : undefined);
  };
}

function indexByModule(installed: readonly InstalledApplication[]): Map<string, ServedApplication> {
  return new Map(
    installed
      .filter(({ hosting }) => hosting === undefined)
      .map(served)
      .flatMap((each) => each.modules.map((module) => [module.toLowerCase(), each] as const)),
  );
}

function served({ application, version, modules }: Omit<InstalledApplication, 'key'>): ServedApplication {
  const [task, servedBy, configuration] = ['platform-server', 'platform-server', ''] as const;
  return { application, version, modules, task, servedBy, configuration };
}

const serviceCenter = served({ application: 'Service Center', version: '11', modules: ['ServiceCenter'] });

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '[]';
    throw error;
  }
}
