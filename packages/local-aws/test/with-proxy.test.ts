/** The control plane with the real load balancer: tasks start, stop and are replaced, and no request is lost. */
import { readFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { runProxy, type Proxy } from '../src/load-balancer/process/main';
import { stopTasks } from '../src/tasks';
import { eventually, startLocalAws, testControlKey, type LocalAws } from './local-aws';
import { makeImage, server } from './sample-image';
import { behind, createZone, type Zone } from './ecs/zone';
import { freePort } from './free-port';

const log = { info: () => undefined, warn: () => undefined };
let proxy: Proxy;
let local: LocalAws;
let zone: Zone;
let address: string;

beforeAll(async () => {
  const port = await freePort();
  local = await startLocalAws({
    timeScale: 20,
    proxyControlUrl: `http://127.0.0.1:${port}`,
    propagation: { batchSeconds: 4, jitterSeconds: 1 },
  });
  proxy = await runProxy({ folder: join(local.folder, 'proxy'), controlPort: port, controlKey: testControlKey, log });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  await makeImage(join(local.folder, 'images'), 'orders:2', server);
  const listenerPort = await freePort();
  zone = await createZone(local, listenerPort);
  address = `http://127.0.0.1:${listenerPort}/orders/`;
});
afterAll(async () => {
  await local.aws.close();
  await stopTasks(local.folder);
  await proxy.close();
  await local.close();
});

test('a rolling deployment and a scale-in under traffic lose nothing', async () => {
  // On a slow machine AWS's times still pass as fast: a delay of 20 s is 1 s here, too short for both nodes to learn of it.
  const group = await zone.createGroup('orders', 60);
  await local.elbv2.modifyTargetGroup({
    TargetGroupArn: group,
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  });
  await zone.createService('orders', await zone.registerTaskDefinition('orders:1'), {
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 8080 }],
    healthCheckGracePeriodSeconds: 60,
  });
  await zone.steady('orders');
  await eventually(
    () => fetch(address).then(({ status }) => status),
    (status) => status === 200,
  );
  const traffic = sendTraffic();
  const taskDefinition = await zone.registerTaskDefinition('orders:2');
  await local.ecs.updateService({ cluster: 'zone', service: 'orders', taskDefinition });
  await zone.steady('orders');
  await local.ecs.updateService({ cluster: 'zone', service: 'orders', desiredCount: 1 });
  await eventually(
    () => zone.service('orders'),
    ({ runningCount }) => runningCount === 1,
  );
  const { sent, lost, servers } = await traffic.stop();
  expect(lost).toEqual([]);
  expect(sent).toBeGreaterThan(100);
  expect(servers.size).toBe(4);
});

test('a target that answers 500 is unhealthy for the reason that the load balancer gives, and its task is replaced', async () => {
  const failing = `require('node:http').createServer((request, response) => { response.statusCode = 500; response.end(); }).listen(Number(process.env.PORT));`;
  await makeImage(join(local.folder, 'images'), 'failing:1', failing);
  const group = await zone.createGroup('failing', 0);
  await local.elbv2.modifyTargetGroup({
    TargetGroupArn: group,
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  });
  await zone.createService('failing', await zone.registerTaskDefinition('failing:1'), {
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 8080 }],
  });
  const seen = new Set<string>();
  const { events } = await eventually(
    async () => {
      const { TargetHealthDescriptions: targets } = await local.elbv2.describeTargetHealth({ TargetGroupArn: group });
      for (const { TargetHealth: health } of targets ?? []) seen.add(`${health?.State} ${health?.Reason}`);
      return await zone.service('failing');
    },
    (service) => service.events?.some(({ message }) => message?.includes('is unhealthy in')) ?? false,
  );
  expect(events?.some(({ message }) => message?.includes('failed with these codes: [500]'))).toBe(true);
  const [task] = await eventually(
    () => zone.tasks('failing', 'STOPPED'),
    (tasks) => tasks.length > 0,
  );
  expect(task?.stoppedReason).toBe(`Task failed ELB health checks in (target-group ${group})`);
  expect([...seen].some((state) => state.startsWith('healthy'))).toBe(false);
});

function sendTraffic(): { stop(): Promise<{ sent: number; lost: string[]; servers: Set<string> }> } {
  let stopped = false;
  let sent = 0;
  const lost: string[] = [];
  const servers = new Set<string>();
  const send = async (): Promise<void> => {
    while (!stopped) {
      sent++;
      try {
        const response = await fetch(address);
        const body = await response.text();
        if (response.status === 200) servers.add((JSON.parse(body) as { task: string }).task);
        else lost.push(`${response.status} ${body}`);
      } catch (error) {
        lost.push(String(error));
      }
      await sleep(10);
    }
  };
  const senders = [send(), send(), send(), send()];
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(senders);
      return { sent, lost, servers };
    },
  };
}

async function issueCertificate(...names: string[]) {
  const body = JSON.stringify({ names });
  const answer = await fetch(`${local.aws.controlUrl}/certificates`, { method: 'POST', body });
  return { CertificateArn: ((await answer.json()) as { arn: string }).arn };
}

