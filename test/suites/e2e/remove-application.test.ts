import { uninstallApplication } from '../../../local/platform-server/applications';
import { stackFolders } from '../../../local/stack/folders';
import {
  closeAll,
  currentReads,
  expectWhole,
  folder,
  inContainers,
  kill,
  liveApplication,
  moreTraffic,
  stackAws,
  stackTemporal,
} from './live-application';
import { deploymentIdOf } from '../../../contract/ids';

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;

afterAll(closeAll);

async function targetGroupsOf(application: string): Promise<number> {
  const { DescribeTargetGroupsCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
  await currentReads();
  const { TargetGroups = [] } = await stackAws().elb.send(new DescribeTargetGroupsCommand({}));
  return TargetGroups.filter(({ TargetGroupName = '' }) => TargetGroupName.startsWith(`${application}-`)).length;
}

describe.each([['under live traffic']])('%s', () => {
  test.concurrent(
    'an application moves back to the Platform Server, out of a terminated canary and whatever dies meanwhile',
    async () => {
      const application = await inContainers('MovedBack', ['MovedBack', 'MovedBackAPI']);
      await application.traffic.expect('MovedBack', [container('2.0'), container('3.0'), platformServer]);
      const { deployments, target } = application;
      await application.deploy({ version: '3.0' }, { shift: [{ percent: 30, bake: '1h' }, { percent: 100 }] });
      await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
      await (await stackTemporal()).workflow.getHandle(deploymentIdOf(target)).terminate('test');
      const started = await deployments.start(target, 'removeApplication', { by: 'test' });
      await application.until(({ phase }) => phase === 'settle');
      kill('worker');
      expect(await application.ended(started)).toMatchObject({
        result: {
          outcome: 'completed',
          live: { servedBy: 'platform-server' },
          note: expect.stringMatching(/serves MovedBack now/),
        },
      });
      await application.traffic.expect('MovedBack', [platformServer]);
      await moreTraffic(application);
      expect(await targetGroupsOf('MovedBack')).toBe(0);
      const again = await deployments.start(target, 'removeApplication', {});
      expect(await application.ended(again)).toMatchObject({
        result: { note: expect.stringMatching(/nothing was removed/) },
      });
      await expectWhole(application, [], 0);
    },
  );

  test.concurrent('what is gone from the Platform Server is taken down once a person lets it go', async () => {
    const application = await inContainers('Gone', ['Gone']);
    await application.traffic.stop();
    await uninstallApplication(stackFolders(folder).platformServer, 'Gone');
    const started = await application.deployments.start(application.target, 'removeApplication', { removeAfter: '2s' });
    await application.until(({ commands }) => commands.includes('approve'));
    expect(await application.onAws()).toMatchObject({ liveRules: 1, desiredCounts: expect.arrayContaining([2]) });
    await application.deployments.command(application.target, 'approve', { by: 'test' });
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'completed', note: expect.stringMatching(/no module of Gone: it was taken down/) },
    });
    expect(await application.onAws()).toEqual({ liveRules: 0, testRules: 0, desiredCounts: [] });
    expect(await targetGroupsOf('Gone')).toBe(0);
  });

  test.concurrent('a deployment after a removal begins anew', async () => {
    const application = await liveApplication('Again', ['Again']);
    await application.traffic.expect('Again', [platformServer, container('2.0'), container('3.0')]);
    for (const version of ['2.0', '3.0']) {
      expect(await application.ended(await application.deploy({ version }))).toMatchObject({
        result: { outcome: 'completed' },
      });
      const removed = await application.deployments.start(application.target, 'removeApplication', {});
      expect(await application.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
    }
    await expectWhole(application, [], 0);
  });
});
