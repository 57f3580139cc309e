/** Whether a load balancer takes `(?i)` is tried with a rule that is gone again afterwards, whatever came of it. */
import { tryInlineFlags } from '../../../../activities/aws/questions/inline-flags';
import { createZone } from '../../../../packages/local-aws/test/ecs/zone';
import { startLocalAws } from '../../../../packages/local-aws/test/local-aws';
import { zoneSettings } from '../../../planning/zone';

test.each([
  ['refuses the flag', false, /doesn't take \(\?i\): .*inline flags are not supported/],
  ['takes it and answers nothing', true, /took \(\?i\), but did not ignore case because of it/],
])('of a load balancer that %s it says so, and the rule is gone', async (_, allowInlineFlags, says) => {
  const local = await startLocalAws({ allowInlineFlags });
  try {
    const { listenerArn } = await createZone(local);
    const zone = { ...zoneSettings(), testListener: listenerArn, tags: { CostCentre: '7' } };
    const sent = jest.spyOn(local.elbv2, 'send');
    const found = await tryInlineFlags({ elb: local.elbv2 } as never, 'production', zone, 0);
    expect(found).toMatchObject([{ state: 'warning', says: expect.stringMatching(says) }]);
    const made = sent.mock.calls.map(([command]) => command.input).find((input) => 'Priority' in input);
    // Accounts that deny what isn't tagged deny it here, too.
    expect(made).toMatchObject({ Tags: expect.arrayContaining([{ Key: 'CostCentre', Value: '7' }]) });
    const { Rules = [] } = await local.elbv2.describeRules({ ListenerArn: listenerArn });
    expect(Rules.filter(({ IsDefault }) => !IsDefault)).toEqual([]);
  } finally {
    await local.close();
  }
});
