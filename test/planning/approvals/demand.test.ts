/** What a plan demands: no input makes it less. */
import { demandFor, planDemand, sealed, unasked, type DemandRequest } from '../../../planning/approvals/demand';
import { approvals, type ApprovalPolicy } from '../../../settings/approvals/policy';
import { person } from './people';

const [ana, rui] = ['Ana', 'Rui'].map(person);
const policy = (more: Record<string, unknown> = {}): ApprovalPolicy =>
  approvals.parse({
    minimum: 2,
    approvers: [ana, rui].map((one) => ({ name: one!.name, keys: [one!.line] })),
    ...more,
  });

const asked = (changes: Partial<DemandRequest> = {}): DemandRequest => ({
  policy: policy(),
  runbook: 'blueGreen',
  input: { by: 'Eva' },
  zone: {},
  options: { approval: 'afterVerify' },
  ...changes,
});

test.each(['none', 'beforeStart'] as const)('an input that says approval: %s is refused', (approval) => {
  expect(() => planDemand(asked({ input: { approval, by: 'Eva' }, options: { approval } }))).toThrow(
    /approvals\.notByInput that no input says otherwise/,
  );
});

test('what the settings say themselves may be said again', () => {
  const input = { approval: 'afterVerify' as const, by: 'Eva' };
  expect(planDemand(asked({ input }))).toMatchObject({ minimum: 2, approvers: ['Ana', 'Rui'] });
});

test('without approvers an input is believed, unless the settings say that none is', () => {
  const open = asked({ input: { approval: 'none' }, options: { approval: 'none' }, policy: approvals.parse({}) });
  expect(planDemand(open)).toMatchObject({ minimum: 0 });
  expect(() => planDemand({ ...open, policy: approvals.parse({ notByInput: true }) })).toThrow(/notByInput/);
});

test('who started it must be known, where that one may not approve', () => {
  const own = policy({ notTheStarter: true });
  expect(() => planDemand(asked({ policy: own, input: {} }))).toThrow(/say so with "by"/);
  expect(planDemand(asked({ policy: own }))).toMatchObject({ starter: 'Eva' });
});

test('an undo waits for nobody, and for no window: it goes back', () => {
  const frozen = policy({ freeze: [{ from: '2026-01-01', to: '2027-01-01', reason: 'all year' }] });
  expect(planDemand(asked({ runbook: 'undo', policy: frozen, input: { approval: 'none' } }))).toBeUndefined();
});

test('a removal asks as a deployment does where approvers are named, and nobody where none are', () => {
  expect(unasked('removeApplication', policy())).toEqual({});
  expect(() => planDemand(asked({ runbook: 'removeApplication', input: { approval: 'none' } }))).toThrow(/notByInput/);
  expect(unasked('removeApplication', undefined)).toEqual({ approval: 'none' });
  const more = { zone: unasked('removeApplication', undefined), policy: approvals.parse({ notByInput: true }) };
  expect(
    planDemand(asked({ ...more, runbook: 'removeApplication', input: { approval: 'afterVerify' } })),
  ).toBeDefined();
  expect(unasked('undo', policy())).toEqual({ approval: 'none' });
  expect(unasked('blueGreen', undefined)).toEqual({});
});

test('a removal that the settings let ask is not made automatic by an input, where inputs aren’t believed', () => {
  const of = (zone: object, given?: ApprovalPolicy) =>
    planDemand(
      asked({ runbook: 'removeApplication', policy: given, zone, input: { removal: 'automatic', by: 'Eva' } }),
    );
  expect(() => of({}, policy())).toThrow(/The settings say removal: ask/);
  expect(of({ removal: 'automatic' }, policy())).toMatchObject({ minimum: 2 });
  expect(of({}, undefined)).toBeUndefined();
});

test('another plan has another digest, by whichever strategy, whatever the order of its names', () => {
  const demand = planDemand(asked());
  const plan = (more: object) => ({ ...demandFor(demand, 'sha256:1'), ...more });
  const digest = (value: object) => (sealed(value) as ReturnType<typeof plan>).approvals?.plan;
  expect(digest(plan({ image: 'a', count: 1 }))).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digest(plan({ count: 1, image: 'a' }))).toBe(digest(plan({ image: 'a', count: 1 })));
  expect(digest(plan({ image: 'a', count: 2 }))).not.toBe(digest(plan({ image: 'a', count: 1 })));
  const wrapped = sealed({ strategy: 'blueGreen', plan: plan({ image: 'a', count: 1 }) });
  expect(wrapped.plan.approvals?.plan).toBe(digest(plan({ image: 'a', count: 1 })));
});
