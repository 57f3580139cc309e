/** Gates under traffic: what is measured elsewhere stops a release, and what was wrong before it is asked about. */
import { closeAll, expectWhole, liveApplication, moreTraffic } from './live-application';
import { setAlarm, setGates, startAnswers, verdictOf, type Answers } from './gated';

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' };

let answers: Answers | undefined;
afterAll(async () => {
  answers?.close();
  await closeAll();
});

test('a gate that fails at 10 % gives all traffic back; one that fails in the bake holds; an alarm of before is asked about', async () => {
  const name = 'Gated';
  const application = await liveApplication(name, [name]);
  const { traffic, target, deployments } = application;
  answers = await startAnswers();
  await setAlarm('checkout', 'OK');
  await setGates(name, { ...answers.gates, checkout: { kind: 'alarms', names: ['checkout'], every: '1s' } });
  const plan = await deployments.ask({
    kind: 'plan',
    ...target,
    deployment: { image: await application.image({ version: '2.0' }) },
  });
  expect(plan).toMatchObject({ gates: ['prometheus', 'http', 'webhook', 'checkout'] });

  await traffic.expect(name, [platformServer, container('2.0')]);
  const shift = [{ percent: 10, bake: '1h' }, { percent: 100 }];
  const harmful = await application.deploy({ version: '2.0' }, { shift, onFailure: 'rollback' });
  await application.until((status) => status.greenPercent === 10 && verdictOf(status, 'http') === 'passes');
  answers.set('http', false);
  const ended = await application.ended(harmful);
  expect(ended).toMatchObject({
    result: {
      outcome: 'rolledBack',
      failure: expect.stringMatching(/^Gate http failed for \d+s: 7, allowed at most 5\.$/),
    },
  });
  expect('result' in ended && ended.result.dossier?.gates).toMatchObject([
    { gate: 'prometheus', verdict: 'passes' },
    { gate: 'http', verdict: 'fails' },
    { gate: 'webhook', verdict: 'passes' },
    { gate: 'checkout', verdict: 'passes' },
  ]);
  answers.set('http', true);

  await setAlarm('checkout', 'ALARM');
  const mended = await application.deploy({ version: '2.0' }, { bake: '1h' });
  const asking = await application.until(({ phase, deadline }) => phase === 'approve' && deadline !== null);
  expect(asking.waitingFor).toMatch(
    /^Before green has any traffic, this fails already: gate checkout: checkout rings since .* set to ALARM\./,
  );
  await deployments.command(target, 'approve', { by: 'Ana' });
  await application.until((status) => status.phase === 'bake' && verdictOf(status, 'webhook') === 'passes');
  answers.set('webhook', false);
  const held = await application.until(({ phase }) => phase === 'hold');
  expect(held).toMatchObject({
    heldIn: 'bake',
    greenPercent: 100,
    failure: expect.stringMatching(/^Gate webhook failed for \d+s: it answered 500/),
  });
  answers.set('webhook', true);
  await deployments.command(target, 'retry', {});
  await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  await deployments.command(target, 'promote', {});
  expect(await application.ended(mended)).toMatchObject({
    result: {
      outcome: 'completed',
      live: { version: '2.0' },
      gates: { 3: { gate: 'checkout', accepted: ['checkout'] } },
    },
  });
  await traffic.expect(name, [container('2.0')]);
  await moreTraffic(application);
  await expectWhole(application, [2], 1);
}, 180_000);
