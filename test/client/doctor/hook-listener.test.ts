/** Whether the hook listener answers: what stands there instead is told apart from nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkListener } from '../../../client/doctor/hook-listener';
import { freePort } from '../../../packages/local-aws/test/free-port';

test.each([
  [200, 'ok'],
  [404, 'error'],
])('what answers %d to /healthz is %s', async (status, state) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? status : 500;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await checkListener({ host: '0.0.0.0', port })).toMatchObject({ check: 'hook listener', state });
  server.close();
});

test('nobody there is a warning, for it may be on another machine', async () => {
  expect(await checkListener({ host: '127.0.0.1', port: await freePort() })).toMatchObject({
    state: 'warning',
    next: expect.stringMatching(/Start "cutover hooks"; if it runs on another machine/),
  });
});
