/** The condition keys that several services have. */
import type { Context } from '../conditions';

/** Keys and values of tags, however a service spells them. */
export type TagList = readonly { readonly [member: string]: string | undefined }[] | undefined;

/** `aws:RequestTag/…` and `aws:TagKeys`: the tags that a call gives. */
export function requestTags(tags: TagList): Context {
  const pairs = (tags ?? []).map(
    (tag) => [tag['key'] ?? tag['Key'] ?? '', tag['value'] ?? tag['Value'] ?? ''] as const,
  );
  if (pairs.length === 0) return {};
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, [value]])),
    'aws:tagkeys': pairs.map(([key]) => key),
  };
}

/** `aws:TagKeys` of a call that takes tags away. */
export const tagKeys = (keys: readonly string[] | undefined): Context => (keys ? { 'aws:tagkeys': keys } : {});

/**
 * The tags that a resource has, under `aws:ResourceTag/` and the service's own prefix.
 * @param service whose prefix has a meaning too, e.g. `ecs`
 */
export function resourceTags(tags: Readonly<Record<string, string>> | undefined, service: string): Context {
  const pairs = Object.entries(tags ?? {}).map(([key, value]) => [key.toLowerCase(), [value]] as const);
  const under = (prefix: string) => pairs.map(([key, value]) => [`${prefix}:resourcetag/${key}`, value] as const);
  return Object.fromEntries([...under('aws'), ...under(service)]);
}
