/**
 * A JSON file with what runs now and where, for people, tests and tools. It is removed when that has ended. Only its
 * owner may read it: it has the secrets of what runs.
 */
import { rmSync } from 'node:fs';
import { writeWhole } from './whole-file';

/** Writes reports one after the other, and skips those that a newer one replaces; `written` resolves when the newest is there. */
export function reportWriter<Report>(file: string): {
  write(report: Report): void;
  written(): Promise<void>;
  close(): Promise<void>;
} {
  let writing = Promise.resolve();
  let newest: Report | undefined;
  const next = async (): Promise<void> => {
    if (newest === undefined) return;
    const text = JSON.stringify(newest, undefined, 2);
    newest = undefined;
    await writeWhole(file, `${text}\n`, 0o600);
  };
  return {
    write: (report) => {
      newest = report;
      writing = writing.then(next);
    },
    written: () => writing,
    close: async () => {
      await writing;
      rmSync(file, { force: true });
    },
  };
}
