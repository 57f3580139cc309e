/** What engines say of their images, as the local ECR shows it. */
import type { Engine } from '../../src/engine/engine';
import { findEngineImage, imagesIn } from '../../src/engine/images';

const id = 'a'.repeat(64);
const podmans = {
  Id: id,
  RepoTags: ['localhost/orders:1.4.2', 'docker.io/library/node:22-slim', '127.0.0.1:5055/orders:1.4.2'],
  Created: '2026-11-29T22:47:26.324312085Z',
  Size: 219_267_673,
  Os: 'linux',
  Config: {
    Env: ['PORT=8080', 'OPTIONS=--a=b', 'EMPTY='],
    Entrypoint: ['node', 'scripts/container.js'],
    WorkingDir: '/app',
    Labels: { 'io.cutover.modules': '["Orders"]' },
    StopSignal: 'SIGQUIT',
  },
};
/** Docker's differ in the ID, in names, and in what is null rather than absent. */
const dockers = {
  ...podmans,
  Id: `sha256:${id}`,
  RepoTags: ['000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/orders:op'],
  Config: { Env: null, Cmd: ['node'], Entrypoint: null, WorkingDir: '', Labels: null },
};

test('an image of podman’s is in the local ECR by its own name, and not by those of other registries', () => {
  expect(imagesIn(JSON.stringify([podmans]))).toEqual([
    {
      repository: 'orders',
      tag: '1.4.2',
      tagged: true,
      digest: `sha256:${id}`,
      size: 219_267_673,
      builtAt: Date.UTC(2026, 10, 29, 22, 47, 26, 324),
      workingDirectory: '/app',
      entrypoint: ['node', 'scripts/container.js'],
      command: [],
      environment: { PORT: '8080', OPTIONS: '--a=b', EMPTY: '' },
      labels: { 'io.cutover.modules': '["Orders"]' },
      os: 'linux',
      stopSignal: 'SIGQUIT',
    },
  ]);
});

test('one of Docker’s has the same digest, whatever it leaves out', () => {
  expect(imagesIn(JSON.stringify([dockers]))).toMatchObject([
    {
      repository: 'shop/orders',
      tag: 'op',
      digest: `sha256:${id}`,
      command: ['node'],
      labels: {},
      workingDirectory: '/',
    },
  ]);
});

test('an image without a name, and one without a configuration, are no trouble', () => {
  expect(imagesIn(JSON.stringify([{ Id: id, RepoTags: null, Config: null }]))).toEqual([]);
  expect(imagesIn(JSON.stringify([{ Id: id, RepoTags: ['orders:1'], Config: null }]))).toMatchObject([{ tag: '1' }]);
});

/** An engine that has images by these names; what it was told to do is in `told`. */
function engineWith(names: readonly string[], pulls: readonly string[] = []): Engine & { readonly told: string[] } {
  const here = new Set(names);
  const told: string[] = [];
  const run: Engine['run'] = async (words) => {
    told.push(words.join(' '));
    const name = words.at(-1) ?? '';
    if (words[0] === 'pull' && pulls.includes(name)) here.add(name);
    else if (words[0] === 'pull') return await Promise.reject(new Error(`${name}: manifest unknown`));
    else if (!here.has(name)) return await Promise.reject(new Error('no such image'));
    return JSON.stringify([podmans]);
  };
  return { name: 'podman', run, told };
}

test('an image of ECR that the engine hasn’t is none, and nothing is pulled', async () => {
  const engine = engineWith([]);
  const host = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
  expect(await findEngineImage(engine, `${host}/orders:2`)).toBeUndefined();
  expect(engine.told.filter((words) => words.startsWith('pull'))).toEqual([]);
});

test('an image of ECR is found by its tag, and by the digest that ECR gave', async () => {
  const host = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
  const engine = engineWith(['orders:1.4.2', `sha256:${id}`]);
  expect(await findEngineImage(engine, `${host}/orders:1.4.2`)).toMatchObject({ location: id, digest: `sha256:${id}` });
  const pinned = await findEngineImage(engine, `${host}/orders:1.4.2@sha256:${id}`);
  expect(pinned).toMatchObject({ location: id, digest: `sha256:${id}`, repository: 'orders' });
});

test('an image of another registry is pulled unless it is there, and keeps the registry’s digest', async () => {
  const digest = `sha256:${'b'.repeat(64)}`;
  const reference = `127.0.0.1:5055/orders@${digest}`;
  const engine = engineWith([], [reference]);
  expect(await findEngineImage(engine, reference)).toMatchObject({
    repository: '127.0.0.1:5055/orders',
    digest,
    location: id,
  });
  await findEngineImage(engine, reference);
  expect(engine.told.filter((words) => words.startsWith('pull'))).toHaveLength(1);
});

test('a registry that has no such image stops the task with what the engine says', async () => {
  await expect(findEngineImage(engineWith([]), '127.0.0.1:5055/orders:9')).rejects.toThrow(
    'CannotPullContainerError: 127.0.0.1:5055/orders:9: manifest unknown',
  );
});
