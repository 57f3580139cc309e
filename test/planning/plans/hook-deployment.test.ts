import { planHookDeployment, type HookDeploymentRequest } from '../../../planning/plans/hook-deployment';
import { planClock } from '../../../planning/platform-clock';
import { approvals } from '../../../settings/approvals/policy';
import type { RunbookOptions } from '../../../settings/runbook';
import { person } from '../approvals/people';
import { inSlotA, listener, listenerArn, liveRule, observed, orders, slot, zoneSettings } from '../zone';

const clock = planClock(Date.UTC(2026, 0, 1), 600_000);
const asked = (changes: Partial<HookDeploymentRequest> = {}): HookDeploymentRequest => ({
  application: orders,
  zone: zoneSettings(),
  removes: false,
  reason: 'Container Run, operation 7',
  clock,
  hasReleases: false,
  ...changes,
});
const deploying = (deployment: RunbookOptions) => ({ ...zoneSettings(), deployment });
const serving = observed(inSlotA());

describe('what cutover never made anything of', () => {
  test('is told, so that no call waits for it', () => {
    expect(planHookDeployment(asked(), observed())).toMatchObject({ isUnknown: true });
  });

  test('is nothing that serves, has a release, or something left over', () => {
    const left = observed({ slots: [slot('a', { desiredCount: 0 }), slot('b')] });
    for (const plan of [
      planHookDeployment(asked(), serving),
      planHookDeployment(asked(), left),
      planHookDeployment(asked({ hasReleases: true }), observed()),
    ])
      expect(plan).not.toHaveProperty('isUnknown');
  });
});

describe('a call is refused', () => {
  test('when the settings want more time than the platform waits', () => {
    expect(() => planHookDeployment(asked({ zone: deploying({ bake: 3_600_000 }) }), observed())).toThrow(
      /shorten "settle", "shift" or "bake" in the settings/,
    );
  });

  test('when the application’s rules lead to something that is in none of its slots', () => {
    const lost = observed({ liveListener: listener(listenerArn, liveRule('group-unknown', ['Orders'])) });
    expect(() => planHookDeployment(asked(), lost)).toThrow(/which no service of its slots uses/);
  });
});

describe('nobody watches a publish', () => {
  test('so it asks for no approval and rolls back by itself, in time for the platform', () => {
    const { input } = planHookDeployment(asked(), serving);
    expect(input).toMatchObject({ approval: 'none', onFailure: 'rollback', deadline: clock.deadline });
    expect(input).toMatchObject({ application: { name: 'Orders', key: orders.key }, by: 'the OutSystems platform' });
  });

  test('unless the settings name approvers, or believe no input', () => {
    const { line } = person('Ana');
    for (const policy of [{ approvers: [{ name: 'Ana', keys: [line] }] }, { notByInput: true }]) {
      const zone = { ...zoneSettings(), approvals: approvals.parse(policy) };
      expect(planHookDeployment(asked({ zone }), serving).input).toMatchObject({ approval: 'afterVerify' });
    }
  });

  test('unless the settings say that people are asked', () => {
    const deployment = { approval: 'afterVerify', onFailure: 'hold' } as const;
    expect(planHookDeployment(asked({ zone: deploying(deployment) }), serving).input).toMatchObject(deployment);
  });

  test('and where the platform does not wait, a failure holds until somebody looks', () => {
    const { input } = planHookDeployment(asked({ clock: null }), serving);
    expect(input.onFailure).toBe('hold');
    expect(input).not.toHaveProperty('deadline');
    expect(input).not.toHaveProperty('commits');
  });
});

test('from the Platform Server it is blue-green whatever the settings say, and answered once the bake is over', () => {
  const deployment = { strategy: 'rollingUpdate' } as const;
  expect(planHookDeployment(asked({ zone: deploying(deployment) }), observed())).toMatchObject({
    strategy: 'blueGreen',
    input: { commits: 'afterBake' },
  });
  expect(planHookDeployment(asked({ zone: deploying(deployment) }), serving)).toMatchObject({
    strategy: 'rollingUpdate',
    input: { commits: zoneSettings().answerUpdates },
  });
});

test('an application that was renamed is locked under its earlier name, and can only be deployed blue-green', () => {
  const application = { ...orders, name: 'Sales' };
  const deployment = { strategy: 'rollingUpdate' } as const;
  expect(planHookDeployment(asked({ application, zone: deploying(deployment) }), serving)).toMatchObject({
    lock: 'production/Orders',
    strategy: 'blueGreen',
    input: { application: { name: 'Sales' } },
  });
  expect(planHookDeployment(asked({ application, removes: true }), serving).lock).toBe('production/Sales');
});
