/**
 * A lost request is found by others too: k6, which nobody here wrote, sends pages, uploads, long streams and WebSockets through every kind
 * of change, and its own counts are judged. `npm run chaos` builds it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stackFolders } from '../../../local/stack/folders';
import type { OwnStack } from './own-stack';
import { startOwnStack } from './own-stack';

const k6 = process.env['K6_PATH'] ?? '';
const withK6 = existsSync(k6) ? test : test.skip;
if (!existsSync(k6)) {
  process.stderr.write('\n*** NOT TESTED: the traffic of k6. Run "npm run chaos" (it needs Go) ***\n\n');
}

let own: OwnStack | undefined;
afterAll(async () => await own?.close());

interface Metric {
  readonly values: Readonly<Record<string, number>>;
}

/** k6 against a stack, until it is stopped. */
async function startK6(address: string, cookie: string, modules: readonly string[], summary: string) {
  const variables = { ADDRESS: address, COOKIE: cookie, MODULES: modules.join(','), SUMMARY: summary };
  const words = ['run', '--quiet', ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`])];
  const child = spawn(k6, [...words, join(__dirname, 'k6-traffic.js')], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'exit');
  return async (): Promise<Readonly<Record<string, Metric>>> => {
    // It finishes what is under way, and then writes its counts.
    child.kill('SIGINT');
    await ended;
    return JSON.parse(await readFile(summary, 'utf8')) as Readonly<Record<string, Metric>>;
  };
}

withK6(
  'k6 loses no page, upload, stream or socket in a move, a blue-green, a rollback after the cut, and a rolling update',
  async () => {
    own = await startOwnStack({ timeScale: 10, failedStarts: 0 });
    const { living } = own;
    const modules = ['Foreign', 'ForeignAPI', 'ForeignAdmin'];
    const application = await living.liveApplication('Foreign', modules);
    const summary = join(stackFolders(living.folder).root, 'k6.json');
    const judged = await startK6(living.stack().loadBalancer, await living.logIn(), modules, summary);
    const deploy = async (version: string, ...how: [object?, 'rollingUpdate'?]) =>
      await application.ended(await application.deploy({ version }, ...how));
    const completed = (version: string) => ({ result: { outcome: 'completed', live: { version } } });

    expect(await deploy('2.0')).toMatchObject(completed('2.0'));
    expect(await deploy('3.0')).toMatchObject(completed('3.0'));
    const back = await application.deploy({ version: '4.0' }, { bake: '1h' });
    await application.until(({ phase }) => phase === 'bake');
    await application.deployments.command(application.target, 'rollback', {});
    expect(await application.ended(back)).toMatchObject({
      result: { outcome: 'rolledBack', live: { version: '3.0' } },
    });
    expect(await deploy('5.0', {}, 'rollingUpdate')).toMatchObject(completed('5.0'));

    const stoppedAt = Date.now();
    const metrics = await judged();
    expect(metrics['http_req_failed']?.values).toMatchObject({ passes: 0 });
    expect(metrics['checks']?.values).toMatchObject({ fails: 0 });
    expect(metrics['sockets_broken_at']?.values['min'] ?? Infinity).toBeGreaterThanOrEqual(stoppedAt);
    expect(metrics['sockets_whole']?.values['count']).toBeGreaterThan(20);
    expect(metrics['checks']?.values['passes']).toBeGreaterThan(500);
    process.stdout.write(
      `k6: ${metrics['http_reqs']?.values['count']} requests and ${metrics['sockets_whole']?.values['count']} sockets, 0 lost\n`,
    );
    await living.expectWhole(application, [0, 2], 1);
  },
  900_000,
);
