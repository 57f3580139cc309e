import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { checkPorts } from '../../../packages/local-aws/src/index';
import { choosePorts, defaultPorts } from '../../../local/stack/ports';
import { inTemporaryFolder } from '../images/bundles';

test('a port in use is named, with what it is for and what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ports = { ...defaultPorts, testListener: port };
  await expect(checkPorts({ testListener: ports.testListener })).rejects.toThrow(
    `Port ${port} (test listener) is in use`,
  );
  server.close();
});

test('free ports stay the same for a folder, and differ from each other', async () => {
  await inTemporaryFolder(async (folder) => {
    const ports = await choosePorts(folder, 'auto');
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(defaultPorts).length);
    expect(await choosePorts(folder, 'auto')).toEqual(ports);
    await checkPorts(ports);
  });
});
