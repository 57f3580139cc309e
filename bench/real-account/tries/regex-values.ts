import { fixed, makeRule, elbTags, type Stage } from '../stage';
import { outcomeOf, type Try } from '../try';

/** Makes rules with letter classes, with an inline flag and with both transforms, and reads them back. */
export const regexValues: Try = {
  name: 'regex-values',
  question: 'Does RegexValues take (?i) and letter classes, is Values echoed, and in which order are Transforms?',
  assumes: 'Letter classes are taken, (?i) is not relied on, and Values of a regex condition is ignored.',
  run: async (stage) => {
    const letterClasses = await outcomeOf(() => makeRule(stage, 101, /^\/[Oo][Rr]ders$/, fixed('classes')));
    const inlineFlag = await outcomeOf(() => withFlag(stage));
    const { Rules = [] } = await stage.account.elb.describeRules({ ListenerArn: stage.listenerArn });
    const condition = Rules.find(({ Priority }) => Priority === '101')?.Conditions?.[0];
    return {
      letterClasses,
      inlineFlag,
      echoedValues: condition?.Values ?? null,
      transforms: await transformed(stage),
    };
  },
};

const withFlag = ({ account, listenerArn, ...run }: Stage) =>
  account.elb.createRule({
    ListenerArn: listenerArn,
    Priority: 102,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['(?i)^/orders$'] } }],
    Actions: fixed('flag'),
    Tags: elbTags({ account, ...run }),
  });

/** As CreateRule answers them, of a rule made with the URL's first; or why it wasn't made. */
async function transformed({ account, listenerArn, ...run }: Stage): Promise<unknown> {
  let order: unknown = null;
  const outcome = await outcomeOf(async () => {
    const { Rules = [] } = await account.elb.createRule({
      ListenerArn: listenerArn,
      Priority: 103,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/transformed'] } }],
      Actions: fixed('transformed'),
      Transforms: [
        { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/a', Replace: '/b' }] } },
        { Type: 'host-header-rewrite', HostHeaderRewriteConfig: { Rewrites: [{ Regex: '^a', Replace: 'b' }] } },
      ],
      Tags: elbTags({ account, ...run }),
    });
    order = Rules[0]?.Transforms ?? null;
  });
  return outcome === 'accepted' ? order : outcome;
}
