import { createServer, type AddressInfo, type Socket } from 'node:net';
import { NotStarted, temporalHookCalls } from '../../hooks/hook-calls';

const request = {
  zone: 'production',
  applicationName: 'Orders',
  applicationKey: '0c4a5b6e-2f1d-4c8a-9a53-0c6a6f1f8f11',
  operationId: '9b0a3c52-1111-4c8a-9a53-0c6a6f1f8f22',
};

test.each([
  ['refuses connections', true],
  ['accepts them and never answers', false],
])('a Temporal that %s is told as such, in time', async (_, refuses) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (refuses) await new Promise((resolve) => server.close(resolve));
  const hookCalls = temporalHookCalls({
    connectionOptions: { address: `127.0.0.1:${port}` },
    namespace: 'default',
    timeoutMs: 500,
  });
  const failure = hookCalls.start('ContainerRun', request);
  await expect(failure).rejects.toBeInstanceOf(NotStarted);
  await expect(failure).rejects.toThrow(/DEADLINE_EXCEEDED|UNAVAILABLE|did not answer/);
  await expect(hookCalls.check()).rejects.toThrow(/DEADLINE_EXCEEDED|UNAVAILABLE|did not answer/);
  await hookCalls.close();
  server.close();
  sockets.forEach((socket) => socket.destroy());
});
