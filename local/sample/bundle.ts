/**
 * Makes sample bundles: zips of the kind that the platform puts into its target folder, with a `Dockerfile`,
 * `modules/<Module>/…` and `scripts/…`. The same input gives the same bytes. They run wherever Node does, and
 * `docker build` takes them as they are.
 */
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { makeFolder } from '../../packages/local-aws/src/index';
import type { SampleApplication } from './container';
import type { Breakage } from './modules';

/** What a sample bundle is made of. */
export interface SampleBundle extends SampleApplication {
  readonly modules: readonly string[];
  /** What its image says that it runs on; it runs wherever Node does. Default: Linux. */
  readonly os?: 'windows';
}

/** The earliest time that a zip can hold. */
const zipEpoch = new Date(1980, 0, 1);

/**
 * Writes the bundle to a file, whole or not at all.
 * @throws {Error} of one sentence for a bundle that can't be made
 */
export async function writeBundle(bundle: SampleBundle, file: string): Promise<void> {
  const files = filesOf(checked(bundle));
  const unfinished = `${file}.${process.pid}.part`;
  const zip = new ZipFile();
  for (const [path, content] of files) {
    zip.addBuffer(Buffer.from(content), path, { mtime: zipEpoch, mode: 0o100644 });
  }
  zip.end();
  await makeFolder(dirname(file));
  try {
    await pipeline(zip.outputStream, createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Reads what `--broken` takes: `never-healthy`, `crash`, `module:NAME` or `errors:PERCENT`.
 * @throws {Error} of one sentence for anything else
 */
export function parseBreakage(text: string, modules: readonly string[]): Breakage {
  const [kind, value = ''] = text.split(':', 2);
  if (kind === 'never-healthy' || kind === 'crash') return { kind };
  if (kind === 'module' && modules.includes(value)) return { kind, module: value };
  const percent = Number(value);
  if (kind === 'errors' && value !== '' && percent > 0 && percent <= 100) return { kind, percent };
  const module = kind === 'module' ? `: the modules are ${modules.join(', ')}` : '';
  throw new Error(
    `--broken ${text} means nothing here${module}. It takes never-healthy, crash, module:NAME or errors:PERCENT (1 to 100).`,
  );
}

/**
 * Reads a list of module names, `Orders,OrdersAPI`.
 * @throws {Error} of one sentence for what can't be a module's name
 */
export function parseModules(text: string): string[] {
  const modules = text.split(',').map((name) => name.trim());
  const wrong = modules.find((name) => !/^(?!\.+$)[A-Za-z0-9_.~-]{1,100}$/.test(name));
  if (wrong !== undefined)
    throw new Error(`"${wrong}" can't be a module's name: it takes letters, digits, "_", ".", "~", "-".`);
  const names = modules.map((name) => name.toLowerCase());
  const twice = modules.find((_name, index) => names.indexOf(names[index] ?? '') !== index);
  if (twice !== undefined)
    throw new Error(`The module ${twice} is named twice (URL paths compare without case in IIS).`);
  return modules;
}

function checked(bundle: SampleBundle): SampleBundle {
  if (!(bundle.startSeconds >= 0 && bundle.startSeconds <= 3600)) {
    throw new Error('--start-seconds takes a number of seconds from 0 to 3600.');
  }
  return { ...bundle, modules: parseModules(bundle.modules.join(',')) };
}

function filesOf({ modules, os, ...application }: SampleBundle): [path: string, content: string][] {
  return [
    ['Dockerfile', dockerfile(os)],
    ...modules.map((module): [string, string] => [
      `modules/${module}/index.txt`,
      `${module} of ${application.application} ${application.version}\n`,
    ]),
    ['scripts/application.json', `${JSON.stringify(application)}\n`],
    ...['container', 'modules', 'sockets', 'configuration'].map((name): [string, string] => [
      `scripts/${name}.js`,
      compiled(name),
    ]),
  ];
}

/** The compiled form of a file of this folder, which is elsewhere when this file runs uncompiled. */
function compiled(name: string): string {
  const folders = [__dirname, join(projectRoot(__dirname), 'lib', 'local', 'sample')];
  const file = folders.map((folder) => join(folder, `${name}.js`)).find((path) => existsSync(path));
  if (file === undefined) throw new Error('The sample application is not compiled: run "npm run build" first.');
  return readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
}

function projectRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectRoot(resolve(dirname(folder)));
}

const dockerfile = (os: SampleBundle['os']) => `# A sample application. It needs nothing but Node, and writes nothing.
FROM ${os === undefined ? '' : `--platform=${os}/amd64 `}node:22-slim
WORKDIR /app
COPY . .
ENV PORT=8080
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "scripts/container.js"]
`;
