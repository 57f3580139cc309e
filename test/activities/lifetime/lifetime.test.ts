/** LifeTime, asked over HTTP: the local one for what goes well and for answers that are lost, a server of its own for what is hostile. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lifeTimeActivities } from '../../../activities/lifetime';
import type { JoinedOperation, StagingLook, StagingPlan } from '../../../contract/staging';
import { lifeTimeApi } from '../../../local/lifetime/api';
import { openDeployments, type LifeTimeDeployments } from '../../../local/lifetime/deployments';
import { tagVersion } from '../../../local/lifetime/state';
import { installApplication } from '../../../local/platform-server/applications';
import { createAuthority, issueCertificate } from '../../../packages/local-aws/src/acm/authority';
import { parseSettings } from '../../../settings/load';
import { zone } from '../../settings/minimal';

const open: Server[] = [];
const folders: string[] = [];
afterAll(async () => {
  open.forEach((server) => (server.closeAllConnections(), server.close()));
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function activitiesAt(address: string, token: string, operations: readonly JoinedOperation[] = [], more = '') {
  const lifetime = `lifetime: { address: "${address}", token: { file: ${JSON.stringify(token)} }, every: 100ms${more} }\n`;
  const settings = parseSettings(`${lifetime}${zone}`, 'cutover.yaml');
  const list = () => Promise.resolve(operations);
  const activities = lifeTimeActivities({ settings: () => settings, stagedCalls: { list } });
  const environment = new MockActivityEnvironment();
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      (...args: never[]) => environment.run(activity as (...given: never[]) => Promise<unknown>, ...args),
    ]),
  ) as unknown as typeof activities;
}

interface Local {
  readonly activities: ReturnType<typeof activitiesAt>;
  readonly deployments: LifeTimeDeployments;
  /** The next answer to a request of this method is lost, after it had its effect. */
  readonly loseNext: (method: string) => void;
  readonly asked: string[];
  readonly token: string;
  readonly address: string;
  readonly go: () => void;
}

async function local(): Promise<Local> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-lifetime-'));
  folders.push(folder);
  const token = join(folder, 'token');
  await writeFile(token, 'secret-token\n');
  await installApplication(folder, { application: 'Orders', modules: ['Orders'], version: '1.4' });
  await tagVersion(folder, { application: 'Orders', modules: ['Orders'], version: '1.5' });
  let go = () => {};
  const gone = new Promise<void>((resolve) => (go = resolve));
  const deployments = await openDeployments(folder, async () => {
    await gone;
    return { succeeded: true, message: null, warnings: [] };
  });
  const api = lifeTimeApi({ folder, token, deployments });
  const asked: string[] = [];
  let lost: string | undefined;
  const address = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === lost) {
      lost = undefined;
      Object.assign(response, { writeHead: () => response, end: () => void request.socket.destroy() });
    }
    void api.answer(request, response);
  });
  return {
    activities: activitiesAt(address, token),
    deployments,
    loseNext: (method) => (lost = method),
    asked,
    token,
    address,
    go,
  };
}

const request = { applications: ['Orders'], from: 'Development', to: 'Production' };
const marker = '(cutover stage:production run-1)';
const now = new Date().toISOString();
/** What a watch is asked that joins no calls. */
const looking = (deployment: string, seen: StagingLook | null = null) => ({
  deployment,
  applicationKeys: [],
  since: now,
  callsIn: null,
  seen,
});
const away = { type: 'LifeTimeAway', nonRetryable: false };
const plan: StagingPlan = {
  sourceKey: 's',
  targetKey: 't',
  operations: [],
  notes: [],
  zone: null,
  patienceMs: 1,
  followMs: 1,
};

test('a deployment whose answer was lost is found by its notes, and none is made beside it', async () => {
  const { activities, deployments, loseNext } = await local();
  const made = await activities.planStaging(request);
  loseNext('POST');
  await expect(activities.createDeployment(made, 'Release 12', marker, now)).rejects.toMatchObject(away);
  const key = await activities.createDeployment(made, 'Release 12', marker, now);
  expect(deployments.list().map((one) => [one.key, one.notes])).toEqual([[key, `Release 12 ${marker}`]]);
  expect(await activities.createDeployment(made, 'Release 12', '(cutover stage:production run-2)', now)).not.toBe(key);
});

test('start, continue and abort are sent until they have had their effect, and not once more', async () => {
  const { activities, loseNext, asked, go } = await local();
  const deployment = await activities.createDeployment(await activities.planStaging(request), '', marker, now);
  const posts = () => asked.filter((one) => /POST .*(start|continue)/.test(one)).length;
  loseNext('POST');
  await expect(activities.commandDeployment({ deployment, command: 'start', again: false })).rejects.toMatchObject(
    away,
  );
  await activities.commandDeployment({ deployment, command: 'start', again: true });
  expect(posts()).toBe(1);
  expect(asked.at(-2)).toContain('RedeployOutdated=false');

  const seen = await activities.watchStaging(looking(deployment));
  expect(seen).toMatchObject({ state: 'needs_user_intervention', info: 'deploy_prepared', messages: 1 });
  const approved = { deployment, command: 'continue', messages: seen.messages } as const;
  loseNext('POST');
  await expect(activities.commandDeployment({ ...approved, again: false })).rejects.toMatchObject(away);
  await activities.commandDeployment({ ...approved, again: true });
  expect(posts()).toBe(2);

  await activities.commandDeployment({ deployment, command: 'abort', again: false });
  const watching = activities.watchStaging(looking(deployment, { ...seen, state: 'aborting', info: '' }));
  go();
  expect(await watching).toMatchObject({ state: 'aborted', lastMessage: 'Aborted' });
  await activities.commandDeployment({ deployment, command: 'abort', again: false });
});

