/** What AWS's API does to callers now and then. A fault strikes every application, hence a stack of its own. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { changeSettings } from '../../../local/stack/settings';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import { DescribeServicesCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { DeploymentStatus } from '../../../contract/status';
import { seededRandom } from '../../../packages/local-aws/src/faults/random';
import { drawn, drawSeed as seed, runsAll as all } from '../../drawn';
import { secureZone } from './hard-zone';
import { startOwnStack, type OwnStack } from './own-stack';

const container = (version: string) => ({ servedBy: 'container', version });
/** The proof by the load balancer's counts takes minutes, there and back: `npm run chaos` only. */
const whole = all ? test : test.skip;
/** `npm run chaos` has all of these; any other run has this many of them, drawn by the seed. */
const sampled = 1;
const holding = ({ phase }: DeploymentStatus) => phase === 'hold';

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(() => own.close());

const faults: readonly [sentence: string, proven: () => Promise<void>][] = [
  [
    'a permission that is taken away holds with the cause; once it is back, retry goes on from that step',
    async () => {
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
    },
  ],
  [
    'AWS calls that are throttled, that fail, and that nobody answers though they took effect change only how long it takes, and so do nodes that go and come in the cut',
    async () => {
      const { liveApplication, setFault, expectWhole } = own.living;
      const application = await liveApplication('Faulty', ['Faulty']);
      const unanswered = { kind: 'noAnswer', operation: '*', how: 'reset', effect: true, probability: 0.1, seed: 7 };
      const failing = {
        kind: 'error',
        operation: '*',
        code: 'ServerException',
        status: 500,
        probability: 0.1,
        seed: 11,
      };
      const throttled = { kind: 'throttling', operation: 'elasticloadbalancing:*', share: 0.3 };
      const mends = [await setFault(unanswered), await setFault(failing), await setFault(throttled)];
      const started = await application.deploy({ version: '2.0' });
      await application.until(({ phase }) => phase === 'shift' || phase === 'settle');
      mends.push(await setFault({ kind: 'addressGone', address: '127.0.0.3' }));
      mends.push(await setFault({ kind: 'addressComes', address: '127.0.0.4' }));
      expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed' } });
      for (const mend of mends) await mend();
      await expectWhole(application, [2], 1);
    },
  ],
  [
    'a rollback whose one write takes effect and loses its answer gives traffic back as carefully as any other',
    async () => {
      const { inContainers, setFault, expectWhole, moreTraffic } = own.living;
      const application = await inContainers('Unanswered', ['Unanswered']);
      await application.traffic.expect('Unanswered', [container('2.0'), container('3.0')]);
      const started = await application.deploy({ version: '3.0' }, { bake: '10m' });
      await application.until(({ phase }) => phase === 'bake');
      const operation = 'elasticloadbalancing:ModifyRule';
      const mend = await setFault({ kind: 'noAnswer', operation, how: 'reset', effect: true, times: 1 });
      await application.deployments.command(application.target, 'rollback', { by: 'test' });
      expect(await application.ended(started)).toMatchObject({ result: { outcome: 'rolledBack' } });
      await mend();
      await application.traffic.expect('Unanswered', [container('2.0')]);
      await moreTraffic(application);
      await expectWhole(application, [0, 2], 1);
    },
  ],
  [
    'a deployment bakes through a rebalancing over Availability Zones, and through one that finds no room',
    async () => {
      const { liveApplication, setFault, stack, stackAws, expectWhole } = own.living;
      const application = await liveApplication('Rebalanced', ['Rebalanced']);
      const events = async (): Promise<string> => {
        const services = await application.services();
        const described = await stackAws().ecs.send(
          new DescribeServicesCommand({ cluster: stack().aws.cluster, services }),
        );
        return (described.services ?? []).flatMap((one) => (one.events ?? []).map(({ message }) => message)).join('\n');
      };
      const saying = async (text: string) => {
        while (!(await events()).includes(text)) await application.until(({ phase }) => phase === 'bake');
      };
      const giveRoom = await setFault({ kind: 'capacity', zone: 'us-east-1b', tasks: 0 });
      const started = await application.deploy({ version: '2.0' }, { bake: '10m' });
      await application.until(({ phase }) => phase === 'bake');
      await saying('is unable to place a task in us-east-1b');
      await giveRoom();
      await saying('is AZ balanced with 1 tasks in us-east-1a, 1 tasks in us-east-1b');
      await application.deployments.command(application.target, 'promote', { by: 'test' });
      expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed' } });
      await expectWhole(application, [2], 1);
    },
  ],
  [
    'a rolling update for whose pilot there is no room holds with the cause; with room again, retry goes on',
    async () => {
      const { inContainers, setFault, expectWhole, stackAws, stack } = own.living;
      const application = await inContainers('Crowded', ['Crowded']);
      await application.traffic.expect('Crowded', [container('2.0'), container('3.0')]);
      const { taskArns = [] } = await stackAws().ecs.send(new ListTasksCommand({ cluster: stack().aws.cluster }));
      // Room may come at any moment until then, so that is how long it waits for some.
      await changeSettings(stack().settings, [{ path: ['zones', 'local', 'startTimeout'], value: '30s' }]);
      const addRoom = await setFault({ kind: 'capacity', tasks: taskArns.length });
      const started = await application.deploy({ version: '3.0' }, { onFailure: 'rollback' }, 'rollingUpdate');
      const { heldIn, failure } = await application.until(holding);
      expect(heldIn).toBe('start');
      expect(failure).toMatch(/unable to place a task.*Add capacity, then retry/i);
      await addRoom();
      await application.deployments.command(application.target, 'retry', { by: 'test' });
      await application.until(({ phase }) => phase !== 'hold');
      expect(await application.ended(started)).toMatchObject({ result: { outcome: 'completed' } });
      await application.traffic.expect('Crowded', [container('3.0')]);
      await expectWhole(application, [0, 2], 1);
      await changeSettings(stack().settings, [{ path: ['zones', 'local', 'startTimeout'], value: '2m' }]);
    },
  ],
];

