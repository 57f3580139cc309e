/** The commands that the documents tell people to run, each with a mark that says whether a test runs it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '..', '..');

export interface Block {
  readonly file: string;
  readonly line: number;
  /** The comment above it, e.g. `run: stack`; `undefined` where there is none. */
  readonly mark: string | undefined;
  readonly commands: string;
}

/** README.md and everything in docs/, but records of decisions, which tell of then. */
export const documents: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('decisions'))
    .map((file) => join('docs', file))
    .toSorted((one, other) => one.localeCompare(other)),
];

export function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:<!--\s*((?:not )?run[^>]*?)\s*-->\s*\n\s*)?^[ ]*```(?:sh|bash|console)\n([\s\S]*?)^[ ]*```/gm,
  );
  return [...found].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    mark: match[1],
    commands: match[2] ?? '',
  }));
}

/** The documents that have blocks with this mark, each with the commands of those. */
export const documentsMarked = (wanted: string) =>
  documents
    .map((file) => ({
      file,
      commands: blocksOf(file)
        .filter(({ mark }) => mark === wanted)
        .map((block) => block.commands),
    }))
    .filter(({ commands }) => commands.length > 0);

/** Makes `bin/` in a folder, in which `npx cutover` is this project's command. */
export async function placeCutover(place: string): Promise<void> {
  const npx = join(place, 'bin', 'npx');
  await mkdir(dirname(npx));
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'bin/cutover.js')}" "$@"\n`);
  await chmod(npx, 0o755);
}

/** Links to files of the repository that aren't there. */
export function brokenLinks(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !existsSync(join(root, dirname(file), target)));
}
