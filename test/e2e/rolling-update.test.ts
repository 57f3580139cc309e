import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  closeAll,
  expectWhole,
  inContainers,
  kill,
  liveApplication,
  moreTraffic,
  setFault,
  stack,
  stackAws,
  type LiveApplication,
} from './live-application';

const container = (version: string) => ({ servedBy: 'container', version });

afterAll(closeAll);

/** Application Auto Scaling keeps the live service above this; what is below is brought there at once. */
async function scale(application: LiveApplication, MinCapacity: number): Promise<void> {
  const service = (await application.services()).find((name) => name.endsWith('-a'));
  await stackAws().scaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: `service/${stack().aws.cluster}/${service}`,
      MinCapacity,
      MaxCapacity: 6,
    }),
  );
}

describe.each([['rolled under live traffic']])('%s', () => {
  test.concurrent('a version that breaks one module never reaches the live service', async () => {
    const application = await inContainers('RollBroken', ['RollBroken', 'RollBrokenAPI']);
    const started = await application.deploy(
      { version: '3.0', broken: 'module:RollBrokenAPI' },
      { onFailure: 'rollback' },
      'rollingUpdate',
    );
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'rolledBack', failure: expect.stringMatching(/RollBrokenAPI\/_ping\.aspx answered HTTP 500/) },
    });
    await expectWhole(application, [0, 2], 1);
  });

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
    const twin = await application.deploy({ version: '3.0' });
    expect(await application.deployments.ended(twin)).toEqual({
      failure: expect.stringMatching(/Application Auto Scaling scales Rolled-.*-a, .*strategy rollingUpdate/),
    });
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
    await expectWhole(application, [0, 3], 1);
  });

  test.concurrent('a rollback in mid-roll brings the release before to every replica', async () => {
    const application = await inContainers('RollBack', ['RollBack']);
    await application.traffic.expect('RollBack', [container('2.0'), container('3.0')]);
    const started = await application.deploy({ version: '3.0' }, { bake: '1h' }, 'rollingUpdate');
    await application.until(({ phase }) => phase === 'bake');
    await application.deployments.command(application.target, 'rollback', { by: 'test' });
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'rolledBack', live: { slot: 'a', version: '2.0' } },
    });
    await application.traffic.expect('RollBack', [container('2.0')]);
    await moreTraffic(application);
    await expectWhole(application, [0, 2], 1);
  });

  test.concurrent('a new replica that dies stops it there, and it goes back to the release before', async () => {
    const application = await inContainers('Dying', ['Dying']);
    await application.traffic.expect('Dying', [container('2.0'), container('3.0')]);
    const release = { version: '3.0', startSeconds: 2 };
    await application.image(release);
    const service = (await application.services()).find((name) => name.endsWith('-a'));
    await setFault({ kind: 'taskCrash', service: service ?? '', afterMs: 500, times: 1 });
    const started = await application.deploy(release, { onFailure: 'rollback' }, 'rollingUpdate');
    expect(await application.ended(started)).toMatchObject({
      result: { outcome: 'rolledBack', live: { slot: 'a', version: '2.0' }, failure: expect.stringMatching(/stopped/) },
    });
    await application.traffic.expect('Dying', [container('2.0')]);
    await expectWhole(application, [0, 2], 1);
  });
});
