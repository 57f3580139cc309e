/** A share that hangs: a named pipe to which nobody writes keeps whoever opens it, as a server does that went away. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileActivities } from '../../../activities/files';
import { parseSettings } from '../../../settings/load';

const key = '0c4a5b6e-2f1d-4c8a-9a53-0c6a6f1f8f11';
const listener =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef';

let root = '';
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'cutover-hanging-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

function zoneOf(name: string) {
  const folder = (kind: string) => ({ platform: `/shared/${kind}`, mounted: join(root, name, kind) });
  return {
    address: 'https://apps.example.com',
    region: 'eu-west-1',
    cluster: 'outsystems',
    listener,
    testListener: listener,
    folders: { target: folder('target'), result: folder('result'), config: folder('config') },
    service: { launchType: 'EC2' },
    configuration: { store: join(root, name, 'store'), configurationMount: { kind: 'host', root: '/store' } },
  };
}

const settings = () =>
  parseSettings(
    JSON.stringify({ zones: { hanging: zoneOf('hanging'), well: zoneOf('well') }, applications: { Orders: { key } } }),
    'cutover.yaml',
  );

/** An activity as a worker runs it, until it is cancelled: by an attempt's end, too. */
function attempt(zone: string, activities: ReturnType<typeof fileActivities>) {
  const environment = new MockActivityEnvironment({
    workflowExecution: { workflowId: `${zone}/Orders`, runId: 'run' },
  });
  const done = environment.run(activities.publishConfiguration) as Promise<unknown>;
  done.catch(() => undefined);
  return { done, cancel: () => environment.cancel('TIMED_OUT') };
}

/** Whoever waits for a writer has one. */
const release = async (pipe: string) => await (await open(pipe, 'r+')).close();

test('one zone’s share hangs: the others go on, and every attempt on it ends when it is no longer wanted', async () => {
  for (const zone of ['hanging', 'well']) await mkdir(join(root, zone, 'config', key), { recursive: true });
  const pipe = join(root, 'hanging', 'config', key, 'App.config');
  const hung = join(root, 'hung');
  execFileSync('mkfifo', [pipe]);
  await link(pipe, hung);
  await writeFile(join(root, 'well', 'config', key, 'App.config'), '<configuration/>');
  try {
    const activities = fileActivities({ settings });

    const attempts = Array.from({ length: 12 }, () => attempt('hanging', activities));
    expect(await attempt('well', activities).done).toMatchObject({ sha256: expect.any(String) as string });
    for (const { cancel } of attempts) cancel();
    for (const { done } of attempts) await expect(done).rejects.toThrow('TIMED_OUT');

    // It comes back: whoever hung gets an answer, though nobody waits for it, and the next attempt gets its turn.
    const next = attempt('hanging', activities);
    await rm(pipe);
    await writeFile(pipe, '<configuration/>');
    await release(hung);
    expect(await next.done).toMatchObject({ sha256: expect.any(String) as string });
  } finally {
    await release(hung);
  }
});
