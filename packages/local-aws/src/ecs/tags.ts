/** The tags of every resource of ECS. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-ecs';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import type { Ecs } from './ecs';

/**
 * Adds to the tags that a resource has.
 * @throws {AwsError} with code `InvalidParameterException`
 */
export function setTags({ state }: Pick<Ecs, 'state'>, arn: string, tags: readonly Tag[] | undefined): void {
  const wanted = Object.fromEntries((tags ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  for (const [key, value] of Object.entries(wanted)) checkTag(key, value);
  const merged = { ...state.tags[arn], ...wanted };
  if (Object.keys(merged).length > 50) fail('InvalidParameterException', 'A resource can have at most 50 tags.');
  state.tags[arn] = merged;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html */
function checkTag(key: string, value: string): void {
  const letters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (key === '' || key.length > 128 || !letters.test(key))
    fail('InvalidParameterException', `The tag key '${key}' is not valid.`);
  if (value.length > 256 || !letters.test(value))
    fail('InvalidParameterException', `The value of the tag '${key}' is not valid.`);
  if (/^aws:/i.test(key)) fail('InvalidParameterException', `The tag key '${key}' uses the reserved prefix 'aws:'.`);
}

export function tagsOf({ state }: Pick<Ecs, 'state'>, arn: string): Tag[] {
  return Object.entries(state.tags[arn] ?? {}).map(([key, value]) => ({ key, value }));
}

export function tagResource(ecs: Ecs, input: Given<TagResourceRequest>): object {
  checkResource(ecs, input.resourceArn);
  setTags(ecs, input.resourceArn, input.tags);
  return {};
}

export function untagResource(ecs: Ecs, { resourceArn, tagKeys }: Given<UntagResourceRequest>): object {
  checkResource(ecs, resourceArn);
  const left = Object.entries(ecs.state.tags[resourceArn] ?? {}).filter(([key]) => !tagKeys.includes(key));
  ecs.state.tags[resourceArn] = Object.fromEntries(left);
  return {};
}

export function listTagsForResource(ecs: Ecs, input: Given<ListTagsForResourceRequest>): ListTagsForResourceResponse {
  checkResource(ecs, input.resourceArn);
  return { tags: tagsOf(ecs, input.resourceArn) };
}

function checkResource({ state }: Ecs, arn: string): void {
  const { clusters, services, tasks, taskDefinitions } = state;
  if (clusters[arn] ?? services[arn] ?? tasks[arn] ?? taskDefinitions[arn]) return;
  fail('ResourceNotFoundException', 'The specified resource could not be found.');
}
