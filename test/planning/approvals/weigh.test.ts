/** What counts of approvals, attacks first: each is told, and none is fatal. */
import type { CountedApproval, Examined, Proof, Statement } from '../../../planning/approvals/counted';
import type { ApprovalDemand } from '../../../planning/approvals/demand';
import { weigh, type Weighing } from '../../../planning/approvals/weigh';
import { approvals, type ApprovalPolicy } from '../../../settings/approvals/policy';
import { parsePublicKey } from '../../../settings/approvals/ssh-key';
import { person, statement } from './people';

const [ana, rui, eva] = ['Ana', 'Rui', 'Eva'].map(person);
const nowMs = Date.parse('2026-11-30T10:00:00Z');

const policy = (more: Record<string, unknown> = {}): ApprovalPolicy =>
  approvals.parse({
    minimum: 2,
    approvers: [ana, rui, eva].map((one) => ({ name: one!.name, keys: [one!.line] })),
    ...more,
  });

const demand = (changes: Partial<ApprovalDemand> = {}): ApprovalDemand => ({
  minimum: 2,
  approvers: ['Ana', 'Rui', 'Eva'],
  starter: null,
  plan: 'sha256:plan',
  image: 'sha256:2.0.0',
  says: [],
  timed: false,
  ...changes,
});

const proofOf = (name: string): Proof => {
  const line = [ana, rui, eva].find((one) => one!.name === name)?.line ?? '';
  return { kind: 'key', fingerprint: parsePublicKey(line)?.fingerprint ?? 'SHA256:none' };
};

const by = (name: string, changes: Partial<Statement> = {}): Examined => ({
  at: '2026-11-30T09:59:59.000Z',
  statement: statement(name, changes),
  person: name,
  proof: proofOf(name),
});

const weighed = (examined: readonly Examined[], changes: Partial<Weighing> = {}) =>
  weigh({
    demand: demand(),
    policy: policy(),
    moment: 'afterVerify',
    asks: true,
    workflow: 'production/Orders',
    run: 'run-1',
    nowMs,
    counted: [],
    examined,
    ...changes,
  });

describe('an approval that counts for nothing', () => {
  test.each<[string, Examined, RegExp]>([
    ['one of another run, as in a replay', by('Ana', { run: 'run-0' }), /another run/],
    ['one of another application', by('Ana', { workflow: 'production/Invoices' }), /for production\/Invoices/],
    ['one of another plan', by('Ana', { plan: 'sha256:other' }), /another plan/],
    ['one of another image', by('Ana', { image: 'sha256:1.0.0' }), /for sha256:1.0.0/],
    ['one for no image', by('Ana', { image: null }), /for null/],
    ['one for another moment', by('Ana', { approval: 'beforeStart' }), /given for beforeStart/],
    ['a countersignature', by('Ana', { approval: 'countersign' }), /given for countersign/],
    ['one that expired', by('Ana', { expires: '2026-11-30T10:00:00Z' }), /expired/],
    ['one that would hold for a month', by('Ana', { expires: '2026-12-30T10:00:00Z' }), /more than 8 days/],
    ['one in the name of somebody else', { ...by('Ana'), person: 'Rui' } as Examined, /says that Ana approves/],
    ['one of nobody that the settings know', { ...by('Mallory') } as Examined, /Mallory/],
    ['one that nobody signed', { at: '', why: 'Its signature is of no key.' }, /no key/],
    ['a broken glass without a reason', by('Ana', { breakGlass: true }), /give a reason/],
  ])('%s', (_name, examined, why) => {
    const verdict = weighed([examined]);
    expect(verdict).toMatchObject({ counted: [], missing: 2, goes: false, brokenGlass: false });
    expect(verdict.answers[0]).toMatch(why);
  });

  test('the same person twice is one, however often, with whichever key', () => {
    const first = weighed([by('Ana'), by('Ana')]);
    expect(first).toMatchObject({ missing: 1, goes: false, answers: [null, expect.stringContaining('counts once')] });
    const again = weighed([by('Ana', { expires: '2026-11-30T11:00:00Z' })], { counted: first.counted });
    expect(again).toMatchObject({ missing: 1, goes: false });
  });

  test.each(['Ana', 'ana', 'ana@build1', ' ANA@laptop '])('the starter’s, who said to be %s', (starter) => {
    const asked = { demand: demand({ starter }) };
    expect(weighed([by('Ana')], asked)).toMatchObject({ counted: [], answers: [expect.stringMatching(/started/)] });
    expect(weighed([by('Rui'), by('Eva')], asked).goes).toBe(true);
  });

  test('one that expired since it came, or whose key the settings list no more', () => {
    const { counted } = weighed([by('Ana', { expires: '2026-11-30T10:30:00Z' }), by('Rui')]);
    const later = weighed([], { counted, nowMs: Date.parse('2026-11-30T10:30:00Z') });
    expect(later).toMatchObject({ goes: false, missing: 1, lapsed: ['The approval of Ana has expired.'] });
    const withoutRui = policy({ minimum: 1, approvers: [{ name: 'Ana', keys: [ana!.line] }] });
    expect(weighed([], { counted, policy: withoutRui })).toMatchObject({
      goes: false,
      lapsed: [/Rui/].map((re) => expect.stringMatching(re)),
    });
    const otherKey = policy({
      minimum: 1,
      approvers: [
        { name: 'Ana', keys: [ana!.line] },
        { name: 'Rui', keys: [eva!.line] },
      ],
    });
    expect(weighed([], { counted, policy: otherKey }).missing).toBe(1);
  });
});

