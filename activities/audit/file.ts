/** An audit trail in files: one a zone, a line a line. */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf, type AuditSink } from './sink';

export const fileSink = (folder: string): AuditSink => {
  const fileOf = (zone: string) => join(folder, `${zone}.jsonl`);
  return {
    read: async (zone) => linesOf(await readFile(fileOf(zone), 'utf8').catch(ifMissing)),

    /** One write, which is on the disk when it answers. What an earlier one left unfinished gets a line of its own. */
    async append(zone, lines) {
      await mkdir(folder, { recursive: true });
      const file = await open(fileOf(zone), 'a+', 0o640);
      try {
        const { size } = await file.stat();
        const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
        await file.appendFile(`${last === '\n' ? '' : '\n'}${lines.join('\n')}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
};

function ifMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
