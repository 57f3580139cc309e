/** What keeps audit trails, with answers that get lost: nothing is missing, and nothing counts twice. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditActivities, auditDescriptions } from '../../../activities/audit';
import { logsSink } from '../../../activities/audit/logs';
import { s3Sink } from '../../../activities/audit/s3';
import type { AuditSink } from '../../../activities/audit/sink';
import { chained, verifyTrail, type Head } from '../../../settings/audit/chain';
import { parseSettings } from '../../../settings/load';
import { zone as settingsZone } from '../../settings/minimal';

const zone = 'production';
const entry = (number: number) => ({
  event: 'cut' as const,
  at: '2026-11-30T10:00:00.000Z',
  application: 'Orders',
  workflow: 'production/Orders',
  run: 'run-1',
  number,
  facts: { by: 'Ana' },
});
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'cutover-audit-'))));
afterEach(() => rm(folder, { recursive: true }));

const open: Server[] = [];
afterAll(() => open.forEach((server) => server.close()));

type Answer = (request: IncomingMessage, body: string) => { status: number; body?: string };

/** The least of a service that a sink needs. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, body = '' } = answer(request, Buffer.concat(parts).toString());
      response
        .writeHead(status, { 'content-type': body.startsWith('<') ? 'application/xml' : 'application/x-amz-json-1.1' })
        .end(body);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a file', () => {
  const settings = () => parseSettings(`audit: { kind: file, folder: '${folder}' }\n${settingsZone}`, 'cutover.yaml');
  const append = async (head: Head | null, ...numbers: number[]) =>
    await auditActivities({ settings }).appendAudit({ zone, head, entries: numbers.map(entry) });
  const verify = async (head: Head | null) =>
    await auditDescriptions({ settings }).verifyAudit({ zone, head: head ?? undefined, final: true });
  const file = () => join(folder, `${zone}.jsonl`);

  test('goes on in one chain, also after an answer that was lost, and after a death in mid-line', async () => {
    const first = await append(null, 1, 2);
    expect(await append(null, 1, 2)).toEqual({ sequence: 4, hash: expect.any(String) });
    await rm(file());
    await append(null, 1, 2);
    const second = await append(first, 3);
    expect(await append(first, 3)).toEqual(second);
    const torn = chained(zone, second, [entry(4)]).lines[0] ?? '';
    await appendFile(file(), torn.slice(0, 40));
    const third = await append(second, 4);
    expect(await verify(third)).toMatchObject({ lines: 4, repeated: 2, findings: [] });
  });

  test('that somebody changes is gone on with as Temporal knows it, so that the change is found', async () => {
    const first = await append(null, 1, 2);
    const [one = ''] = (await readFile(file(), 'utf8')).split('\n');
    const forged = chained(zone, null, [{ ...entry(1), facts: { by: 'Mallory' } }, entry(2)]).lines;
    await writeFile(file(), `${forged.join('\n')}\n`);
    const second = await append(first, 3);
    expect((await verify(second)).findings).toEqual([expect.stringMatching(/Line 3 follows another line 2/)]);
    await writeFile(file(), `${one}\n`);
    expect((await verify(second)).findings).toEqual([expect.stringMatching(/Lines 2 to 3 are missing/)]);
  });

  test('that is away is an error, which is tried again; without an audit in the settings nothing is written', async () => {
    await writeFile(join(folder, 'occupied'), '');
    const away = () =>
      parseSettings(`audit: { kind: file, folder: '${folder}/occupied/x' }\n${settingsZone}`, 'cutover.yaml');
    await expect(
      auditActivities({ settings: away }).appendAudit({ zone, head: null, entries: [entry(1)] }),
    ).rejects.toThrow(/ENOTDIR/);
    const none = () => parseSettings(settingsZone, 'cutover.yaml');
    expect(await auditActivities({ settings: none }).appendAudit({ zone, head: null, entries: [entry(1)] })).toBeNull();
    await expect(auditDescriptions({ settings: none }).verifyAudit({ zone })).rejects.toThrow(/name no audit/);
  });

  test('a zone’s name is no path', async () => {
    const request = { zone: '../../etc/passwd', head: null, entries: [entry(1)] };
    await expect(auditActivities({ settings }).appendAudit(request)).rejects.toThrow(/A zone has a name/);
  });
});

async function filled(sink: AuditSink): Promise<Head> {
  const first = chained(zone, null, [entry(1), entry(2)]);
  await sink.append(zone, first.lines);
  const second = chained(zone, first.head, [entry(3)]);
  await sink.append(zone, second.lines);
  // The answer was lost, and it is written again.
  await sink.append(zone, second.lines);
  return second.head;
}

test('S3 has an object for what was written at once, and never writes one over', async () => {
  const objects = new Map<string, string>();
  const endpoint = await serve(({ method, url = '', headers }, body) => {
    const { pathname, searchParams } = new URL(url, 'http://s3');
    const key = decodeURIComponent(pathname.replace(/^\/trail\/?/, ''));
    if (method === 'PUT') {
      expect(headers['if-none-match']).toBe('*');
      if (objects.has(key)) return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' };
      objects.set(key, body);
      return { status: 200 };
    }
    if (key !== '') return { status: 200, body: objects.get(key) ?? '' };
    // Two pages, as S3 gives them where there are many.
    const all = [...objects.keys()].filter((one) => one.startsWith(searchParams.get('prefix') ?? ''));
    const page = searchParams.get('continuation-token') === null ? all.slice(0, 1) : all.slice(1);
    const next =
      page.length < all.length && page[0] === all[0]
        ? '<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>'
        : '';
    const contents = page.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('');
    return { status: 200, body: `<ListBucketResult>${next}${contents}</ListBucketResult>` };
  });
  const bucket = { kind: 's3', bucket: 'trail', prefix: 'cutover/', region: 'eu-west-1' } as const;
  const sink = s3Sink(bucket, { endpoint, credentials, forcePathStyle: true });
  const head = await filled(sink);
  expect([...objects.keys()]).toEqual([
    expect.stringMatching(/^cutover\/production\/000000000001-[0-9a-f]{16}\.jsonl$/),
    expect.stringMatching(/^cutover\/production\/000000000003-[0-9a-f]{16}\.jsonl$/),
  ]);
  expect(verifyTrail(await sink.read(zone), { zone, head, final: true })).toMatchObject({ lines: 3, findings: [] });
  // Another writer after the same line is another object: the fork is there to be found.
  const { lines } = chained(zone, chained(zone, null, [entry(1), entry(2)]).head, [entry(9)]);
  await sink.append(zone, lines);
  expect(verifyTrail(await sink.read(zone), { zone, head }).findings.join()).toMatch(/forks/);
});

test('CloudWatch Logs has a stream for each zone, made when it is needed; what it rejects is an error', async () => {
  const events: { message: string }[] = [];
  let [isThere, rejects] = [false, false];
  const endpoint = await serve(({ headers }, body) => {
    const asked = JSON.parse(body) as { logStreamName: string; logEvents?: { message: string }[]; nextToken?: string };
    expect(asked.logStreamName).toBe('cutover-audit/production');
    const operation = String(headers['x-amz-target']).split('.')[1];
    if (operation === 'CreateLogStream') {
      isThere = true;
      return { status: 200, body: '{}' };
    }
    if (!isThere) return { status: 400, body: '{"__type":"ResourceNotFoundException"}' };
    if (operation === 'GetLogEvents') {
      const from = Number(asked.nextToken ?? 0);
      const page = events.slice(from, from + 2);
      return { status: 200, body: JSON.stringify({ events: page, nextForwardToken: `${from + page.length}` }) };
    }
    if (rejects) return { status: 200, body: '{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}' };
    events.push(...(asked.logEvents ?? []));
    return { status: 200, body: '{}' };
  });
  const sink = logsSink({ kind: 'logs', group: 'audit', region: 'eu-west-1' }, { endpoint, credentials });
  expect(await sink.read(zone)).toEqual([]);
  const head = await filled(sink);
  expect(verifyTrail(await sink.read(zone), { zone, head, final: true })).toMatchObject({
    lines: 3,
    repeated: 1,
    findings: [],
  });
  rejects = true;
  await expect(sink.append(zone, chained(zone, head, [entry(4)]).lines)).rejects.toThrow(/rejected lines/);
});
