import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** Below 32768: the server keeps its membership ports in a column of 16 bits. All at once, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const open: Server[] = [];
  while (open.length < count) {
    const server = createServer();
    server.listen(randomInt(15_000, 32_000), '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) open.push(server);
  }
  const ports = open.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
