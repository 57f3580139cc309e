import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeTargetGroupsCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { readFileSync } from 'node:fs';
import { tagVersion } from '../../../local/lifetime/state';
import { loadSettings } from '../../../settings/load';
import { keyOf } from '../../../local/platform-server/applications';
import { configure, remove, rename } from '../../../local/platform-server/changes';
import { publish, type OperationReport } from '../../../local/platform-server/publishing';
import { stackFolders } from '../../../local/stack/folders';
import {
  addZone,
  closeAll,
  currentReads,
  expectWhole,
  folder,
  liveApplication,
  moreTraffic,
  stack,
  stackAws,
} from './live-application';
import {
  cutoverLocal,
  enterPlatform,
  outcomesOf,
  resultFiles,
  hasten,
  successesOf,
  typed,
} from './platform-application';

const platformServer = (version: string) => ({ servedBy: 'platform-server', version }) as const;
const container = (version: string) => ({ servedBy: 'container', version }) as const;
const completed = { answered: 'success', deployment: { outcome: 'completed' } };

afterAll(closeAll);

async function ask(path: string): Promise<Response> {
  return await fetch(`${stack().loadBalancer}${path}`, { headers: { connection: 'close' } });
}

// All are published at the same time; `npm run chaos` does that with twenty.
describe.each([['driven by the platform']])('%s', () => {
  test.concurrent('an approval that nobody gives rolls back in time, and a success is never written', async () => {
    const zone = 'impatient';
    const address = 'http://impatient.test';
    await addZone(zone, (own) => ({
      ...own,
      address,
      deployment: { ...(own['deployment'] as object | undefined), approval: 'afterVerify' },
      platformTimeout: '100s',
    }));
    const application = await liveApplication('Unapproved', ['Unapproved']);
    const target = { zone, application: 'Unapproved' };
    await application.traffic.expect('Unapproved', [platformServer('1.0')]);
    const platform = await enterPlatform({ zoneAddress: address, timeoutMs: 100_000 });
    const publishing = publish(platform, { application: 'Unapproved' });
    const asked = async () => (await application.deployments.running(target))?.phase === 'approve';
    let over = false;
    void publishing.finally(() => (over = true));
    while (!over && !(await asked())) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(over).toBe(false);

    const report = await publishing;
    expect(report).toMatchObject({
      succeeded: false,
      steps: [{ outcome: 'succeeded' }, { outcome: 'failed', message: expect.stringMatching(/approv|wait/i) }],
    });
    const [, run] = await outcomesOf(report);
    expect(run).toMatchObject({ answered: 'error' });
    expect(Object.values(resultFiles(report.key))).toEqual([expect.stringContaining('"Error"')]);
    await moreTraffic(application);
    await expectWhole(application, [0], 0);
  });

  test.concurrent('a broken version leaves what serves where it is, and says so in Service Center', async () => {
    const application = await liveApplication('Broken', ['Broken', 'BrokenAPI']);
    await hasten('Broken');
    await application.traffic.expect('Broken', [platformServer('1.0')]);
    const { status, report } = await cutoverLocal('publish', 'Broken', '--broken', 'module:BrokenAPI');
    expect([status, report]).toMatchObject([
      1,
      {
        succeeded: false,
        message: expect.stringMatching(/\/BrokenAPI\/_ping\.aspx answered HTTP 500.*database model/s),
      },
    ]);
    await outcomesOf(report);
    await expectWhole(application, [0], 0);
  });

  test.concurrent('users whom no probe is like keep the application on the Platform Server', async () => {
    const application = await liveApplication('Guarded', ['Guarded']);
    await hasten('Guarded');
    const bySecret: RuleCondition = {
      Field: 'http-header',
      HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Verify', Values: ['s3cret'] },
    };
    const fromOffice: RuleCondition = { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.2/32'] } };
    const guarded = await ruleToPlatformServer(41, '/Guarded*', bySecret);
    const report = await publish(await enterPlatform(), { application: 'Guarded', version: '2.0' });
    expect(report).toMatchObject({
      succeeded: false,
      message: expect.stringMatching(
        /Listener rule .* \(priority 41\) wins requests for \/Guarded with http-header X-Origin-Verify, .* platform-server\. .* Remove or narrow that rule first/,
      ),
    });
    expect(report.message).not.toContain('s3cret');
    await guarded.delete();

    const office = await ruleToPlatformServer(42, '/Guarded*', fromOffice);
    const { deployments, target } = application;
    const deployment = { image: await application.image({ version: '2.0' }) };
    await expect(deployments.ask({ kind: 'plan', ...target, deployment })).rejects.toThrow(
      /\(priority 42\) wins requests for \/Guarded with source-ip 127\.0\.0\.2\/32/,
    );
    await office.delete();
    await moreTraffic(application);
    await expectWhole(application, [], 0);
  });

  test.concurrent(
    'an application moves into containers, gets its next version by a LifeTime staging and moves back',
    async () => {
      const application = await liveApplication('Sales', ['Sales', 'SalesAPI']);
      const { traffic } = application;
      await hasten('Sales');
      const platform = await enterPlatform();
      await traffic.expect('Sales', [platformServer('1.0'), container('2.0')]);
      const first = await succeeded(publish(platform, { application: 'Sales', version: '2.0' }));
      // As people type it: the Platform Server takes paths in any case, and so must the load balancer.
      for (const path of ['/sales/', '/SALESAPI/'])
        expect(await (await ask(path)).json()).toMatchObject({ servedBy: 'container', version: '2.0' });
      await traffic.expect('Sales', [container('2.0'), container('2.1')]);
      await stagedSales(application, platform.zone.folder);
      await traffic.expect('Sales', [container('2.1'), platformServer('2.1')]);
      const { status, report: third } = await cutoverLocal('move-back', 'Sales');
      expect([status, third]).toMatchObject([0, { succeeded: true, warnings: [] }]);
      expect(await outcomesOf(third)).toMatchObject([completed]);
      await traffic.expect('Sales', [platformServer('2.1')]);
      await moreTraffic(application);
      expect(resultFiles(first.key)).toMatchObject(successesOf([first, third]));
      expect(new Set(Object.values(resultFiles(first.key)))).toEqual(new Set(['']));
      await expectWhole(application, [], 0);
    },
  );

  test.concurrent('an application is configured, renamed without a gap, and removed without a trace', async () => {
    const application = await liveApplication('Store', ['Store', 'StoreAPI']);
    const { traffic } = application;
    await hasten('Store');
    await hasten('Shop', keyOf('Store'));
    const platform = await enterPlatform();
    await traffic.expect('Store', [platformServer('1.0'), container('2.0')]);
    const published = await succeeded(publish(platform, { application: 'Store', version: '2.0' }));
    const configured = await succeeded(configure(platform, 'Store', { Greeting: 'Hello' }));
    await outcomesOf(configured);
    expect(await (await ask('/StoreAPI/')).json()).toMatchObject({ version: '2.0', configuration: 'Hello' });
    await traffic.expect('Store', [container('2.0'), { ...container('3.0'), application: 'Shop' }]);
    const renamed = await succeeded(rename(platform, 'Store', 'Shop', { version: '3.0' }));
    await outcomesOf(renamed);
    await traffic.expect('Store', [{ ...container('3.0'), application: 'Shop' }]);
    await moreTraffic(application);
    expect(await (await ask('/Store/')).json()).toMatchObject({ application: 'Shop', configuration: 'Hello' });
    expect((await application.judged()).failures).toEqual([]);
    const removed = await succeeded(remove(platform, 'Shop'));
    // Nobody would serve it any more, so the call is answered and over, and the containers serve on until a person lets them go.
    expect(await outcomesOf(removed)).toMatchObject([{ answered: 'success', deployment: null }]);
    expect((await ask('/Store/')).status).toBe(200);
    const { deployments, target } = application;
    const shop = { ...target, application: 'Shop' };
    const approved = await deployments.command(shop, 'approve', { by: 'test' });
    expect(await deployments.ended(approved)).toMatchObject({ result: { outcome: 'completed' } });
    expect((await ask('/Store/')).status).toBe(404);
    await currentReads();
    expect(await targetGroupsOf('Shop', 'Store')).toBe(0);
    expect(resultFiles(published.key)).toEqual(successesOf([published, configured, renamed, removed]));
  });
});

/**
 * Version 2.1 is tagged, and staged as people type it: what can't be staged is said, LifeTime waits for a person, who turns away and
 * comes back, then publishes; both are one tree.
 */
async function stagedSales({ target }: Live, platformFolder: string): Promise<void> {
  const wanted = ['--from', 'Development', '--to', 'Production', '--wait', '--by', 'test'];
  const unknown = await typed('stage', 'Nowhere', ...wanted).ended;
  expect(unknown).toMatchObject({ status: 3, stdout: expect.stringMatching(/no application .*Nowhere/) });
  expect(await typed('stage', '--to', 'Production', '--approve').ended).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Nothing is being staged to Production now.'),
  });

  await tagVersion(platformFolder, { application: 'Sales', version: '2.1', modules: ['Sales', 'SalesAPI'] });
  const first = typed('stage', 'Sales', ...wanted);
  await first.said('Wanted: LifeTime has prepared everything and waits before it deploys.');
  first.interrupt();
  expect(await first.ended).toMatchObject({
    status: 130,
    stdout: expect.stringContaining('Sales  Deploy 2.1'),
    stderr: expect.stringContaining('It goes on: see how it is with "cutover stage --to "Production" --status".'),
  });
  const again = typed('stage', 'Sales', ...wanted);
  await again.said('Wanted: LifeTime');
  const approved = await typed('stage', '--to', 'Production', '--approve', '--by', 'test').ended;
  expect(approved).toMatchObject({ status: 0, stderr: '' });

  const lock = `${target.zone}/Sales`;
  const { status, stdout, stderr } = await again.ended;
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^It runs already, by the same request: run /)]);
  const tree = [
    'Development to Production: completed\n',
    'LifeTime.s deployment .*: finished_successful\n',
    '└─ Sales {2}Deploy 2\\.1\n',
    ' {3}├─ Container Build {2}answered success\n',
    ` {3}└─ Container Run {2}answered success\n {6}└─ ${lock}  `,
  ];
  expect(stdout).toMatch(new RegExp(tree.join('')));
  const asked = await typed('stage', '--to', 'Production', '--status', '--json').ended;
  expect(JSON.parse(asked.stdout)).toMatchObject({
    outcome: 'completed',
    state: 'finished_successful',
    waitingFor: null,
    operations: [
      { method: 'ContainerBuild', answered: 'success' },
      { method: 'ContainerRun', answered: 'success', deployment: { workflowId: lock } },
    ],
  });
  const token = readFileSync(stackFolders(folder).lifeTimeToken, 'utf8').trim();
  for (const said of [unknown, approved, asked, { stdout, stderr }]) expect(JSON.stringify(said)).not.toContain(token);
}

