/**
 * Rules of another tool that a deployment adopts. They stay that tool's until the deployment has come to its end, and only bear
 * marks until then; at the end each is taken over or deleted.
 */
import { AddTagsCommand, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { Adoption } from '../../../planning/adoption/adoption';
import { elbTags, resourceTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import { sameRule } from '../../../planning/routing/listener-rules';
import type { RoutePlan } from '../../../planning/routing/rule-set';
import type { Site } from '../../../planning/site';
import type { Tags } from '../../../planning/tags';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { writing, type AwsDependencies } from '../dependencies';
import { setElbTags } from '../tags';
import { deleteRule, describeRules, describeTags, inTagCalls } from './listener-rules';
import { refuseRuleOfAnother } from './rule-changes';

export const adoptionActivities = (aws: AwsDependencies) => ({
  /**
   * Marks the rules that are being adopted.
   * Effect: one AddTags for every 20 rules. Idempotent. A rule that is gone meanwhile fails the cut, not the mark.
   */
  async markAdopted(site: Site, { rules, marks }: Adoption): Promise<void> {
    const { elb } = writing(aws, site);
    const Tags = elbTags(marks);
    await refuseRulesOfOthers(elb, rules, { zone: marks[tagKeys.zone] ?? '', key: marks[tagKeys.key] ?? '' });
    for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
      await unless('RuleNotFound', undefined, elb.send(new AddTagsCommand({ ResourceArns, Tags })));
  },

  /**
   * Takes the marks away again, in a rollback.
   * Effect: one RemoveTags for every 20 rules. Idempotent.
   */
  async unmarkAdopted(site: Site, { rules, marks }: Adoption): Promise<void> {
    const { elb } = writing(aws, site);
    const TagKeys = Object.keys(marks);
    await refuseRulesOfOthers(elb, rules, { zone: marks[tagKeys.zone] ?? '', key: marks[tagKeys.key] ?? '' });
    for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
      await unless('RuleNotFound', undefined, elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys })));
  },

  /**
   * Makes the rules that the cut changed the application's own, and deletes those that it no longer needs.
   * Effect: two calls for each rule that is taken over, one DeleteRule for each other. Idempotent.
   * @throws {ApplicationFailure} of type `RouteChangedByOthers` for a rule that is to go and isn't as it was found
   */
  async settleAdoption(
    site: Site,
    { listenerArn, application, tags: wanted = {} }: RoutePlan,
    { rules }: Adoption,
  ): Promise<void> {
    const { elb } = writing(aws, site);
    await refuseRulesOfOthers(elb, rules, application);
    for (const { arn, ruleIndex } of rules) {
      if (ruleIndex === null) continue;
      const own = { [tagKeys.route]: 'live', [tagKeys.rule]: String(ruleIndex) };
      await setElbTags(elb, arn, { ...resourceTags(application, wanted), ...own });
      await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: [tagKeys.adopted] }));
    }
    const now = await describeRules(elb, listenerArn);
    for (const { arn, priority, found, ruleIndex } of rules) {
      const rule = now.find((one) => one.arn === arn);
      if (ruleIndex !== null || !rule) continue;
      if (!sameRule(rule, found))
        throw ApplicationFailure.nonRetryable(
          `Listener rule ${arn} (priority ${priority}) was to go with what was adopted, and somebody else changed it: put it back as it was or delete it, then retry.`,
          'RouteChangedByOthers',
        );
      await unless('RuleNotFound', undefined, deleteRule(elb, arn));
    }
  },
});

async function refuseRulesOfOthers(
  elb: AwsClients['elb'],
  rules: Adoption['rules'],
  application: Pick<ApplicationIdentity, 'zone' | 'key'>,
): Promise<void> {
  // One by one: a rule that is gone would hide what the others bear.
  for (const { arn } of rules) {
    const tags = (await unless('RuleNotFound', new Map<string, Tags>(), describeTags(elb, [arn]))).get(arn);
    if (tags) refuseRuleOfAnother({ arn, tags }, application);
  }
}
