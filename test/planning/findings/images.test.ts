import { findForgotten } from '../../../planning/findings/images';
import { orders, release } from '../zone';

const kept = (version: string, isGone: boolean) => ({ release: release(version, ['Orders']), isGone });
const told = (...releases: Parameters<typeof findForgotten>) =>
  findForgotten(...releases).map(({ state, says }) => `${state}: ${says}`);

test('an image that is gone is an error where it serves, and a warning where only an undo would need it', () => {
  expect(told(orders, { live: kept('2.0.0', true), before: kept('1.0.0', true) })).toEqual([
    "error: orders:2.0.0, which serves Orders, is gone from its registry: a replica that dies can't be replaced, and none can be added",
    "warning: orders:1.0.0, the release of Orders before the one that serves, is gone from its registry: it can't be brought back by an undo",
  ]);
  expect(told(orders, { live: kept('2.0.0', false), before: kept('1.0.0', false) })).toEqual([]);
  expect(told(orders, { live: kept('2.0.0', false), before: null })).toEqual([]);
});