type Live = Awaited<ReturnType<typeof liveApplication>>;

/** A rule beside cutover's, as an administrator makes it. */
async function ruleToPlatformServer(Priority: number, path: string, condition: RuleCondition) {
  const { elb } = stackAws();
  const { listener = '' } = loadSettings(stack().settings).zones[stack().zone] ?? {};
  const named = await elb.send(new DescribeTargetGroupsCommand({ Names: ['platform-server'] }));
  const { Rules = [] } = await elb.send(
    new CreateRuleCommand({
      ListenerArn: listener,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [path] }, condition],
      Actions: [{ Type: 'forward', TargetGroupArn: named.TargetGroups?.[0]?.TargetGroupArn }],
    }),
  );
  return { delete: async () => await elb.send(new DeleteRuleCommand({ RuleArn: Rules[0]?.RuleArn })) };
}

async function succeeded(operation: Promise<OperationReport>): Promise<OperationReport> {
  const report = await operation;
  expect(report).toMatchObject({ succeeded: true, message: null, warnings: [] });
  return report;
}

async function targetGroupsOf(...applications: readonly string[]): Promise<number> {
  const { TargetGroups = [] } = await stackAws().elb.send(new DescribeTargetGroupsCommand({}));
  return TargetGroups.filter(({ TargetGroupName = '' }) =>
    applications.some((application) => TargetGroupName.startsWith(`${application}-`)),
  ).length;
}
