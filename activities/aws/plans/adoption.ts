/**
 * Marks, takes over or deletes another tool's rules. They are another tool's until the deployment that adopts them has come to
 * its end: until then they only bear marks.
 */
import { AddTagsCommand, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { Adoption } from '../../../planning/adoption/adoption';
import { sameRule } from '../../../planning/routing/listener-rules';
import { applicationTags, elbTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { deleteRule, describeRules, inTagCalls } from '../elb/listener-rules';

/** Effect: one AddTags for each 20 rules. Idempotent. A rule that is gone meanwhile fails the cut, not the mark. */
export async function markRules(elb: AwsClients['elb'], { rules, marks }: Adoption): Promise<void> {
  const Tags = elbTags(marks);
  for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
    await unless('RuleNotFound', undefined, elb.send(new AddTagsCommand({ ResourceArns, Tags })));
}

/** Effect: one RemoveTags for each 20 rules. Idempotent. */
export async function unmarkRules(elb: AwsClients['elb'], { rules, marks }: Adoption): Promise<void> {
  for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
    await unless(
      'RuleNotFound',
      undefined,
      elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: Object.keys(marks) })),
    );
}

/**
 * The rules that the cut changed become the application's own, and those that it needs no more go.
 * Effect: two calls for each rule that is taken over, one DeleteRule for each other. Idempotent.
 * @throws {ApplicationFailure} of type `RouteChangedByOthers` when a rule that is to go isn't as it was found
 */
export async function settleAdoption(
  elb: AwsClients['elb'],
  listenerArn: string,
  application: ApplicationIdentity,
  { rules }: Adoption,
): Promise<{ readonly deleted: number }> {
  for (const { arn, ruleIndex } of rules) {
    if (ruleIndex === null) continue;
    const tags = { ...applicationTags(application), [tagKeys.route]: 'live', [tagKeys.rule]: String(ruleIndex) };
    await elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags: elbTags(tags) }));
    await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: [tagKeys.adopted] }));
  }
  const now = await describeRules(elb, listenerArn);
  let deleted = 0;
  for (const { arn, priority, found, ruleIndex } of rules) {
    const rule = now.find((one) => one.arn === arn);
    if (ruleIndex !== null || !rule) continue;
    if (!sameRule(rule, found))
      throw ApplicationFailure.nonRetryable(
        `Listener rule ${arn} (priority ${priority}) was to go with what was adopted, and somebody else changed it: put it back as it was or delete it, then retry.`,
        'RouteChangedByOthers',
      );
    await unless('RuleNotFound', undefined, deleteRule(elb, arn));
    deleted += 1;
  }
  return { deleted };
}