test('as many different people as the plan wants let it go on', () => {
  const verdict = weighed([by('Ana'), by('Rui')]);
  expect(verdict).toMatchObject({ goes: true, missing: 0, answers: [null, null] });
  expect(verdict.counted.map(({ approver }: CountedApproval) => approver)).toEqual(['Ana', 'Rui']);
});

test('an edit of the settings asks for more, and never for less', () => {
  const both = [by('Ana'), by('Rui')];
  expect(weighed(both, { policy: policy({ minimum: 3 }) })).toMatchObject({ goes: false, missing: 1 });
  expect(weighed([by('Ana')], { policy: policy({ minimum: 1 }) })).toMatchObject({ goes: false, missing: 1 });
  // Who takes all approvers away lets nobody through.
  expect(weighed(both, { policy: undefined })).toMatchObject({ goes: false, missing: 2 });
});

describe('a broken glass', () => {
  const broken = by('Ana', { breakGlass: true, reason: 'checkout is down' });
  const frozen = policy({ freeze: [{ from: '2026-11-30', to: '2026-11-30', reason: 'month’s end' }] });

  test('is one person for all, on a frozen day, and by the starter, too', () => {
    const verdict = weighed([broken], { policy: frozen, demand: demand({ starter: 'Ana' }) });
    expect(verdict).toMatchObject({ goes: true, brokenGlass: true, counted: [{ reason: 'checkout is down' }] });
  });

  test('is broken by who approved before, and not twice', () => {
    const { counted } = weighed([by('Ana')]);
    expect(weighed([broken], { counted })).toMatchObject({ goes: true, counted: [{ breakGlass: true }] });
    expect(weighed([broken, broken]).answers).toEqual([null, expect.stringContaining('counts once')]);
  });
});

test('enough approvals wait for the window, and an approval before the start waits for none', () => {
  const windows = [{ days: ['tue'], from: '08:00', to: '09:00' }];
  const asked = { policy: policy({ windows }), examined: [by('Ana'), by('Rui')] };
  expect(weighed(asked.examined, asked)).toMatchObject({
    goes: false,
    missing: 0,
    opensAt: '2026-12-01T08:00:00.000Z',
    closed: expect.stringContaining('tue 08:00–09:00 UTC'),
  });
  const before = [by('Ana', { approval: 'beforeStart' }), by('Rui', { approval: 'beforeStart' })];
  expect(weighed(before, { ...asked, moment: 'beforeStart', examined: before })).toMatchObject({ goes: true });
});
