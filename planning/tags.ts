/**
 * The tags that the settings want, on what exists already. A tag is cutover's own where `cutover:tags` says that cutover set this
 * key to this value: any other, and one whose value somebody changed since, stays as it is when the settings name it no more.
 */
import { createHash } from 'node:crypto';
import { tagKeys } from './names';

export type Tags = Readonly<Record<string, string>>;

/** What makes a resource's tags what the settings want. */
export interface TagChanges {
  readonly set: Tags;
  /** Their keys. */
  readonly remove: readonly string[];
}

/**
 * @param wanted cutover's own tags may be among them: those are never recorded, and never removed
 * @param found what the resource bears; empty for one that is made now
 */
export function tagChanges(wanted: Tags, found: Tags): TagChanges {
  const recorded = found[tagKeys.tags] ?? '';
  const wasSet = isRecorded(found);
  const differs = ([key, value]: Tag) => found[key] !== value;
  const ours = Object.entries(wanted).filter((tag) => isOfSettings(tag) && (differs(tag) || wasSet(tag)));
  const record = ours.map(recordOf).toSorted().join('');
  const gone = Object.entries(found).filter(
    (tag) => isOfSettings(tag) && !Object.hasOwn(wanted, tag[0]) && wasSet(tag),
  );
  return {
    set: {
      ...Object.fromEntries(Object.entries(wanted).filter(differs)),
      ...(record !== '' && record !== recorded && { [tagKeys.tags]: record }),
    },
    remove: [...gone.map(([key]) => key), ...(record === '' && recorded !== '' ? [tagKeys.tags] : [])],
  };
}

/** What somebody else gave a resource: neither AWS's own tags nor cutover's, nor those that the settings want or wanted. */
export function tagsOfOthers(found: Tags, wanted: Tags): Tags {
  const wasSet = isRecorded(found);
  const isOthers = (tag: Tag) =>
    isOfSettings(tag) && !tag[0].startsWith('aws:') && !Object.hasOwn(wanted, tag[0]) && !wasSet(tag);
  return Object.fromEntries(Object.entries(found).filter(isOthers));
}

/** The tags of what is made now. */
export const tagsAtCreation = (wanted: Tags): Tags => tagChanges(wanted, {}).set;

export const isUnchanged = ({ set, remove }: TagChanges): boolean => Object.keys(set).length + remove.length === 0;

/** A line a tag that people see change; the record isn't one. */
export const formatTagChanges = ({ set, remove }: TagChanges): string[] => [
  ...remove.filter((key) => key !== tagKeys.tags).map((key) => `- tag ${key}`),
  ...Object.entries(set).flatMap(([key, value]) => (key === tagKeys.tags ? [] : [`+ tag ${key}: ${value}`])),
];

type Tag = readonly [key: string, value: string];

const isOfSettings = ([key]: Tag) => !key.startsWith('cutover:');

/** Whether a tag of this resource was set because the settings wanted it. */
function isRecorded(found: Tags): (tag: Tag) => boolean {
  const records = recordsOf(found[tagKeys.tags] ?? '');
  return (tag) => records.includes(recordOf(tag));
}

/** Forty of them, which is what the settings may name, fit into a tag's 256 letters: keys themselves wouldn't. */
const recordLength = 6;

const recordOf = ([key, value]: Tag) =>
  createHash('sha256')
    .update(JSON.stringify([key, value]))
    .digest('base64url')
    .slice(0, recordLength);

const recordsOf = (recorded: string): readonly string[] => recorded.match(new RegExp(`.{${recordLength}}`, 'g')) ?? [];
