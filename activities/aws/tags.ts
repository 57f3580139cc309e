/** The tags of what exists already: they follow the settings, and nobody else's goes. */
import { AddTagsCommand, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { TagResourceCommand, UntagResourceCommand, type Service } from '@aws-sdk/client-ecs';
import { ecsTags, elbTags, fromEcsTags } from '../../planning/names';
import type { Site } from '../../planning/site';
import { tagChanges, type Tags } from '../../planning/tags';
import { describeServiceTogether } from './client/batched-reads';
import type { AwsClients } from './client/clients';
import { unless } from './client/errors';
import { writing, type AwsDependencies } from './dependencies';
import { describeTags } from './elb/listener-rules';

export const tagActivities = (aws: AwsDependencies) => ({
  /**
   * Gives services, target groups and rules the tags that the settings want, and takes away those that the settings wanted before.
   * @param arns one that is gone meanwhile is left out
   * Effect: at most one UntagResource or RemoveTags, and one TagResource or AddTags, for each. Idempotent: absolute.
   */
  async setTags(site: Site, arns: readonly string[], wanted: Tags): Promise<void> {
    const { ecs, elb } = writing(aws, site);
    for (const arn of arns) {
      if (arn.includes(':elasticloadbalancing:')) await setElbTags(elb, arn, wanted);
      else await setServiceTags(ecs, await describeServiceTogether(ecs, site.cluster, arn), wanted);
    }
  },
});

/** As `setTags`, for a target group or a rule: it is read before. */
export async function setElbTags(elb: AwsClients['elb'], arn: string, wanted: Tags): Promise<void> {
  const found = (await unlessGone(describeTags(elb, [arn])))?.get(arn);
  if (!found) return;
  const { set, remove } = tagChanges(wanted, found);
  const ResourceArns = [arn];
  if (remove.length > 0) await unlessGone(elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: [...remove] })));
  const Tags = elbTags(set);
  if (Tags.length > 0) await unlessGone(elb.send(new AddTagsCommand({ ResourceArns, Tags })));
}

const unlessGone = <T>(call: Promise<T>) =>
  unless('RuleNotFound', undefined, unless('TargetGroupNotFound', undefined, call));

/** As `setTags`, for a service as it was just read. @param others tags that it is to have beside those of the settings */
export async function setServiceTags(
  ecs: AwsClients['ecs'],
  service: Service | undefined,
  wanted: Tags,
  others: Tags = {},
): Promise<void> {
  if (!service || service.status !== 'ACTIVE') return;
  const found = fromEcsTags(service.tags);
  const { set, remove } = tagChanges(wanted, found);
  const resourceArn = service.serviceArn;
  if (remove.length > 0) await ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: [...remove] }));
  const lacking = Object.entries(others).filter(([key, value]) => found[key] !== value || remove.includes(key));
  const tags = ecsTags({ ...Object.fromEntries(lacking), ...set });
  if (tags.length > 0) await ecs.send(new TagResourceCommand({ resourceArn, tags }));
}
