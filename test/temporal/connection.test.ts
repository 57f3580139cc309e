/** A connection to Temporal can be closed at any moment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connectLazily, connectToTemporal, type TemporalConnection } from '../../temporal/connection';

/** Whoever connects is heard, and told nothing. */
let server: Server;
let sockets: Socket[];
const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  for (const socket of sockets) socket.destroy();
});

/** Calls, and tells why that failed. */
const failureOf = async ({ connection }: TemporalConnection): Promise<unknown> =>
  await connection.workflowService.describeNamespace({ namespace: 'default' }).catch((error: Error) => error.message);

test('a call in flight fails when its connection is closed', async () => {
  const opened = connectLazily({ address: address() });
  const failure = failureOf(opened);
  await once(server, 'connection');
  await opened.close();
  expect(await failure).toMatch(/CANCELLED|UNAVAILABLE/);
});

test('a call that waits for its next try fails when its connection is closed', async () => {
  let tries = 0;
  server.on('connection', (socket: Socket) => {
    tries++;
    socket.destroy();
  });
  const opened = connectLazily({ address: address() });
  const failure = failureOf(opened);
  while (tries < 2) await once(server, 'connection');
  await opened.close();
  expect(await failure).toMatch(/CANCELLED: The connection was closed/);
});

test('a Temporal that does not answer leaves no connection', async () => {
  await expect(connectToTemporal({ address: address(), connectTimeout: 200 })).rejects.toThrow(
    /^Temporal can't be reached at 127.* \(.+\): start it/,
  );
});

test('a process ends with its status, though it still connects to a Temporal that is gone', async () => {
  const connection = join(__dirname, '..', '..', 'lib', 'temporal', 'connection.js');
  const script = `
    const { connectLazily, endThoughConnecting } = require(${JSON.stringify(connection)});
    const opened = connectLazily({ address: '${address()}' });
    opened.connection.workflowService.describeNamespace({ namespace: 'default' }).catch(() => undefined);
    // As an attempt that TCP goes on with: whatever is open keeps a process.
    require('node:net').connect(${(server.address() as AddressInfo).port}, '127.0.0.1', async () => {
      await opened.close();
      process.exitCode = 3;
      endThoughConnecting();
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([3, null]);
});
