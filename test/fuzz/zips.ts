/** Zips that are written by hand, so that they can say one thing and hold another. https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string;
  readonly deflated: boolean;
  /** Of Unix, type bits included. */
  readonly mode: number;
  /** What the zip says instead of the truth. */
  readonly lies: {
    readonly localName?: string;
    readonly size?: number;
    readonly packedSize?: number;
    readonly crc?: number;
    readonly offset?: number;
    readonly flags?: number;
    readonly method?: number;
  };
}

const bytes = (...fields: readonly (readonly [size: 2 | 4, value: number])[]): Buffer =>
  Buffer.concat(
    fields.map(([size, value]) => {
      const field = Buffer.alloc(4);
      field.writeUInt32LE(value >>> 0);
      return field.subarray(0, size);
    }),
  );

const utf8Names = 0x800;

/** @param count what it says about how many entries it has */
export function zipOf(entries: readonly ZipEntry[], count = entries.length): Buffer {
  let offset = 0;
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  for (const { name, content, deflated, mode, lies } of entries) {
    const raw = Buffer.from(content);
    const packed = deflated ? deflateRawSync(raw) : raw;
    const common = bytes(
      [2, lies.flags ?? utf8Names],
      [2, lies.method ?? (deflated ? 8 : 0)],
      [4, 0],
      [4, lies.crc ?? crc32(raw)],
      [4, lies.packedSize ?? packed.length],
      [4, lies.size ?? raw.length],
    );
    const names = { local: Buffer.from(lies.localName ?? name), central: Buffer.from(name) };
    const local = Buffer.concat([
      bytes([4, 0x04034b50], [2, 20]),
      common,
      bytes([2, names.local.length], [2, 0]),
      names.local,
      packed,
    ]);
    directory.push(
      Buffer.concat([
        bytes([4, 0x02014b50], [2, (3 << 8) | 20], [2, 20]),
        common,
        bytes([2, names.central.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, mode << 16], [4, lies.offset ?? offset]),
        names.central,
      ]),
    );
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = bytes([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, central.length], [4, offset], [2, 0]);
  return Buffer.concat([...files, central, end]);
}
