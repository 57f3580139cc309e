import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readText } from '../../settings/files/text';
import { loadSettings } from '../../settings/load';

const folder = mkdtempSync(join(tmpdir(), 'text-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('settings that are a device without an end are refused in a sentence, and at once', () => {
  expect(() => loadSettings('/dev/zero')).toThrow(
    /^\/dev\/zero: it has more than 16777216 bytes; name the settings file with --settings or CUTOVER_SETTINGS\.$/,
  );
});

test('a folder, or nothing, under the name is told', () => {
  expect(() => loadSettings(folder)).toThrow(/EISDIR.*; name the settings file/);
  expect(() => loadSettings(join(folder, 'none.yaml'))).toThrow(/there's no such file; name the settings file/);
});

test.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
  'a text of %d bytes is read whole where it may be that long',
  (length) => {
    const text = 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2);
    const file = written('text', text);
    expect(readText(file, length)).toBe(text);
    if (length > 0) expect(() => readText(file, length - 1)).toThrow(`it has more than ${length - 1} bytes`);
  },
);

test('what a shell pipes in is read', () => {
  const module = join(__dirname, '../../lib/settings/files/text.js');
  const script = `process.stdout.write(require(${JSON.stringify(module)}).readText('/dev/stdin', 1000))`;
  const piped = `printf 'zones: {}' | "$0" -e "$1"`;
  expect(execFileSync('sh', ['-c', piped, process.execPath, script]).toString()).toBe('zones: {}');
});
