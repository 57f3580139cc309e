/**
 * Ports on loopback, each with the name of its use. A folder keeps the free ports that were chosen for it, because a load
 * balancer's listener can't change its port under a running application.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeWhole } from './whole-file';

export type Ports<Name extends string> = Readonly<Record<Name, number>>;

/** Below the range that systems use for clients and for servers on any free port, which is where the tasks' ports come from. */
const automatic = { from: 20_000, to: 29_999 };

/**
 * The ports of a folder from now on: for every name a free one, or the one that it has already.
 * @throws {Error} of one sentence when no free port is found
 */
export async function chooseFreePorts<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<Ports<Name>> {
  const file = join(folder, 'ports.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const chosen = JSON.parse(text) as Record<string, number>;
  for (const name of names) {
    const taken = new Set(Object.values(chosen));
    chosen[name] ??= await findFreePort(automatic, async (port) => !taken.has(port) && (await isFree(port)));
  }
  await writeWhole(file, `${JSON.stringify(chosen, undefined, 2)}\n`);
  return chosen as Ports<Name>;
}

/** @throws {Error} of one sentence for the first port that another process has */
export async function checkPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new Error(
      `Port ${port} (${words(name)}) is in use: end what listens there, or use --ports auto with a new --dir to take free ports.`,
    );
  }
}

/**
 * A random port of a range that can be used.
 * @throws {Error} of one sentence when a thousand tries found none
 */
export async function findFreePort(
  { from, to }: { readonly from: number; readonly to: number },
  isUsable: (port: number) => Promise<boolean>,
): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = from + Math.floor(Math.random() * (to - from + 1));
    if (await isUsable(port)) return port;
  }
  throw new Error(`There is no free port between ${from} and ${to}.`);
}

/** Whether servers of TCP and of UDP can have this port of loopback now. */
export async function isFree(port: number): Promise<boolean> {
  return (await isFreeTcp(port)) && (await isFreeUdp(port));
}

async function isFreeUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const bound = once(socket, 'listening').then(
    () => true,
    () => false,
  );
  socket.bind(port, '127.0.0.1');
  const free = await bound;
  if (free) await new Promise<void>((resolve) => socket.close(resolve));
  return free;
}

async function isFreeTcp(port: number): Promise<boolean> {
  const server = createServer();
  const bound = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  const free = await bound;
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Turns `loadBalancerControl` into `load balancer control`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
