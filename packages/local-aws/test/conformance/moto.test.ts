/** The local control plane compared with moto: README.md has every difference, and its reason. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../local-aws';
import { freePort } from '../free-port';
import { controlPlane, environment, isFull, venv, withPython } from './python';

let moto: ChildProcess | undefined;
afterAll(async () => {
  if (moto === undefined || moto.exitCode !== null) return;
  const ended = new Promise((resolve) => moto?.once('exit', resolve));
  moto.kill('SIGTERM');
  await ended;
});

(isFull ? withPython : test.skip)('every difference to moto is a documented one', async () => {
  const wanted = JSON.parse(readFileSync(join(__dirname, 'control-plane.json'), 'utf8')) as Record<string, unknown>;
  const outcomes = await controlPlane('--endpoint', await startMoto());
  const differing = Object.keys(wanted).filter(
    (step) => JSON.stringify(wanted[step]) !== JSON.stringify(outcomes[step]),
  );
  const documented = /## Where moto differs\n([^]*?)(\n## |$)/.exec(
    readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8'),
  )?.[1];
  const rows = [...(documented ?? '').matchAll(/^\| ([^|]+?) +\|/gm)].map(([, step]) => step).slice(2);
  expect(new Set(rows)).toEqual(new Set(differing));
});

async function startMoto(): Promise<string> {
  const port = await freePort();
  const file = join(venv, 'bin', 'moto_server');
  moto = spawn(file, ['-H', '127.0.0.1', '-p', `${port}`], { env: environment, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually(
    () =>
      fetch(`${endpoint}/moto-api/`).then(
        () => true,
        () => false,
      ),
    Boolean,
    60_000,
  );
  return endpoint;
}
