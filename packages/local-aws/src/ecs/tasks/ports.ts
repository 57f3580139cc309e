/**
 * Free ports for tasks, below the ranges from which systems take the ports of outgoing connections: a port from there
 * could be taken between the choice and the task's own bind.
 */
import { createServer } from 'node:net';
import { findFreePort } from '../../processes/ports';

const range = { from: 20_000, to: 31_999 };

/**
 * A port on which nothing listens and that isn't in `taken`.
 * @throws {Error} of one sentence when none is found
 */
export async function findTaskPort(taken: ReadonlySet<number>): Promise<number> {
  return await findFreePort(range, async (port) => !taken.has(port) && (await isFree(port)));
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    // With an address it would miss a listener on all addresses.
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