async function listenOnHttps(certificate: { readonly CertificateArn: string }) {
  const { Listeners: [plain] = [] } = await local.elbv2.describeListeners({ ListenerArns: [zone.listenerArn] });
  const Port = await freePort();
  const { Listeners: [made] = [] } = await local.elbv2.createListener({
    LoadBalancerArn: plain?.LoadBalancerArn,
    Protocol: 'HTTPS',
    Port,
    Certificates: [certificate],
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'hello' } }],
  });
  return { ListenerArn: made?.ListenerArn, Port };
}

/** The status, or why there is none. */
async function askHttps(port: number, servername: string, more: RequestOptions = {}) {
  const ca = await readFile(join(local.folder, 'authority.pem'), 'utf8');
  return await new Promise<number | string | undefined>((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, servername, ca, agent: false, ...more }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    outgoing.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    outgoing.end();
  });
}

test('who logged in on the control port gets past a login and a validation of tokens, and nobody else does', async () => {
  const logIn = async (asked?: object) => {
    const body = asked === undefined ? undefined : JSON.stringify(asked);
    const response = await fetch(`${local.aws.controlUrl}/logins`, { method: 'POST', ...(body && { body }) });
    return (await response.json()) as { cookie: string; token: string };
  };
  const { cookie } = await logIn();
  const { token } = await logIn({ claims: { iss: 'https://login.example.com' } });
  const oidc = {
    Issuer: 'https://login.example.com',
    AuthorizationEndpoint: 'https://login.example.com/authorize',
    TokenEndpoint: 'https://login.example.com/token',
    UserInfoEndpoint: 'https://login.example.com/userinfo',
    ClientId: 'orders',
    ClientSecret: 'known to AWS alone',
  };
  const jwt = { Issuer: oidc.Issuer, JwksEndpoint: 'https://login.example.com/keys' };
  const answer = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } } as const;
  const { ListenerArn, Port } = await listenOnHttps(await issueCertificate('apps.example.com'));
  const put = (Priority: number, path: string, login: Action) =>
    local.elbv2.createRule({
      ListenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [path] }],
      Actions: [
        { ...login, Order: 1 },
        { ...answer, Order: 2 },
      ],
    });
  await put(100, '/behind', { Type: 'authenticate-oidc', AuthenticateOidcConfig: oidc });
  await put(101, '/tokens', { Type: 'jwt-validation', JwtValidationConfig: jwt });
  const ask = (path: string, headers = {}) => askHttps(Port, 'apps.example.com', { path, headers });
  await eventually(
    () => Promise.all([ask('/behind'), ask('/tokens')]),
    ([login, validation]) => login === 302 && validation === 401,
  );
  expect(await ask('/behind', { cookie })).toBe(200);
  expect(await ask('/tokens', { authorization: `Bearer ${token}` })).toBe(200);
});

test('an HTTPS listener serves with certificates that the control port issues, to who trusts their authority', async () => {
  const { ListenerArn, Port } = await listenOnHttps(await issueCertificate('apps.example.com'));
  const Certificates = [await issueCertificate('*.example.org')];
  await local.elbv2.addListenerCertificates({ ListenerArn, Certificates });
  const ask = (name: string) => askHttps(Port, name);
  await eventually(
    () => Promise.all([ask('apps.example.com'), ask('a.example.org')]),
    (statuses) => statuses.every((status) => status === 200),
  );
  expect(await ask('example.net')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('with the profile windows a task is pulled slowly, is unavailable at first, and compiles each module', async () => {
  const port = await freePort();
  const windows = await startLocalAws({
    timeScale: 200,
    profile: 'windows',
    proxyControlUrl: `http://127.0.0.1:${port}`,
    propagation: { batchSeconds: 0, jitterSeconds: 0 },
  });
  const slow = await runProxy({
    folder: join(windows.folder, 'proxy'),
    controlPort: port,
    controlKey: testControlKey,
    log,
  });
  try {
    await makeImage(join(windows.folder, 'images'), 'orders:1', server);
    const listenerPort = await freePort();
    const place = await createZone(windows, listenerPort);
    const group = await place.createGroup('orders', 10);
    await place.createService('orders', await place.registerTaskDefinition('orders:1'), {
      desiredCount: 1,
      healthCheckGracePeriodSeconds: 600,
      ...behind(group),
    });
    await place.steady('orders');
    const [task] = await place.tasks('orders');
    const pulledMs = (task?.pullStoppedAt?.getTime() ?? 0) - (task?.pullStartedAt?.getTime() ?? 0);
    expect(pulledMs).toBeGreaterThanOrEqual(300_000 / 200);
    const events = (await place.service('orders')).events ?? [];
    const at = (text: string) => events.find(({ message }) => message?.includes(text))?.createdAt?.getTime() ?? 0;
    expect(at('has reached a steady state') - at('registered 1 targets')).toBeGreaterThanOrEqual(75_000 / 200);
    expect((await fetch(`http://127.0.0.1:${listenerPort}/orders/`)).status).toBe(200);
  } finally {
    await windows.aws.close();
    await stopTasks(windows.folder);
    await slow.close();
    await windows.close();
  }
});
