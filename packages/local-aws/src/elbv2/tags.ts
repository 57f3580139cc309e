/** The tags of every resource of ELBv2. */
import type {
  AddTagsInput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { listenerOf, loadBalancerOf, ruleOf, targetGroupOf, type Elbv2 } from './elbv2';

/** Adds to the tags that a resource has. */
export function setTags({ state }: Elbv2, arn: string, tags: readonly Tag[] | undefined): void {
  const wanted = (tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''] as const);
  if (new Set(wanted.map(([key]) => key)).size < wanted.length) {
    fail('DuplicateTagKeysException', 'A tag key was specified more than once');
  }
  const merged = { ...state.tags[arn], ...Object.fromEntries(wanted) };
  if (Object.keys(merged).length > 50)
    fail('TooManyTagsException', "You've reached the limit on the number of tags for this resource");
  state.tags[arn] = merged;
}

export function addTags(elbv2: Elbv2, { ResourceArns: arns, Tags: tags }: Given<AddTagsInput>): object {
  for (const arn of arns) checkResource(elbv2, arn);
  for (const arn of arns) setTags(elbv2, arn, tags);
  return {};
}

export function removeTags(elbv2: Elbv2, { ResourceArns: arns, TagKeys: keys }: Given<RemoveTagsInput>): object {
  for (const arn of arns) checkResource(elbv2, arn);
  for (const arn of arns) {
    const left = Object.entries(elbv2.state.tags[arn] ?? {}).filter(([key]) => !keys.includes(key));
    elbv2.state.tags[arn] = Object.fromEntries(left);
  }
  return {};
}

export function describeTags(elbv2: Elbv2, { ResourceArns: arns }: Given<DescribeTagsInput>): DescribeTagsOutput {
  if (arns.length > 20) fail('ValidationError', 'Cannot have more than 20 resource ARNs');
  for (const arn of arns) checkResource(elbv2, arn);
  return {
    TagDescriptions: arns.map((ResourceArn) => ({
      ResourceArn,
      Tags: Object.entries(elbv2.state.tags[ResourceArn] ?? {}).map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}

function checkResource(elbv2: Elbv2, arn: string): void {
  if (arn.includes(':loadbalancer/')) loadBalancerOf(elbv2, arn);
  else if (arn.includes(':listener-rule/')) ruleOf(elbv2, arn);
  else if (arn.includes(':listener/')) listenerOf(elbv2, arn);
  else if (arn.includes(':targetgroup/')) targetGroupOf(elbv2, arn);
  else fail('ValidationError', `'${arn}' is not a valid resource ARN`);
}
