/** Inputs that broke a promise once: each is a file in saved/, and so a test for good. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from './reader';

const folder = join(__dirname, 'saved');

interface Saved {
  readonly reader: string;
  /** As it failed; for people. */
  readonly failed: string;
  /** Bytes in Base64, else a value of JSON. */
  readonly input: { readonly bytes: string } | { readonly json: Input };
}

/** @returns the file */
export function save(reader: string, input: Input, failed: string): string {
  const saved: Saved = {
    reader,
    failed,
    input: Buffer.isBuffer(input) ? { bytes: input.toString('base64') } : { json: input },
  };
  const text = `${JSON.stringify(saved, undefined, 2)}\n`;
  const hash = createHash('sha256').update(JSON.stringify(saved.input)).digest('hex').slice(0, 12);
  const file = join(folder, `${reader.replaceAll(' ', '-')}-${hash}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return file;
}

export const savedInputs = (): { readonly file: string; readonly reader: string; readonly input: Input }[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const { reader, input } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Saved;
      return { file, reader, input: 'bytes' in input ? Buffer.from(input.bytes, 'base64') : input.json };
    });
