/** What a deployment is refused for, before anything is touched. */
import { planBlueGreen } from '../../../planning/plans/deployment';
import { applicationTags, tagKeys } from '../../../planning/names';
import type { ListenerRule, ObservedListener } from '../../../planning/routing/listener-rules';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import {
  elsewhere,
  inSlotA,
  invoices,
  listener,
  listenerArn,
  liveRule,
  observed,
  orders,
  path,
  platformServerGroup,
  request,
  rule,
} from '../zone';

const cognito = {
  Type: 'authenticate-cognito',
  Order: 1,
  AuthenticateCognitoConfig: { UserPoolDomain: 'apps' },
} as never;
const ordersInEast = { ...orders, zone: 'east' };

describe('refused before anything is touched', () => {
  test('a module whose path another application owns, naming that application', () => {
    const theirs = rule('theirs', 1500, { conditions: [path('^/(OrdersAPI)(/.*)?$')] }, applicationTags(invoices));
    expect(() => planBlueGreen(request(), observed({ liveListener: listener(listenerArn, theirs) }))).toThrow(
      /\/OrdersAPI is already caught by listener rule theirs \(priority 1500\), which belongs to application Invoices/,
    );
  });

  test('a wider pattern of somebody else that catches a module', () => {
    const wide = rule('wide', 5, {
      conditions: [{ field: 'path-pattern', values: ['/Orders*'], regularExpressions: [] }],
    });
    expect(() => planBlueGreen(request(), observed({ liveListener: listener(listenerArn, wide) }))).toThrow(
      /caught by listener rule wide/,
    );
  });

  test('a rule of somebody else that leads where the default rule does, unless it comes after the application’s own', () => {
    const guarded = (priority: number, group: string) =>
      planBlueGreen(
        request(),
        observed({
          liveListener: listener(
            listenerArn,
            rule('guarded', priority, {
              conditions: [path('^/(OrdersAPI)(/.*)?$')],
              forward: [{ targetGroupArn: group, weight: 1 }],
              otherActions: [cognito],
            }),
          ),
        }),
      );
    expect(() => guarded(5, 'platform-server')).toThrow(/OrdersAPI is already caught by listener rule guarded/);
    expect(() => guarded(30_000, 'elsewhere')).toThrow(/OrdersAPI/);
    const { liveRoute, blue } = guarded(30_000, platformServerGroup);
    expect(blue.kind).toBe('platformServer');
    const logins = liveRoute.rules.map(({ after }) => after?.otherActions);
    expect(logins).toEqual([[], [cognito]]);
  });

  test('a rule that would be looked at before another zone’s, and win its hosts’ requests', () => {
    const east = { field: 'host-header' as const, values: ['east.example.com'], regularExpressions: [] };
    const theirs = (priority: number, ...more: (typeof east)[]) =>
      listener(
        listenerArn,
        rule('theirs', priority, { conditions: [path('^/(Orders)(/.*)?$'), ...more] }, applicationTags(ordersInEast)),
      );
    const plan =
      (live: ObservedListener, hosts = '') =>
      () =>
        planBlueGreen(request({}, hosts), observed({ liveListener: live }));
    expect(plan(theirs(2000, east))).toThrow(
      /would win \/Orders at east\.example\.com from listener rule theirs \(priority 2000\), .* Orders of zone east: name the zone's own "hosts"/,
    );
    expect(plan(theirs(2000, east), ", hosts: ['*.example.com']")).toThrow(/would win \/Orders at east/);
    expect(plan(theirs(1500, east))).not.toThrow();
    expect(plan(theirs(2000, east), ", hosts: ['west.example.com']")).not.toThrow();
    expect(plan(theirs(2000))).toThrow(/\/Orders is already caught .* application Orders of zone east/);
  });

  test('a priority range without room', () => {
    const taken = [10, 11].map((priority) =>
      rule(`r${priority}`, priority, { conditions: [path(`^/other${priority}$`)] }),
    );
    const full = observed({ liveListener: listener(listenerArn, ...taken) });
    expect(() => planBlueGreen(request({}, ', priorities: { from: 10, to: 11 }'), full)).toThrow(
      /Every priority from 10 to 11/,
    );
  });

  test('shares where sessions are sticky', () => {
    const sticky = request(
      { shift: [{ percent: 10 }, { percent: 100 }] },
      ", targetGroup: { attributes: { stickiness.enabled: 'true' } }",
    );
    expect(() => planBlueGreen(sticky, observed())).toThrow(/Sticky sessions keep clients on blue/);
  });

  test('a rule of others that leads to the slot that is retired, unless it only attaches its group', () => {
    const { liveListener, ...slots } = inSlotA();
    const leading = (weight: number) =>
      rule('theirs', 7, { conditions: [path('^/shop$')], forward: [{ targetGroupArn: 'group-a', weight }] });
    const beside = (weight: number) =>
      observed({ ...slots, liveListener: listener(listenerArn, ...liveListener.rules, leading(weight)) });
    expect(() => planBlueGreen(request(), beside(1))).toThrow(
      /rule theirs \(priority 7\) is none of Orders's own and sends requests to service-a, which is retired/,
    );
    expect(() => planBlueGreen(request(), beside(0))).not.toThrow();
    expect(() => planRollingUpdate(request(), beside(1))).not.toThrow();
    const onAnother = (one: ListenerRule) => observed({ ...slots, liveListener, elsewhere: [elsewhere(8080, one)] });
    expect(() => planBlueGreen(request(), onAnother(leading(1)))).toThrow(
      /theirs \(priority 7\), of another listener than/,
    );
    expect(() => planBlueGreen(request(), onAnother(leading(0)))).not.toThrow();
    const testing = { ...leading(1), tags: { [tagKeys.route]: 'test' } };
    expect(() => planBlueGreen(request(), onAnother(testing))).not.toThrow();
  });

  test('rules that forward to a group that no service of the application uses', () => {
    const lost = observed({ liveListener: listener(listenerArn, liveRule('group-unknown', ['Orders'])) });
    expect(() => planBlueGreen(request(), lost)).toThrow(
      /forward to group-unknown, which no service of its slots uses/,
    );
  });
});
