/**
 * Free ports for tasks, below the ranges from which systems take the ports of outgoing connections: a port from there
 * could be taken between the choice and the task's own bind.
 */
import { createServer } from 'node:net';

const from = 20_000;
const to = 32_000;

/** A port of the loopback that nobody listens on and that isn't in `taken`. */
export async function findFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = from + Math.floor(Math.random() * (to - from));
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`No port between ${from} and ${to} is free.`);
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    // Without an address it would miss a listener on all addresses.
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
