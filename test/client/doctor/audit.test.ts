/** What the doctor says of lines that aren't written yet, and of broken glass. */
import { examineGlasses, examineTrail } from '../../../client/doctor/audit';

const head = { sequence: 12, hash: 'ab'.repeat(32) };

test('a trail whose lines wait is a warning that says where to look; one that is written is fine', () => {
  expect(examineTrail('production', { head, waiting: 3 })).toMatchObject([
    {
      state: 'warning',
      says: 'written up to line 12, and 3 lines wait',
      next: expect.stringContaining('workflow audit/production says why'),
    },
  ]);
  expect(examineTrail('production', { head, waiting: 0 })).toMatchObject([{ state: 'ok' }]);
  expect(examineTrail('production', undefined)).toEqual([]);
});

test('a broken glass is a warning until it is countersigned', () => {
  const demand = { minimum: 2, approvers: [], starter: null, plan: 'sha256:1', image: null, says: [], timed: false };
  const application = { name: 'Orders', key: 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11' };
  const glass = { workflow: 'production/Orders', run: 'run-1', demand, application, breaker: 'Ana', reason: 'down' };
  expect(examineGlasses([{ ...glass, at: '2026-11-30T10:00:00.000Z' }])).toMatchObject([
    { state: 'warning', says: expect.stringContaining('Ana alone'), application: 'Orders' },
  ]);
});