describe(`faults drawn with seed ${seed}; CHAOS_SEED=${seed} repeats them`, () => {
  test.each(all ? faults : drawn(faults, sampled, seededRandom(seed)))('%s', async (_, proven) => {
    await proven();
  });
});

describe('a module under another path and one behind a login, each with a rule of its own', () => {
  const login = {
    Issuer: 'https://login.example.com',
    AuthorizationEndpoint: 'https://login.example.com/authorize',
    TokenEndpoint: 'https://login.example.com/token',
    UserInfoEndpoint: 'https://login.example.com/userinfo',
    ClientId: 'orders',
    ClientSecret: 'known to AWS alone',
  };

  /** The application's live rules as AWS has them, the one with the rewrite last. */
  async function liveRules(application: string): Promise<ListenerRule[]> {
    const { stack, stackAws } = own.living;
    const listener = loadSettings(stack().settings).zones['local']?.listener ?? '';
    const rules = await describeRules(stackAws().elb, listener);
    const mine = rules.filter(({ tags }) => tags[tagKeys.application] === application);
    return mine.toSorted((one, other) => one.transforms.length - other.transforms.length);
  }

  const answered = async (url: string) => {
    const ca = await readFile(own.living.stack().aws.certificateAuthority);
    const [answer] = (await once(get(url, { ca, agent: false }), 'response')) as [IncomingMessage];
    return JSON.parse(await text(answer)) as Record<string, string>;
  };

  whole(
    'both are verified through test rules of their kind; a worker killed between two rules finishes the cut, which the load balancer’s counts prove behind the login',
    async () => {
      const { liveApplication, stack, stackAws, setFault, kill, expectWhole } = own.living;
      const { live: loadBalancer, test: testListener } = await secureZone(own);
      const { certificateAuthority } = stack().aws;
      const application = await liveApplication('Shop', ['Shop', 'ShopAPI'], undefined, {
        loadBalancer,
        certificateAuthority,
      });
      await changeSettings(stack().settings, [{ path: ['applications', 'Shop', 'paths', 'Shop'], value: '/store' }]);
      await application.traffic.expect('Shop', [
        { servedBy: 'platform-server', version: '1.0' },
        { servedBy: 'container' },
      ]);
      expect(await application.ended(await application.deploy({ version: '2.0' }))).toMatchObject({
        result: { outcome: 'completed' },
      });
      expect(await answered(`${loadBalancer}/store/`)).toMatchObject({ module: 'Shop', version: '2.0' });

      const [api] = await liveRules('Shop');
      const forward = { Type: 'forward' as const, Order: 2, TargetGroupArn: api?.forward[0]?.targetGroupArn };
      const oidc = { Type: 'authenticate-oidc' as const, Order: 1, AuthenticateOidcConfig: login };
      await stackAws().elb.send(new ModifyRuleCommand({ RuleArn: api?.arn, Actions: [oidc, forward] }));

      const started = await application.deploy({ version: '3.0' }, { approval: 'afterVerify' });
      const planned = await application.until(({ commands }) => commands.includes('approve'));
      expect(planned.proofs).toContainEqual(expect.stringMatching(/^\/ShopAPI is behind a login/));
      expect(await answered(`${testListener}/store/`)).toMatchObject({ module: 'Shop', version: '3.0' });
      expect(await answered(`${testListener}/ShopAPI/`)).toMatchObject({ module: 'ShopAPI', version: '3.0' });

      const mend = await setFault({ kind: 'latency', operation: 'elasticloadbalancing:ModifyRule', latencyMs: 1_000 });
      await application.deployments.command(application.target, 'approve', { by: 'test' });
      const before = api?.forward[0]?.targetGroupArn;
      for (let moved = 0; moved === 0;)
        moved = (await liveRules('Shop')).filter(({ forward: [now] }) => now?.targetGroupArn !== before).length;
      kill('worker');
      await mend();
      expect(await application.ended(started)).toMatchObject({
        result: {
          outcome: 'completed',
          live: { version: '3.0' },
          note: expect.stringMatching(/answered at \/ShopAPI: .*the load balancer's counts .*, none to /),
        },
      });
      const [behindLogin, rewritten] = await liveRules('Shop');
      expect(behindLogin?.otherActions).toMatchObject([{ Type: 'authenticate-oidc' }]);
      expect(rewritten?.transforms).toMatchObject([{ Type: 'url-rewrite' }]);
      expect(await answered(`${loadBalancer}/store/`)).toMatchObject({ module: 'Shop', version: '3.0' });
      await expectWhole(application, [0, 2], 2);
      // CloudWatch counts by the minute.
    },
    480_000,
  );
});
