import { planBlueGreen } from '../../../planning/plans/deployment';
import { previewDeployment } from '../../../planning/preview/deployment';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import {
  defaultRule,
  inSlotA,
  listener,
  listenerArn,
  liveRule,
  liveTags,
  observed,
  path,
  request,
  rule,
  slot,
} from '../zone';

const cognito = { Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig: { UserPoolArn: 'pool' } } as never;
const otherPool = {
  Type: 'authenticate-cognito',
  Order: 1,
  AuthenticateCognitoConfig: { UserPoolArn: 'other' },
} as never;
const jwt = { Type: 'jwt-validation', Order: 1, JwtValidationConfig: { Issuer: 'https://login' } } as never;
const oidc = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { Issuer: 'https://login' } } as never;
const fixed = { Type: 'fixed-response', Order: 2 } as never;

/** The listener, whose default rule has these actions beside its forward. */
const behind = (otherActions: ListenerRule['otherActions'], ...rules: ListenerRule[]) => ({
  ...listener(listenerArn),
  rules: [...rules, { ...defaultRule, otherActions }],
});

const theirs = (arn: string, priority: number, modules: string, otherActions: ListenerRule['otherActions'] = []) =>
  rule(arn, priority, {
    conditions: [path(`^/(${modules})(/.*)?$`)],
    forward: [{ targetGroupArn: 'theirs', weight: 1 }],
    otherActions,
  });

const adopting = (liveListener: ReturnType<typeof behind>, ...rules: ListenerRule[]) =>
  observed({
    liveListener,
    foreign: {
      route: { rules, winners: rules, behind: { targetGroupArn: 'theirs' } },
      service: { ...slot('a', { targetGroupArns: ['theirs'] }).service!, name: 'their-service', image: 'orders:1' },
      targetGroupArn: 'theirs',
      attributes: {},
    },
  });

const logins = ({ liveRoute }: ReturnType<typeof planBlueGreen>) =>
  liveRoute.rules.map(({ arn, after }) => [arn, after?.otherActions, after?.conditions.at(-1)?.regularExpressions]);

const bothModules = ['^/(Orders|OrdersAPI)(/.*)?$'];

