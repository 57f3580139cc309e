/** What docs/reliability.md says of what was run, and of what was not. */
import type { RecordedWrite } from '../../../../packages/local-aws/src/index';
import { callsOf } from './calls';
import type { CaseResult } from './case';
import { reliabilityPage } from './table';

const wanted = { steps: ['blue-green'], ofCalls: ['fails', 'after'], ofWaits: ['wait: worker dies'] };
const call = (name: string, tookMs: number, faults: readonly string[] = []) => ({ name, attempts: 1, faults, tookMs });
const ran = (strike: string, more: Partial<CaseResult> = {}): CaseResult => ({
  step: 'blue-green',
  strike,
  tookMs: 10_000,
  calls: [],
  waits: [],
  leaves: '1 live rules',
  sent: 100,
  findings: [],
  ...more,
});
const undisturbed = ran('nothing', { calls: [call('CreateService', 1_000), call('ModifyRule', 500)] });
const failing = ran('fails', {
  tookMs: 11_500,
  calls: [call('CreateService', 2_500, ['error']), call('ModifyRule', 500)],
});

test('a run that is not whole says so, a call that was not struck has no number, and what was not run has no cell', () => {
  const page = reliabilityPage([undisturbed, { ...failing, commit: 'abc1234' }], wanted);
  expect(page).toMatch(/\*\*Partial: 1 of 3 runs\*\*, 1 blows, 200 requests\. .*Run with the sources of abc1234\.$/m);
  expect(page).toContain('| CreateService | +1.5 s |  |');
  expect(page).toContain('| ModifyRule | – |  |');
  expect(page).toContain('- wait: worker dies: not run');
});

test('a run that did not end as it should is seen in each of its cells, and told of in full', () => {
  const lost = ran('fails', { ...failing, findings: ['3 requests were lost'] });
  const page = reliabilityPage([undisturbed, lost], wanted);
  expect(page).toContain('| CreateService | ✗ |');
  expect(page).not.toContain('no request was lost.');
  expect(page).toContain('- blue-green, fails: 3 requests were lost');
});

test('a whole run says so', () => {
  const after = ran('after', { calls: undisturbed.calls });
  const waited = ran('wait: worker dies', { waits: ['verifyGreen'], tookMs: 14_000 });
  const page = reliabilityPage([undisturbed, failing, after, waited], wanted);
  expect(page).toContain('Whole: 3 runs, 4 blows, 400 requests. Every run ended as it would have');
  expect(page).toContain('- wait: worker dies: +4.0 s in all (verifyGreen)');
});

describe('the calls of a run', () => {
  const write = (
    began: number,
    operation: string,
    input: object,
    more: Partial<RecordedWrite> = {},
  ): RecordedWrite => ({
    number: began,
    operation,
    input,
    rules: [],
    programs: ['cutover'],
    began,
    faults: [],
    ...more,
  });

  test('further attempts are the same call, the test route is told from the live one, and equals are numbered', () => {
    const writes = [
      write(1_000, 'ecs:UpdateService', { service: 'a', desiredCount: 2 }, { faults: ['error'] }),
      write(1_500, 'ecs:UpdateService', { service: 'a', desiredCount: 2 }),
      write(2_000, 'ecs:UpdateService', { service: 'b', desiredCount: 2 }),
      write(3_000, 'elasticloadbalancing:CreateRule', { ListenerArn: 'test' }),
      write(4_000, 'elasticloadbalancing:ModifyRule', { RuleArn: 'r' }, { rules: [{ listenerArn: 'live' }] }),
    ];
    expect(callsOf(writes, 5_000, { testListener: 'test' })).toEqual([
      { name: 'UpdateService (desired count 2)', attempts: 2, faults: ['error'], tookMs: 1_000 },
      { name: 'UpdateService (desired count 2) 2', attempts: 1, faults: [], tookMs: 1_000 },
      { name: 'CreateRule (test route)', attempts: 1, faults: [], tookMs: 1_000 },
      { name: 'ModifyRule (live route)', attempts: 1, faults: [], tookMs: 1_000 },
    ]);
  });
});
