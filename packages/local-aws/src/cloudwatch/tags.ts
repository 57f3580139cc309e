/** The tags of alarms. */
import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import type { CloudWatch } from './cloudwatch';
import type { CloudWatchState } from './state';

export function setTags(state: CloudWatchState, arn: string, tags: readonly Tag[] | undefined): void {
  const wanted = Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  const merged = { ...state.tags[arn], ...wanted };
  if (Object.keys(merged).length > 50) fail('InvalidParameterValueException', 'A resource can have at most 50 tags.');
  state.tags[arn] = merged;
}

export function tagResource({ state }: CloudWatch, input: Given<TagResourceInput>): object {
  checkAlarmArn(state, input.ResourceARN);
  setTags(state, input.ResourceARN, input.Tags);
  return {};
}

export function untagResource(
  { state }: CloudWatch,
  { ResourceARN: arn, TagKeys: keys }: Given<UntagResourceInput>,
): object {
  checkAlarmArn(state, arn);
  const left = Object.entries(state.tags[arn] ?? {}).filter(([key]) => !keys.includes(key));
  state.tags[arn] = Object.fromEntries(left);
  return {};
}

export function listTagsForResource(
  { state }: CloudWatch,
  { ResourceARN: arn }: Given<ListTagsForResourceInput>,
): ListTagsForResourceOutput {
  checkAlarmArn(state, arn);
  return { Tags: Object.entries(state.tags[arn] ?? {}).map(([Key, Value]) => ({ Key, Value })) };
}

function checkAlarmArn({ alarms }: CloudWatchState, arn: string): void {
  if (Object.values(alarms).some((alarm) => alarm.arn === arn)) return;
  fail('ResourceNotFoundException', `Unable to locate resource ${arn}`);
}
