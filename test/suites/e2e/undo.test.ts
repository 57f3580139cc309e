import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stackFolders } from '../../../local/stack/folders';
import { changeSettings } from '../../../local/stack/settings';
import {
  closeAll,
  expectWhole,
  folder,
  inContainers,
  moreTraffic,
  stack,
  type LiveApplication,
} from './live-application';
import { alarmOf, putMornings, putPolicy, scale, scaledSlots, setOff, tagsOfScaling } from './scaled';

const container = (version: string) => ({ servedBy: 'container', version });
/** The one scalable target that the application has. */
const scaledIn = (slot: 'a' | 'b') => [{ slot, minimum: 2, suspended: false, counts: [slot], scheduled: ['mornings'] }];
const alarmOn = (slot: 'a' | 'b') => ({ looksAt: slot, calls: slot, tells: [expect.stringContaining('on-call')] });
const quick = { bake: '1s' } as const;

afterAll(closeAll);

/** As a registry's life-cycle policy does. */
async function forgetImage({ deployments, target }: LiveApplication, name: string): Promise<void> {
  const releases = await deployments.ask({ kind: 'history', ...target });
  const { digest = '' } = releases.find(({ image }) => image === name) ?? {};
  await rm(join(stackFolders(folder).images, digest.replace(':', '-')), { recursive: true });
}

describe.each([['under live traffic']])('%s', () => {
  test.concurrent(
    'an undo brings the release before, a second one the undone one, and the history tells all; scaling moves along',
    async () => {
      const application = await inContainers('Undone', ['Undone']);
      const { deployments, target, traffic } = application;
      await scale(application, 2);
      await putPolicy(application, 'requests', 'requests');
      await putPolicy(application, 'undone is busy', 'step');
      await putMornings(application);
      const tags = { CostCentre: '42' };
      await changeSettings(stack().settings, [{ path: ['applications', 'Undone', 'tags'], value: tags }]);
      await traffic.expect('Undone', [container('2.0'), container('3.0')]);
      const kept = await application.deploy({ version: '3.0' }, { keepWarm: '1h' });
      expect(await application.ended(kept)).toMatchObject({
        result: { outcome: 'completed', note: expect.stringMatching(/keeps its replicas for 1h/) },
      });
      expect((await application.onAws()).desiredCounts).toEqual([2, 2]);
      expect(await scaledSlots(application)).toEqual(scaledIn('b'));
      expect(await tagsOfScaling(application, 'b')).toEqual(tags);
      expect(await alarmOf('undone is busy')).toEqual(alarmOn('b'));
      await setOff('undone is busy');
      const undone = await deployments.start(target, 'undo', { ...quick, by: 'Ana', reason: 'slow checkout' });
      expect(await application.ended(undone)).toMatchObject({
        result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } },
      });
      await traffic.expect('Undone', [container('2.0')]);
      await moreTraffic(application);
      expect(await scaledSlots(application)).toEqual(scaledIn('a'));
      expect(await alarmOf('undone is busy')).toEqual(alarmOn('a'));
      expect((await application.onAws()).desiredCounts).toEqual([0, 3]);
      await traffic.expect('Undone', [container('2.0'), container('3.0')]);
      const redone = await deployments.start(target, 'undo', { ...quick, strategy: 'rollingUpdate' });
      expect(await application.ended(redone)).toMatchObject({
        result: { outcome: 'completed', live: { slot: 'a', version: '3.0' } },
      });
      expect(await deployments.ask({ kind: 'history', ...target })).toMatchObject([
        { image: 'undone:3.0', strategy: 'undo', outcome: 'completed', live: true },
        {
          image: 'undone:2.0',
          strategy: 'undo',
          by: 'Ana',
          reason: 'slow checkout',
          outcome: 'completed',
          live: false,
        },
        { image: 'undone:3.0', strategy: 'blueGreen', outcome: 'completed' },
        { image: 'undone:2.0', strategy: 'blueGreen', outcome: 'completed' },
      ]);
      await traffic.expect('Undone', [container('3.0'), container('4.0')]);
      await application.ended(await application.deploy({ version: '4.0' }, { keepWarm: '1s' }));
      while ((await application.onAws()).testRules > 0) await moreTraffic(application, 20);
      expect(await scaledSlots(application)).toEqual(scaledIn('b'));
      await scale(application, 3, 'b');
      await forgetImage(application, 'undone:3.0');
      const sentence = /The image undone:3\.0 is gone from its registry/;
      const undo = { kind: 'planRunbook', runbook: 'undo', ...target } as const;
      await expect(deployments.ask(undo)).rejects.toThrow(sentence);
      expect(await application.ended(await deployments.start(target, 'undo', quick))).toEqual({
        failure: expect.stringMatching(sentence),
      });
      expect(await deployments.ask({ kind: 'doctor', zone: target.zone })).toContainEqual(
        expect.objectContaining({ check: 'images', state: 'warning', says: expect.stringMatching(/^undone:3\.0, /) }),
      );
      await expectWhole(application, [0, 3], 1);
    },
  );

  test.concurrent(
    'what came from the Platform Server has no release before: a sentence, and nothing changes',
    async () => {
      const application = await inContainers('Undoing', ['Undoing']);
      const started = await application.deployments.start(application.target, 'undo', quick);
      expect(await application.deployments.ended(started)).toEqual({
        failure: expect.stringMatching(/There is no release of Undoing before undoing:2\.0/),
      });
      await expectWhole(application, [2], 1);
    },
  );
});
