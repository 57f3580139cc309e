/** Modules are verified as a guest would: patiently, on few connections, and on every replica. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startNameServer } from '../../../packages/local-aws/src/name-server';
import { probing, routeTo, says, serve, site, targetsAt, type ProbedServer } from './load-balancer';

const servers: ProbedServer[] = [];
const serving: typeof serve = async (...given) => {
  const server = await serve(...given);
  servers.push(server);
  return server;
};
afterAll(async () => void (await Promise.all(servers.map((server) => server.close()))));

const atOnce = { settleMs: 0, patienceMs: 60_000 };
const modules = (count: number) => Array.from({ length: count }, (_, index) => `/Module${index}`);

test('a module that answers 503 while its application pool starts is waited for', async () => {
  const server = await serving((path, times, response) => void response.writeHead(times < 8 ? 503 : 200).end());
  const { says: told } = await probing((probes) => probes.verifyModules(routeTo(server.port), ['/Orders'], atOnce), {
    waitedMs: 30_000,
  });
  expect(server.asked).toHaveLength(10);
  expect(told).toEqual(['1 module answered 3 times through the load balancer.']);
});

test('one that answers 404 again and again is broken long before the patience ends', async () => {
  const server = await serving(says(404, 'no such module'));
  const verified = probing((probes) => probes.verifyModules(routeTo(server.port), ['/Orders'], atOnce), {
    waitedMs: 1,
  });
  await expect(verified).rejects.toMatchObject({
    type: 'ModuleBroken',
    message: expect.stringMatching(/\/Orders\/_ping\.aspx answered HTTP 404: "no such module"\.$/),
  });
  expect(server.asked).toHaveLength(3);
});

test('forty modules are asked on few connections, at most twenty requests at a time', async () => {
  const server = await serving((_path, _times, response) => void sleep(5).then(() => response.end('OK')));
  await probing((probes) => probes.verifyModules(routeTo(server.port), modules(40), atOnce));
  expect(server.asked).toHaveLength(120);
  expect(server.mostUnderWay).toBeLessThanOrEqual(20);
  expect(server.connections).toBeLessThanOrEqual(60);
});

test('a watch asks for ten modules a round, on one connection, and gets round to all', async () => {
  const server = await serving(
    (path, times, response) => void response.writeHead(path.includes('39') ? 500 : 200).end(),
  );
  const watched = probing((probes) => probes.watchModules(routeTo(server.port), modules(40)));
  await expect(watched).rejects.toMatchObject({ type: 'ModuleBroken' });
  // The wrong answer ends the fourth round.
  expect(new Set(server.asked.slice(0, 30)).size).toBe(30);
  expect(server.asked.at(-1)).toContain('39');
  expect([server.connections, server.mostUnderWay]).toEqual([4, 1]);
});

test('every replica that the worker reaches is asked for every module, until each has answered', async () => {
  const balancer = await serving(says(200));
  const cold: typeof serve = async () =>
    await serving((_path, times, response) => void response.writeHead(times < 3 ? 500 : 200).end());
  const replicas = [await cold(says(200)), await cold(says(200)), await cold(says(200))];
  const aws = targetsAt(replicas.map(({ port }) => ({ Id: '127.0.0.1', Port: port })));
  const { says: told } = await probing(
    (probes) =>
      probes.verifyModules(routeTo(balancer.port), ['/shop', '/OrdersAPI'], {
        ...atOnce,
        replicas: { site, targetGroupArn: 'green', protocol: 'HTTP', paths: ['/Orders', '/OrdersAPI'] },
      }),
    { aws },
  );
  expect(told).toEqual(['2 modules answered on each of 3 replicas.']);
  for (const { asked } of replicas)
    expect(asked.toSorted()).toEqual(
      ['/Orders', '/OrdersAPI'].flatMap((path) => Array.from({ length: 3 }, () => `${path}/_ping.aspx`)),
    );
});

test('a module that one replica still answers with 500 when the patience is over is broken, with that replica', async () => {
  const balancer = await serving(says(200));
  const [well, sick] = [await serving(says(200)), await serving(says(500, 'no database model'))];
  const aws = targetsAt([well, sick].map(({ port }) => ({ Id: '127.0.0.1', Port: port })));
  const verified = probing(
    (probes) =>
      probes.verifyModules(routeTo(balancer.port), ['/Orders'], {
        ...atOnce,
        replicas: { site, targetGroupArn: 'green', protocol: 'HTTP', paths: ['/Orders'] },
      }),
    { aws, waitedMs: 59_800 },
  );
  await expect(verified).rejects.toMatchObject({
    message: `http://127.0.0.1:${sick.port}/Orders/_ping.aspx answered HTTP 500: "no database model".`,
  });
});

test('replicas that can’t be reached are asked through the load balancer until each has probably answered', async () => {
  const balancer = await serving(says(200));
  const aws = targetsAt(['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map((Id) => ({ Id, Port: 80 })));
  const { says: told } = await probing(
    (probes) =>
      probes.verifyModules(routeTo(balancer.port), ['/Orders'], {
        ...atOnce,
        replicas: { site, targetGroupArn: 'green', protocol: 'HTTP', paths: ['/Orders'] },
      }),
    { aws },
  );
  expect(balancer.asked).toHaveLength(28);
  expect(told).toEqual([expect.stringMatching(/^1 module answered 28 times each .* the 5 replicas .* below 1 %/)]);
});

describe('nodes', () => {
  const dnsName = 'main-1.eu-west-1.elb.localhost';
  let nodes: readonly string[];

  test('one that leaves the load balancer’s name meanwhile is not missed', async () => {
    const dns = await startNameServer(0, (name) => (name === dnsName ? nodes : undefined));
    const stays = await serving((_path, times, response) => void response.writeHead(times < 3 ? 503 : 200).end());
    const goes = await serving(says(503), { host: '127.0.0.2', port: stays.port });
    nodes = ['127.0.0.1', '127.0.0.2'];
    const route = {
      ...routeTo(stays.port, dnsName),
      resolver: dns.address,
      probe: { family: 'any', everyMs: 1_200 } as const,
    };
    const verified = probing((probes) => probes.verifyModules(route, ['/Orders'], atOnce));
    while (goes.asked.length === 0) await sleep(10);
    nodes = ['127.0.0.1'];
    await goes.close();
    await expect(verified).resolves.toBeDefined();
    await dns.close();
  });

  test('one that answers nobody is named', async () => {
    const dns = await startNameServer(0, (name) => (name === dnsName ? nodes : undefined));
    const { port } = await serving(says(200));
    nodes = ['127.0.0.1', '127.0.0.3'];
    const route = { ...routeTo(port, dnsName), resolver: dns.address };
    const verified = probing((probes) => probes.verifyModules(route, ['/Orders'], atOnce), { waitedMs: 61_000 });
    await expect(verified).rejects.toMatchObject({
      message: expect.stringMatching(/The node 127\.0\.0\.3 answers nobody/),
    });
    await dns.close();
  });

  test('of the other family are left out, where the zone wants one only', async () => {
    const dns = await startNameServer(0, (name) => (name === dnsName ? nodes : undefined));
    const { port } = await serving(says(200));
    nodes = ['127.0.0.1', '2001:db8::1'];
    const route = { ...routeTo(port, dnsName), resolver: dns.address, probe: { family: 'ipv4', everyMs: 40 } as const };
    await probing((probes) => probes.verifyModules(route, ['/Orders'], atOnce));
    await expect(
      probing(
        (probes) => probes.verifyModules({ ...route, probe: { family: 'ipv6', everyMs: 40 } }, ['/Orders'], atOnce),
        { waitedMs: 90_000 },
      ),
    ).rejects.toMatchObject({ type: 'ModuleBroken' });
    await dns.close();
  });
});
