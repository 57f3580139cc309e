import fc from 'fast-check';
import { winningRule, type ListenerRule } from '../../../planning/routing/listener-rules';
import { packModules, pathCondition, type PathLimits } from '../../../planning/routing/module-packing';

const limits: PathLimits = { pathMatching: 'regex', caseInsensitive: false, valuesTaken: 0 };
const moduleNames = fc.uniqueArray(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,40}$/), {
  minLength: 1,
  maxLength: 60,
});
const anyLimits = fc.record({
  pathMatching: fc.constantFrom('regex' as const, 'wildcard' as const),
  caseInsensitive: fc.boolean(),
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
      const anyCase = by.caseInsensitive && by.pathMatching === 'regex';
      const known = modules.some((module) =>
        anyCase ? module.toLowerCase() === stranger.toLowerCase() : module === stranger,
      );
      expect(wins(packed, `/${stranger}/`, by)).toBe(known);
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
