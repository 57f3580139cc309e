import fc from 'fast-check';
import { winningRule, type ListenerRule } from '../../../planning/routing/listener-rules';
import {
  packModules,
  pathCondition,
  readableExpression,
  type PathLimits,
} from '../../../planning/routing/module-packing';

const limits: PathLimits = { pathMatching: 'regex', caseInsensitive: false, valuesTaken: 0 };
const moduleNames = fc.uniqueArray(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,40}$/), {
  minLength: 1,
  maxLength: 60,
});
const anyLimits = fc.record({
  pathMatching: fc.constantFrom('regex' as const, 'wildcard' as const),
  caseInsensitive: fc.constantFrom(true, false, 'classes' as const),
  valuesTaken: fc.integer({ min: 0, max: 3 }),
});

const rulesOf = (packed: readonly string[][], by: PathLimits): ListenerRule[] =>
  packed
    .filter((modules) => modules.length > 0)
    .map((modules, index) => ({
      arn: String(index),
      priority: index + 1,
      conditions: [pathCondition(modules, by)],
      forward: [],
      otherActions: [],
      transforms: [],
      tags: {},
    }));

const wins = (packed: readonly string[][], path: string, by: PathLimits = limits) =>
  winningRule(rulesOf(packed, by), { host: 'any', path }) !== undefined;

test('/Orders never catches /OrdersAdmin, nor the other way round', () => {
  expect(wins([['Orders']], '/OrdersAdmin/')).toBe(false);
  expect(wins([['OrdersAdmin']], '/Orders')).toBe(false);
  expect(['/Orders', '/Orders/', '/Orders/a/b'].every((path) => wins([['Orders']], path))).toBe(true);
});

test('a dot in a module name is a dot, not any character', () => {
  expect(wins([['Orders.v2']], '/Ordersxv2/')).toBe(false);
});

test('every module is caught with all below it, and nothing else is', () => {
  fc.assert(
    fc.property(moduleNames, fc.stringMatching(/^[A-Za-z0-9_]{1,30}$/), anyLimits, (modules, stranger, by) => {
      const packed = packModules(modules, [], by);
      for (const module of modules)
        for (const path of [`/${module}`, `/${module}/x/y.aspx`]) expect(wins(packed, path, by)).toBe(true);
      // Wildcards have no way to ask for any case.
      const anyCase = by.caseInsensitive !== false && by.pathMatching === 'regex';
      const isOne = (module: string) =>
        anyCase ? module.toLowerCase() === stranger.toLowerCase() : module === stranger;
      // A long name has no room for classes.
      const isLong = modules.some((module) => isOne(module) && module.length > 28);
      if (!isLong) expect(wins(packed, `/${stranger}/`, by)).toBe(modules.some(isOne));
    }),
  );
});

test('a rule keeps within what the ALB takes: values, evaluations, characters', () => {
  fc.assert(
    fc.property(moduleNames, anyLimits, (modules, by) => {
      for (const held of packModules(modules, [], by)) {
        const { values, regularExpressions } = pathCondition(held, by);
        const written = [...values, ...regularExpressions];
        expect(written.every((value) => value.length <= 128)).toBe(true);
        // One module needs two values as wildcards, however few are left.
        const needed = by.pathMatching === 'wildcard' ? 2 : 1;
        expect(written.length).toBeLessThanOrEqual(Math.max(needed, Math.min(3, 5 - by.valuesTaken)));
      }
    }),
  );
});

test('about twenty modules share one rule', () => {
  const modules = Array.from({ length: 20 }, (_, index) => `OrdersModule${index}`);
  expect(packModules(modules, [], limits)).toHaveLength(1);
});

test('a module that a rule holds stays in that rule: it is never in none between two calls', () => {
  fc.assert(
    fc.property(moduleNames, moduleNames, anyLimits, (before, after, by) => {
      const previous = packModules(before, [], by);
      const packed = packModules(after, previous, by);
      expect(packed.flat().toSorted()).toEqual([...new Set(after)].toSorted());
      previous.forEach((held, index) =>
        held.filter((module) => after.includes(module)).forEach((module) => expect(packed[index]).toContain(module)),
      );
    }),
  );
});

test('case-insensitive matching is asked of the ALB', () => {
  const by = { ...limits, caseInsensitive: true };
  expect(pathCondition(['Orders'], by).regularExpressions).toEqual(['(?i)^/(Orders)(/.*)?$']);
  expect(wins([['Orders']], '/ORDERS/', by)).toBe(true);
});

describe('letters as classes', () => {
  const classes = { ...limits, caseInsensitive: 'classes' } as const;

  test('a module is caught in any case, and nothing else is', () => {
    const { regularExpressions } = pathCondition(['Orders.v2'], classes);
    expect(regularExpressions).toEqual([String.raw`^/([Oo][rR][dD][eE][rR][sS]\.[vV]2)(/.*)?$`]);
    expect(regularExpressions.map(readableExpression)).toEqual([String.raw`^/(Orders\.v2)(/.*)?$ in any case`]);
    for (const path of ['/Orders.v2', '/orders.v2/Home', '/ORDERS.V2/'])
      expect(wins([['Orders.v2']], path, classes)).toBe(true);
    for (const path of ['/OrdersAdmin', '/Ordersxv2/', '/Orders.v2x/'])
      expect(wins([['Orders.v2']], path, classes)).toBe(false);
  });

  test('what is said of a class that is no letter’s stays', () => {
    expect(readableExpression('^/([a-z]+|[Oo]k|[ab])$')).toBe('^/([a-z]+|Ok|[ab])$ in any case');
    expect(readableExpression('^/(Orders)(/.*)?$')).toBe('^/(Orders)(/.*)?$');
  });

  test('a name too long for classes is caught as written and in lower case, the longest only as written', () => {
    const long = 'CustomerOnboardingWorkflowsBackoffice';
    expect(pathCondition([long], classes).regularExpressions).toEqual([`^/(${long}|${long.toLowerCase()})(/.*)?$`]);
    const longest = 'A'.repeat(100);
    expect(pathCondition([longest], classes).regularExpressions).toEqual([`^/(${longest})(/.*)?$`]);
  });

  test('forty modules take as many rules as they need', () => {
    const modules = Array.from({ length: 40 }, (_, index) => `CustomerOnboarding${index}`);
    const packed = packModules(modules, [], classes);
    // Three expressions a rule, with a name each.
    expect(packed).toHaveLength(14);
    expect(packed.flat().toSorted()).toEqual(modules.toSorted());
  });

  test('of a rule that held more when letters weren’t classes, the rest moves, unless its login keeps it', () => {
    const modules = Array.from({ length: 10 }, (_, index) => `Customers${index}`);
    const [held, ...others] = packModules(modules, [modules], classes);
    expect(held).toEqual(modules.slice(0, 10 - others.flat().length));
    expect(others.flat().length).toBeGreaterThan(0);
    expect(packModules(modules, [modules], classes, { mayLeave: () => false })).toEqual([modules]);
    expect(pathCondition(modules, classes)).toEqual(pathCondition(modules, limits));
  });
});
