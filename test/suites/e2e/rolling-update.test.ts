import { closeAll, expectWhole, inContainers, kill, liveApplication, moreTraffic, setFault } from './live-application';
import { scale, scaledSlots } from './scaled';

const container = (version: string) => ({ servedBy: 'container', version });

afterAll(closeAll);

describe.each([['rolled under live traffic']])('%s', () => {
  test.concurrent('an application on the Platform Server is left there, with a sentence', async () => {
    const application = await liveApplication('RollNone', ['RollNone']);
    const started = await application.deploy({ version: '2.0' }, {}, 'rollingUpdate');
    expect(await application.deployments.ended(started)).toEqual({
      failure: expect.stringMatching(/RollNone isn't in containers yet/),
    });
    await expectWhole(application, [], 0);
  });

  test.concurrent('modules come and go, the worker dies, autoscaling adds a replica: no request is lost', async () => {
    const application = await inContainers('Rolled', ['Rolled', 'RolledOld']);
    await application.traffic.setApplications([{ name: 'Rolled', modules: ['Rolled'] }]);
    await application.traffic.expect('Rolled', [container('2.0'), container('3.0')]);
    await scale(application, 2);
    const started = await application.deploy(
      { version: '3.0', modules: ['Rolled', 'RolledNew'] },
      { minimumHealthyPercent: 50, maximumPercent: 150 },
      'rollingUpdate',
    );
    await application.until(({ replicas }) => replicas !== null && replicas.starting + replicas.new > 0);
    kill('worker');
    await scale(application, 3);
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'completed', live: { slot: 'a', version: '3.0' } },
    });
    await application.traffic.setApplications([{ name: 'Rolled', modules: ['Rolled', 'RolledNew'] }]);
    await application.traffic.expect('Rolled', [container('3.0')]);
    await moreTraffic(application);
    expect(await scaledSlots(application)).toMatchObject([{ slot: 'a', minimum: 3, suspended: false }]);
    await expectWhole(application, [0, 3], 1);
  });

  test.concurrent(
    'a broken module never gets there; a replica that dies, or a rollback, brings the release before to all',
    async () => {
      const application = await inContainers('RollBack', ['RollBack', 'RollBackAPI']);
      const whole = { liveRules: 1, testRules: 0, desiredCounts: [0, 2] };
      const broken = { version: '3.0', broken: 'module:RollBackAPI' };
      expect(
        await application.ended(await application.deploy(broken, { onFailure: 'rollback' }, 'rollingUpdate')),
      ).toMatchObject({
        result: { outcome: 'rolledBack', failure: expect.stringMatching(/RollBackAPI\/_ping\.aspx answered HTTP 500/) },
      });
      expect(await application.onAws()).toEqual(whole);

      await application.traffic.expect('RollBack', [container('2.0'), container('4.0')]);
      const dying = { version: '4.0', startSeconds: 2 };
      await application.image(dying);
      const service = (await application.services()).find((name) => name.endsWith('-a'));
      await setFault({ kind: 'taskCrash', service: service ?? '', afterMs: 500, times: 1 });
      expect(
        await application.ended(await application.deploy(dying, { onFailure: 'rollback' }, 'rollingUpdate')),
      ).toMatchObject({
        result: {
          outcome: 'rolledBack',
          live: { slot: 'a', version: '2.0' },
          failure: expect.stringMatching(/stopped/),
        },
      });
      await application.traffic.expect('RollBack', [container('2.0')]);
      expect(await application.onAws()).toEqual(whole);

      await application.traffic.expect('RollBack', [container('2.0'), container('5.0')]);
      const started = await application.deploy({ version: '5.0' }, { bake: '1h' }, 'rollingUpdate');
      await application.until(({ phase }) => phase === 'bake');
      await application.deployments.command(application.target, 'rollback', { by: 'test' });
      expect(await application.ended(started)).toMatchObject({
        result: { outcome: 'rolledBack', live: { slot: 'a', version: '2.0' } },
      });
      await application.traffic.expect('RollBack', [container('2.0')]);
      await moreTraffic(application);
      await expectWhole(application, [0, 2], 1);
    },
  );
});
