/** What the Platform Server says of an application that is to leave its containers. */
import { probing, routeTo, says, serve, type ProbedServer } from './load-balancer';

const servers: ProbedServer[] = [];
afterAll(async () => void (await Promise.all(servers.map((server) => server.close()))));

const asking = async (server: ProbedServer, removeAfter: number | null) => {
  servers.push(server);
  return await probing((probes) => probes.waitForHandover(routeTo(server.port), ['/Orders'], { removeAfter }));
};

test('404 for long enough is gone, and three good answers are back', async () => {
  expect(await asking(await serve(says(404)), 0)).toBe('gone');
  expect(await asking(await serve(says(200)), 0)).toBe('back');
});

test('who waits for it to serve again believes no 404', async () => {
  const server = await serve((_path, times, response) => void response.writeHead(times < 4 ? 404 : 200).end());
  expect(await asking(server, null)).toBe('back');
  expect(server.asked).toHaveLength(6);
});
