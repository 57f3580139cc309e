import { makeGroup, makeRule } from '../stage';
import { outcomeOf, type Try } from '../try';

/** Makes a rule with a sticky group at weight 0 beside one that isn't, without stickiness of the rule. */
export const stickyGroup: Try = {
  name: 'sticky-group',
  question: 'What does AWS say to a sticky group at weight 0 in a rule without group stickiness?',
  assumes: 'It is refused with InvalidConfigurationRequest or ValidationError, so such a rule gets group stickiness.',
  run: async (stage) => {
    const [sticky, plain] = [await makeGroup(stage, 'sticky'), await makeGroup(stage, 'plain')];
    await stage.account.elb.modifyTargetGroupAttributes({
      TargetGroupArn: sticky,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    });
    const both = [
      { TargetGroupArn: sticky, Weight: 0 },
      { TargetGroupArn: plain, Weight: 100 },
    ];
    const ask = (priority: number, Enabled: boolean) =>
      outcomeOf(() =>
        makeRule(stage, priority, `/sticky${priority}`, [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: both,
              TargetGroupStickinessConfig: { Enabled, ...(Enabled && { DurationSeconds: 60 }) },
            },
          },
        ]),
      );
    return { withoutGroupStickiness: await ask(111, false), withGroupStickiness: await ask(112, true) };
  },
};
