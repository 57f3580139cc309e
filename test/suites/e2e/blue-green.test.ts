import type { Ending } from '../../../client/deployments';
import type { DeploymentStatus } from '../../../contract/status';
import { listening } from './news';
import { closeAll, expectWhole, inContainers, kill, liveApplication, moreTraffic } from './live-application';

const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
const container = (version: string) => ({ servedBy: 'container', version });
const holding = ({ phase }: DeploymentStatus) => phase === 'hold';
const inPhase = (wanted: string) => (status: DeploymentStatus) => status.phase === wanted;
const outcomeOf = (ending: Ending) => ('result' in ending ? ending.result.outcome : ending.failure);

afterAll(closeAll);

// Each has an application of its own, and all run at once, as in a real zone.
describe.each([['under live traffic']])('%s', () => {
  test.concurrent('a green that crashes leaves all traffic on blue, and says why', async () => {
    const application = await liveApplication('Crashing', ['Crashing']);
    await application.traffic.expect('Crashing', [platformServer]);
    const started = await application.deploy({ version: '2.0', broken: 'crash' });
    const status = await application.until(holding);
    expect(status.failure).toMatch(
      /Task \w+ stopped: EssentialContainerExited.*exited with code 1.*last log lines: .+/,
    );
    expect(status.live).toMatchObject({ slot: null, servedBy: 'platform-server' });
    await application.deployments.command(application.target, 'rollback', { by: 'test' });
    expect(await application.ended(started)).toMatchObject({ result: { outcome: 'rolledBack' } });
    await expectWhole(application, [0], 0);
  });

  test.concurrent(
    'a green that never gets healthy leaves all traffic on blue, and names the target or its group',
    async () => {
      const application = await liveApplication('Sick', ['Sick']);
      await application.traffic.expect('Sick', [platformServer]);
      const started = await application.deploy({ version: '2.0', broken: 'never-healthy' }, { onFailure: 'rollback' });
      const ending = await application.ended(started);
      expect(ending).toMatchObject({
        result: {
          outcome: 'rolledBack',
          // ECS stops what fails its checks, and by then there may be no target any more.
          failure: expect.stringMatching(
            /Target \S+ is unhealthy: Target\.ResponseCodeMismatch|Task failed ELB health checks in \(target-group \S+\)/,
          ),
        },
      });
      await expectWhole(application, [0], 0);
    },
  );

  test.concurrent(
    'a broken module, a rejection and a rollback during the bake each leave all three modules on blue',
    async () => {
      const modules = ['Partly', 'PartlyAPI', 'PartlyCore'];
      const application = await inContainers('Partly', modules);
      const broken = await application.deploy(
        { version: '3.0', broken: 'module:PartlyAPI' },
        { onFailure: 'rollback' },
      );
      expect(await application.ended(broken)).toMatchObject({
        result: { outcome: 'rolledBack', failure: expect.stringMatching(/\/PartlyAPI\/_ping\.aspx answered HTTP 500/) },
      });
      const newest = async () => (await application.deployments.ask({ kind: 'history', ...application.target }))[0];
      expect(await newest()).toMatchObject({ image: 'partly:3.0', outcome: 'rolledBack' });
      // Nobody but the module's probe saw them; they are counted some moments later.
      while (!((await newest())?.failedRequests ?? 0)) await moreTraffic(application, 10);
      expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });

      const rejected = await application.deploy({ version: '4.0' }, { approval: 'afterVerify' });
      await application.until(({ commands }) => commands.includes('reject'));
      await application.deployments.command(application.target, 'reject', { by: 'test', reason: 'not today' });
      expect(await application.ended(rejected)).toMatchObject({
        result: { outcome: 'rolledBack', failure: 'Rejected by test: not today' },
      });
      expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });

      await application.traffic.expect('Partly', [container('2.0'), container('5.0')]);
      const baking = await application.deploy({ version: '5.0' }, { bake: '1h' });
      await application.until(({ phase, live }) => phase === 'bake' && live?.version === '5.0');
      await application.deployments.command(application.target, 'rollback', { by: 'test' });
      expect(await application.ended(baking)).toMatchObject({
        result: { outcome: 'rolledBack', live: { version: '2.0' } },
      });
      await application.traffic.expect('Partly', [container('2.0')]);
      await expectWhole(application, [0, 2], 1);
    },
  );

  test.concurrent('a new version brings a module and drops one, all at the same cut', async () => {
    const application = await inContainers('Growing', ['Growing', 'GrowingOld']);
    await application.traffic.setApplications([{ name: 'Growing', modules: ['Growing'] }]);
    await application.traffic.expect('Growing', [container('2.0'), container('3.0')]);
    const started = await application.deploy({ version: '3.0', modules: ['Growing', 'GrowingNew'] });
    expect(outcomeOf(await application.ended(started))).toBe('completed');
    await application.traffic.setApplications([{ name: 'Growing', modules: ['Growing', 'GrowingNew'] }]);
    await application.traffic.expect('Growing', [container('3.0')]);
    await moreTraffic(application);
    await expectWhole(application, [0, 2], 1);
  });

  test.concurrent(
    'a worker killed while green starts and again during the bake changes nothing but the time, and nobody is told twice, whoever else can not be told',
    async () => {
      const application = await inContainers('Killed', ['Killed']);
      await application.traffic.expect('Killed', [container('2.0'), container('3.0')]);
      const told = await listening('Killed');
      const started = await application.deploy({ version: '3.0', startSeconds: 1 }, { bake: '5s' });
      await application.until(inPhase('start'));
      kill('worker');
      await application.until(inPhase('bake'));
      kill('worker');
      expect(await application.ended(started)).toMatchObject({
        result: { outcome: 'completed', live: { version: '3.0' } },
      });
      expect(await told.until('completed')).toEqual(['started', 'shifted', 'completed']);
      await application.traffic.expect('Killed', [container('3.0')]);
      await expectWhole(application, [0, 2], 1);
    },
  );
});
