/** A key of Temporal Cloud is rotated by writing the new one into its file: no process is started again. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { apiKeyFrom, keepApiKey, withKeyOfNow } from '../../temporal/api-key';
import { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';

const folder = mkdtempSync(join(tmpdir(), 'cutover-key-'));
const file = join(folder, 'key');
const rotate = (key: string) => {
  writeFileSync(`${file}.new`, `${key}\n`);
  renameSync(`${file}.new`, file);
};

let server: Http2Server;
/** The keys of requests, in their order. */
const keys: unknown[] = [];
beforeAll(async () => {
  server = createServer();
  server.on('stream', (stream, headers) => {
    keys.push(headers['authorization']);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('it is read again once the file has changed, and stands while that can’t be read', () => {
  rotate('first');
  const key = apiKeyFrom(file);
  expect(key()).toBe('first');
  rotate('second');
  expect(key()).toBe('second');
  writeFileSync(file, '');
  expect(key()).toBe('second');
  rmSync(file);
  expect(key()).toBe('second');
  rotate('third');
  expect(key()).toBe('third');
});

test.each([
  ['no file', () => rmSync(file, { force: true }), /^The API key's file .* can't be read .*ENOENT/],
  ['an empty one', () => writeFileSync(file, '\n'), /has no API key: write the key into it/],
  ['another text', () => writeFileSync(file, 'my key'), /has no API key/],
])('%s is said at the start', async (_, make, sentence) => {
  make();
  await expect(temporalConfiguration({ apiKeyFile: file })).rejects.toThrow(sentence);
});

test('without word of TLS it is never sent in the clear', async () => {
  rotate('first');
  expect((await temporalConfiguration({ apiKeyFile: file })).connectionOptions.tls).toBe(true);
});

test('a client’s and a worker’s connection both send the new key, without being made anew', async () => {
  rotate('first');
  process.env['TEMPORAL_TLS'] = 'false';
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { connectionOptions, apiKey } = await temporalConfiguration({ apiKeyFile: file, address });
  delete process.env['TEMPORAL_TLS'];
  const { connection, close } = await connectToTemporal(connectionOptions);
  const native = await NativeConnection.connect(withKeyOfNow(connectionOptions));
  const keeping = keepApiKey(native, apiKey!, 10);
  const asked = async () => {
    keys.length = 0;
    await connection.workflowService.getSystemInfo({});
    await native.workflowService.getSystemInfo({});
    return [...keys];
  };
  expect(await asked()).toEqual(['Bearer first', 'Bearer first']);
  rotate('second');
  while ((await asked()).at(-1) === 'Bearer first') await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await asked()).toEqual(['Bearer second', 'Bearer second']);
  keeping.close();
  await native.close();
  await close();
});
