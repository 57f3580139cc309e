/** Keeps secrets of listener rules inside the client: what goes out has them, and what comes back what stands for them. */
import type { ElasticLoadBalancingV2Client, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ConditionSettings } from '../../../settings/conditions';
import { concealed, namedIn, revealed } from '../../secrets';

/** What of a call or its answer holds conditions. */
interface WithConditions {
  readonly Conditions?: RuleCondition[];
  readonly Rules?: readonly { readonly Conditions?: RuleCondition[] }[];
}

/**
 * A rule's values may be anybody's who reaches Temporal: only what the settings name, or have named since this began, is read for it.
 * @param conditions of every zone and application, read again at each call
 */
export function withSecrets(
  client: ElasticLoadBalancingV2Client,
  conditions: () => readonly ConditionSettings[],
): ElasticLoadBalancingV2Client {
  const named = new Set<string>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const sent: string[] = [];
      const input = withValues(args.input as WithConditions, (header, value) => {
        namedIn(conditions()).forEach((one) => named.add(one));
        const secret = revealed(value, (reference) => named.has(`${header.toLowerCase()} ${reference}`));
        if (secret !== value) sent.push(secret);
        return secret;
      });
      try {
        const answer = await next({ ...args, input: input as typeof args.input });
        const known = conditions();
        const hide = (header: string, value: string) => concealed(header, value, known);
        return { ...answer, output: withValues(answer.output as WithConditions, hide) as typeof answer.output };
      } catch (error) {
        for (const secret of sent) (error as Error).message = (error as Error).message.replaceAll(secret, '…');
        throw error;
      }
    },
    { step: 'initialize', priority: 'low', name: 'secrets' },
  );
  return client;
}

type Change = (header: string, value: string) => string;

const withValues = <Shape extends WithConditions>(shape: Shape, change: Change): Shape => ({
  ...shape,
  ...(shape.Conditions && { Conditions: shape.Conditions.map((one) => changed(one, change)) }),
  ...(shape.Rules && { Rules: shape.Rules.map((rule) => withValues(rule, change)) }),
});

function changed(condition: RuleCondition, change: Change): RuleCondition {
  const { HttpHeaderName: header, Values: values } = condition.HttpHeaderConfig ?? {};
  if (header === undefined || !values) return condition;
  const Values = values.map((value) => change(header, value));
  return { ...condition, HttpHeaderConfig: { ...condition.HttpHeaderConfig, Values } };
}
