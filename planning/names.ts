/**
 * How cutover names and tags what it makes in AWS. Names start with the application's, for people; the key's hash makes
 * them unique and the tags say whose they are.
 */
import { createHash } from 'node:crypto';
import { loadBalancerOf } from '../settings/listeners';

export type Slot = 'a' | 'b';
export const slots: readonly Slot[] = ['a', 'b'];
export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** An application in a zone: what a deployment is about. */
export interface ApplicationIdentity {
  readonly zone: string;
  /** What people call it. */
  readonly name: string;
  /** The platform's GUID for it. */
  readonly key: string;
}

export interface SlotNames {
  readonly service: string;
  readonly targetGroup: string;
  readonly taskDefinitionFamily: string;
}

/** Target groups: at most 32 letters, digits and hyphens, unique in account and region. */
export function slotNames(application: ApplicationIdentity, slot: Slot, base = resourceBase(application)): SlotNames {
  return { service: `${base}-${slot}`, targetGroup: `${base}-${slot}`, taskDefinitionFamily: base };
}

/**
 * The target group of a slot behind another load balancer than the zone's first.
 * @param listener the ARN of one of that load balancer's listeners
 */
export const targetGroupBeside = (base: string, slot: Slot, listener: string): string =>
  besideName(base, slot, loadBalancerOf(listener));

/**
 * The target group of a slot for another of its service's ports.
 * @param port as a plan calls it, e.g. `admin:9090`
 */
export const targetGroupOfPort = (base: string, slot: Slot, port: string): string =>
  besideName(base, slot, `port ${port}`);

function besideName(base: string, slot: Slot, what: string): string {
  const [, name = '', hash = ''] = /^(.*)-([^-]+)$/.exec(base) ?? [];
  return `${shortened(name)}-${hash}-${slot}-${shortHash(what).slice(0, 6)}`;
}

/** As much of it as there is room for beside what tells two target groups of a slot apart. */
const shortened = (called: string) => called.slice(0, 14).replace(/-+$/, '');

/** What the names of all that belongs to an application begin with. */
export const resourceBase = (application: ApplicationIdentity): string =>
  `${readable(application.name, 20)}-${keyHash(application)}`;

/** The base of a slot's name, if it is one of this application's, whatever the application was called then. */
export function baseOfSlot(name: string, application: ApplicationIdentity): string | undefined {
  const [, base] = /^(.+)-[ab]$/.exec(name) ?? [];
  return base?.endsWith(`-${keyHash(application)}`) ? base : undefined;
}

/** By which names tell applications apart. */
export const keyHash = ({ zone, key }: Pick<ApplicationIdentity, 'zone' | 'key'>): string =>
  shortHash(`${zone}/${key}`);

/** What a name says that cutover has given. */
export interface GivenName {
  /** The beginning of what the application was called, as names can hold it. */
  readonly called: string;
  /** As {@link keyHash} makes it. */
  readonly hash: string;
}

/** What the name of a service, a target group or a family of task definitions says; `undefined` for one that another tool gave. */
export function readName(name: string): GivenName | undefined {
  const [, called, hash] = /^(.+)-([0-9a-f]{8})(?:-[ab](?:-[0-9a-f]{6})?)?$/.exec(name) ?? [];
  return called === undefined || hash === undefined ? undefined : { called, hash };
}

/** Whether a name that was read may be this application's, by what it was called then. */
export const isCalled = ({ called }: GivenName, name: string): boolean =>
  [readable(name, 20), shortened(readable(name, 20))].includes(called);

const readable = (name: string, length: number) =>
  name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-+|-+$/g, '') || 'application';

const shortHash = (text: string) => createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 8);

export const tagKeys = {
  zone: 'cutover:zone',
  application: 'cutover:application',
  key: 'cutover:key',
  /** `live` or `test`, on listener rules. */
  route: 'cutover:route',
  /** The rule's index in its route, from 0. */
  rule: 'cutover:rule',
  /** The module of a rule that is for one module only, because that one is published under another path. */
  module: 'cutover:module',
  /** On a rule that leads to another port of the application's service: which, e.g. `admin:9090`. */
  port: 'cutover:port',
  /** Which of its tags come from the settings: planning/tags.ts. */
  tags: 'cutover:tags',
  /** The service that another tool made, on its rules while they are being adopted. */
  adopted: 'cutover:adopted',
  /** `completed` or `rolledBack`, on task definitions: how the deployment that made it ended. */
  outcome: 'cutover:outcome',
  /** When it ended, ISO 8601. */
  ended: 'cutover:ended',
  /** On a task definition that an undo brought back as it was: what served before, and when, by whom and why it came back. */
  previous: 'cutover:previous',
  returned: 'cutover:returned',
  returnedBy: 'cutover:returned-by',
  returnedReason: 'cutover:returned-reason',
  /** On a task definition: SHA-256 of the plan that was approved; `cutover:approved-1` and so on: by whom, how proven, when. */
  approvedPlan: 'cutover:approved-plan',
  approved: 'cutover:approved',
  /** `wanted` once a person alone began it, and why; then by whom it was countersigned. */
  countersign: 'cutover:countersign',
  countersigned: 'cutover:countersigned',
} as const;

/** Tags of everything that belongs to an application; a name that tags can't hold loses those characters. */
export function applicationTags({ zone, name, key }: ApplicationIdentity): Readonly<Record<string, string>> {
  return { [tagKeys.zone]: zone, [tagKeys.application]: tagValue(name), [tagKeys.key]: key.toLowerCase() };
}

/** {@link applicationTags} beside those that the settings want on everything. */
export const resourceTags = (application: ApplicationIdentity, wanted: Readonly<Record<string, string>>) => ({
  ...wanted,
  ...applicationTags(application),
});

/** Tags as ECS takes them. */
export const ecsTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));

/** The other way: what ECS says of tags, by key. */
export const fromEcsTags = (
  tags: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[] = [],
): Record<string, string> => Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]));

/** Tags as Elastic Load Balancing takes them. */
export const elbTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The name in a target group's ARN. */
export const targetGroupName = (arn: string): string => arn.split('/')[1] ?? arn;

/** The family in a task definition's ARN, or a family with its revision. */
export const familyOf = (reference: string): string => (reference.split('/').at(-1) ?? reference).replace(/:\d+$/, '');

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html#tag-restrictions */
export const tagValue = (text: string) => text.replace(/[^\p{L}\p{N} _.:/=+@-]/gu, '').slice(0, 256);

/** Whether tags mark something as this application's in this zone: by its key, which a rename doesn't change. */
export function belongsTo(
  tags: Readonly<Record<string, string>>,
  { zone, key }: Pick<ApplicationIdentity, 'zone' | 'key'>,
): boolean {
  return tags[tagKeys.zone] === zone && tags[tagKeys.key] === key.toLowerCase();
}

/** Whether tags mark something as another application's, or as another zone's. */
export const belongsToAnother = (
  tags: Readonly<Record<string, string>>,
  application: Pick<ApplicationIdentity, 'zone' | 'key'>,
): boolean => tags[tagKeys.key] !== undefined && !belongsTo(tags, application);
