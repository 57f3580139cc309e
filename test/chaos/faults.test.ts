/** What AWS's API does to callers now and then. A fault strikes every application, hence a stack of its own. */
import type { DeploymentStatus } from '../../workflows/messages';
import { startOwnStack, type OwnStack } from './own-stack';

const holding = ({ phase }: DeploymentStatus) => phase === 'hold';

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 5 });
}, 180_000);
afterAll(() => own.close());

test('a permission that is taken away holds with the cause; once it is back, retry goes on from that step', async () => {
  const { liveApplication, setFault, expectWhole } = own.living;
  const application = await liveApplication('Denied', ['Denied']);
  const giveBack = await setFault({ kind: 'accessDenied', operation: 'ecs:CreateService' });
  const started = await application.deploy({ version: '2.0' }, { onFailure: 'rollback' });
  const status = await application.until(holding);
  expect(status).toMatchObject({
    heldIn: 'start',
    failure: expect.stringMatching(/CreateService: AWS refused permission/),
  });
  await giveBack();
  await application.deployments.command(application.target, 'retry', { by: 'test' });
  await application.until(({ phase }) => phase !== 'hold');
  expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed' } });
  await expectWhole(application, [2], 1);
});

test.each([
  ['throttled', { kind: 'throttling', operation: 'elasticloadbalancing:*', share: 0.3 }],
  [
    'answered by nothing after they took effect',
    { kind: 'noAnswer', operation: '*', how: 'reset', effect: true, probability: 0.15, seed: 7 },
  ],
  [
    'failing now and then',
    { kind: 'error', operation: '*', code: 'ServerException', status: 500, probability: 0.15, seed: 11 },
  ],
])('AWS calls that are %s change only how long it takes', async (what, fault) => {
  const name = `Faulty${what.length}`;
  const { liveApplication, setFault, expectWhole } = own.living;
  const application = await liveApplication(name, [name]);
  const mend = await setFault(fault);
  const started = await application.deploy({ version: '2.0' });
  expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed' } });
  await mend();
  await expectWhole(application, [2], 1);
});