describe('the first deployment', () => {
  test.each([
    ['Cognito', [cognito]],
    ['tokens', [jwt]],
    ['both', [cognito, { ...(jwt as object), Order: 2 } as never]],
  ])('a login that the default rule asks for is asked for by the new rule too: %s', (_, actions) => {
    const plan = planBlueGreen(request(), observed({ liveListener: behind(actions) }));
    expect(logins(plan)).toEqual([[null, actions, bothModules]]);
    expect(plan.testRoute.rules.map(({ after }) => after?.otherActions)).toEqual([[]]);
  });

  test('a module under another path is behind it as well', () => {
    const found = observed({ liveListener: behind([cognito]) });
    const plan = planBlueGreen({ ...request(), paths: { OrdersAPI: '/api' } }, found);
    expect(logins(plan).map(([, actions]) => actions)).toEqual([[cognito], [cognito]]);
  });

  test('the plan says where no probe is answered, and what proves the cut there instead', () => {
    const asked = { ...request(), paths: { OrdersAPI: '/api' } };
    const plan = planBlueGreen(asked, observed({ liveListener: behind([cognito]) }));
    expect(plan.behindLogin?.paths).toEqual(['/Orders', '/api']);
    expect(plan.behindLogin?.says).toMatch(/^\/Orders, \/api are behind a login.*the load balancer's request counts/);
    expect(planBlueGreen(asked, observed({ liveListener: behind([]) })).behindLogin).toBeUndefined();
  });

  test('a login whose secret can’t be read is refused, with the rule that asks for it', () => {
    expect(() => planBlueGreen(request(), observed({ liveListener: behind([oidc]) }))).toThrow(
      /new listener rule is needed for Orders, OrdersAPI, behind the login by OpenID Connect that the listener's default rule asks for/,
    );
  });

  test('an answer of the default rule’s own is no login', () => {
    const found = observed({ liveListener: behind([cognito, fixed]) });
    expect(logins(planBlueGreen(request(), found))).toEqual([[null, [cognito], bothModules]]);
    expect(logins(planBlueGreen(request(), observed({ liveListener: behind([fixed]) })))).toEqual([
      [null, [], bothModules],
    ]);
  });
});

describe('the next deployment', () => {
  const own = (otherActions: ListenerRule['otherActions']) => ({ ...liveRule('group-a', ['Orders']), otherActions });
  const from = (otherActions: ListenerRule['otherActions'], ofDefault: ListenerRule['otherActions']) =>
    observed({ ...inSlotA(), liveListener: behind(ofDefault, own(otherActions)) });

  test('a new module with a login of its own shares no rule with modules that have none', () => {
    expect(logins(planBlueGreen(request(), from([], [cognito])))).toEqual([
      ['live-0', [], ['^/(Orders)(/.*)?$']],
      [null, [cognito], ['^/(OrdersAPI)(/.*)?$']],
    ]);
  });

  test('nor with modules behind another one', () => {
    expect(logins(planBlueGreen(request(), from([otherPool], [cognito])))).toEqual([
      ['live-0', [otherPool], ['^/(Orders)(/.*)?$']],
      [null, [cognito], ['^/(OrdersAPI)(/.*)?$']],
    ]);
  });

  test('behind the same login it joins them, whatever the order is called, by OpenID Connect too', () => {
    const second = { ...(oidc as object), Order: 2 } as never;
    expect(logins(planBlueGreen(request(), from([oidc], [second])))).toEqual([['live-0', [oidc], bothModules]]);
  });

  test('a module that had none joins those behind one: it must not be the way around it', () => {
    expect(logins(planBlueGreen(request(), from([cognito], [])))).toEqual([['live-0', [cognito], bothModules]]);
  });

  test('a host that joins the zone’s, and where a login was asked for, is refused rather than opened', () => {
    const hosted = {
      ...own([]),
      conditions: [
        { field: 'host-header' as const, values: ['a.example.com'], regularExpressions: [] },
        ...own([]).conditions,
      ],
    };
    const found = observed({ ...inSlotA(), liveListener: behind([cognito], hosted) });
    const asked = request({}, ", hosts: ['a.example.com', 'b.example.com']");
    expect(() => planBlueGreen(asked, found)).toThrow(
      /\/Orders is behind a login that the listener's default rule asks for, and would no longer be/,
    );
  });
});

describe('another tool’s rules', () => {
  test('a new module that the default rule asks a login for shares no adopted rule without one', () => {
    const adopted = theirs('r1', 1, 'Orders');
    const plan = planBlueGreen(request(), adopting(behind([cognito], adopted), adopted));
    expect(logins(plan)).toEqual(
      expect.arrayContaining([
        ['r1', [], ['^/(Orders)(/.*)?$']],
        [null, [cognito], ['^/(OrdersAPI)(/.*)?$']],
      ]),
    );
  });

  test('modules that don’t fit into theirs take its login with them', () => {
    const modules = ['Orders', ...Array.from({ length: 30 }, (_, at) => `OrdersModuleNumber${at}`)];
    const adopted = theirs('r1', 1, 'Orders.*', [cognito]);
    const found = adopting(behind([], adopted), adopted);
    const plan = planBlueGreen(request(), { ...found, release: { ...found.release, modules } });
    expect(plan.liveRoute.rules.length).toBeGreaterThan(1);
    expect(logins(plan).every(([, actions]) => JSON.stringify(actions) === JSON.stringify([cognito]))).toBe(true);
  });
});

test('people read which login a new rule takes over, and from where', () => {
  const found = observed({ liveListener: behind([cognito]) });
  const loadBalancers = [{ rules: 1, ruleLimit: 100, targetGroups: 1, targetGroupLimit: 100 }];
  const linesOf = (one: typeof found) =>
    previewDeployment(planBlueGreen(request(), one), { observed: one, blueTaskDefinition: undefined, loadBalancers })
      .changes.filter(({ what }) => what.endsWith('listener rule'))
      .flatMap(({ what, details }) => details.map((line) => `${what}: ${line}`))
      .filter((line) => line.includes('login'));
  expect(linesOf(found)).toEqual([
    "listener rule: + asks for the login (authenticate-cognito) of the listener's default rule",
  ]);
  const own = { ...liveRule('group-a', ['Orders']), otherActions: [cognito], tags: liveTags() };
  const next = observed({ ...inSlotA(), liveListener: behind([], own) });
  expect(linesOf(next)).toEqual([]);
});