test('what LifeTime refuses is told in its words; only what was never started is discarded', async () => {
  const { activities, deployments } = await local();
  const made = await activities.planStaging(request);
  const first = await activities.createDeployment(made, '', marker, now);
  const second = await activities.createDeployment(made, '', 'another', now);
  await activities.commandDeployment({ deployment: first, command: 'start', again: false });
  await expect(
    activities.commandDeployment({ deployment: second, command: 'start', again: false }),
  ).rejects.toMatchObject({
    type: 'LifeTimeRefused',
    nonRetryable: true,
    message: expect.stringMatching(/400 .*Another deployment to this environment is running/),
  });
  await activities.discardDeployment(first);
  await activities.discardDeployment(second);
  await activities.discardDeployment(second);
  expect(deployments.list().map(({ key }) => key)).toEqual([first]);
  expect(await activities.examineDeployment(first)).toMatchObject({
    conflicts: [],
    operations: [{ operation: 'Deploy 1.5' }],
  });
  await expect(activities.planStaging({ ...request, from: 'Test' })).rejects.toMatchObject({ type: 'StagingRefused' });
});

test('a token that is wrong, or not there, is told, and asked again with; nothing says what it is', async () => {
  const { address, token } = await local();
  const own = `${token}-of-another`;
  const activities = activitiesAt(address, own);
  await writeFile(own, 'a wrong one');
  const failing = activities.planStaging(request);
  await expect(failing).rejects.toMatchObject({ ...away, message: expect.stringMatching(/401 .*lifetime\.token/) });
  await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('wrong one') });
  await rm(own);
  await expect(activities.planStaging(request)).rejects.toMatchObject({ type: 'SecretMissing' });
});

test('a LifeTime that goes away while it is watched is told once, with what was known', async () => {
  const { activities } = await local();
  const deployment = await activities.createDeployment(await activities.planStaging(request), '', marker, now);
  const seen = await activities.watchStaging(looking(deployment));
  open.at(-1)!.closeAllConnections();
  await new Promise((resolve) => open.at(-1)!.close(resolve));
  const look = await activities.watchStaging(looking(deployment, seen));
  expect(look).toEqual({ ...seen, away: expect.stringContaining('ECONNREFUSED') });
});

test.each<[string, RequestListener]>([
  ['a page of a proxy', (_, response) => void response.end('<html>Sign in</html>')],
  ['half of its JSON', (_, response) => void response.end('{"DeploymentStatus": "run')],
  ['a state that there is none of', (_, response) => void response.end('{"DeploymentStatus": "exploded", "Info": ""}')],
  ['another kind of value', (_, response) => void response.end('[[[]]]')],
  ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['nothing at all', (request) => void request.socket.destroy()],
  ['too many bytes', (_, response) => void response.end(Buffer.alloc(33 * 1024 * 1024, ' '))],
  ['that it is busy', (_, response) => void response.writeHead(429).end()],
])('%s is no answer, and no more is made of it', async (_, answer) => {
  const { token } = await local();
  const { commandDeployment } = activitiesAt(await serve(answer), token);
  await expect(commandDeployment({ deployment: 'd', command: 'start', again: false })).rejects.toMatchObject(away);
});

test('a key that would lead elsewhere is no key, and a text that would forge lines is one line', async () => {
  const { token } = await local();
  const key = activitiesAt(
    await serve(
      ({ method }, response) =>
        void (method === 'POST' ? response.end('../../environments') : response.writeHead(204).end()),
    ),
    token,
  );
  await expect(key.createDeployment(plan, '', marker, now)).rejects.toMatchObject(away);
  const message = `all is well\u001b[2J\n${'x'.repeat(9_000)}\ud800`;
  const body = JSON.stringify({ DeploymentStatus: 'running', Info: null, DeploymentLog: [{ Message: message }] });
  const long = activitiesAt(await serve((_, response) => void response.end(body)), token);
  const { lastMessage } = await long.watchStaging(looking('d'));
  expect(lastMessage).toMatch(/^all is well \[2J x+$/);
  expect(lastMessage?.length).toBeLessThanOrEqual(300);
});

test('a private authority is trusted where the settings name it, and a file that is not there is named', async () => {
  const { token, address } = await local();
  const authority = await createAuthority(Date.now());
  const tls = { cert: issueCertificate(authority, ['localhost'], Date.now()), key: authority.serverKey };
  const server = createTlsServer(tls, (asked, response) => {
    void fetch(`${address}${asked.url}`, { headers: { authorization: asked.headers.authorization ?? '' } }).then(
      async (answer) => response.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text()),
    );
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const secured = `https://localhost:${(server.address() as AddressInfo).port}`;
  const file = join(folders.at(-1) ?? '', 'ca.crt');
  const planned = (more: string) => activitiesAt(secured, token, [], more).planStaging(request);
  await expect(planned(`, caFile: ${file}`)).rejects.toMatchObject({
    ...away,
    message: expect.stringContaining(`lifetime.caFile can't be read: ENOENT (${file}).`),
  });
  await writeFile(file, authority.certificate);
  expect(await planned(`, caFile: ${file}`)).toMatchObject({ operations: [{}] });
  await expect(planned('')).rejects.toMatchObject({
    ...away,
    message: expect.stringMatching(/gave no whole answer \((?:SELF_SIGNED|UNABLE)/),
  });
});
