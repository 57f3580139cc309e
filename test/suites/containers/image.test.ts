/** What is in the image, and what isn't. */
import { image, podman } from './podman';

const mebibyte = 1024 * 1024;

/** The files of the image that a shell's `find` gives. */
async function found(expression: string): Promise<string[]> {
  const text = await podman(
    'run',
    '--rm',
    '--network',
    'none',
    '--entrypoint',
    'sh',
    image,
    '-c',
    `find ${expression}`,
  );
  return text.split('\n').filter((line) => line !== '');
}

test('it is small enough to be pulled by every worker', async () => {
  const bytes = Number(await podman('image', 'inspect', image, '--format', '{{.Size}}'));
  process.stdout.write(`The image takes ${(bytes / 1e6).toFixed(0)} MB.\n`);
  expect(bytes).toBeLessThanOrEqual(350e6);
  expect(bytes).toBeGreaterThan(100 * mebibyte);
});

test('it holds only what runs: no tests, sources, documents, development packages or builds for other machines', async () => {
  expect(await found("lib -name '*.ts' ! -name '*.d.ts'")).toEqual([]);
  expect(await found('. -maxdepth 1')).toEqual(expect.arrayContaining(['./bin', './lib', './node_modules']));
  expect((await found('. -mindepth 1 -maxdepth 1')).toSorted()).toEqual([
    './LICENSE',
    './NOTICE',
    './bin',
    './lib',
    './node_modules',
    './package.json',
  ]);
  expect(await found('lib -maxdepth 1 \\( -name test -o -name bench -o -name docs \\)')).toEqual([]);
  const packages = await found('node_modules -mindepth 1 -maxdepth 1');
  expect(packages.filter((name) => /\/(typescript|jest|prettier|oxlint|webpack-cli|local-aws)$/.test(name))).toEqual(
    [],
  );
  // Stand-ins say that they aren't there: none is a package.
  const bundling = 'node_modules/webpack node_modules/memfs node_modules/unionfs -name package.json';
  expect(await found(bundling)).toEqual([]);
  expect(packages.filter((name) => /\/(@swc|terser|acorn|caniuse-lite|swc-loader)$/.test(name))).toEqual([]);
  expect(await found('node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1')).toHaveLength(1);
  expect(await found('node_modules -mindepth 1 -maxdepth 1 -type d -empty')).toEqual([]);
});

test('"cutover" is on its PATH, and says what it is without a settings file', async () => {
  const words = ['run', '--rm', '--network', 'none', '--entrypoint', 'cutover', image, '--version'];
  expect(await podman(...words)).toMatch(/^\d+\.\d+\.\d+$/);
});

test('it runs as a user without rights, and names its ports', async () => {
  const config = await podman('image', 'inspect', image, '--format', '{{json .Config}}');
  expect(JSON.parse(config)).toMatchObject({
    User: '1000:1000',
    ExposedPorts: { '8083/tcp': {}, '9464/tcp': {}, '9465/tcp': {} },
  });
});
