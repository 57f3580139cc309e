/** Route 53: public hosted zones, records that are addresses or aliases of load balancers, alone or as a failover. */
import type {
  ChangeInfo,
  ChangeResourceRecordSetsRequest,
  ChangeTagsForResourceRequest,
  CreateHostedZoneRequest,
  DeleteHostedZoneRequest,
  GetChangeRequest,
  GetHostedZoneRequest,
  ListHostedZonesRequest,
  ListResourceRecordSetsRequest,
  ListTagsForResourceRequest,
} from '@aws-sdk/client-route-53';
import type { Elbv2 } from '../elbv2/elbv2';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import { hexId } from '../scope';
import { recordsAfter } from './changes';
import { nameOf, propagationMs, recordsOf, type HostedZone, type Route53State } from './state';

export interface Route53 {
  readonly state: Route53State;
  /** Of the load balancers that records may be aliases of. */
  readonly elbv2: Elbv2;
}

/** Under `.localhost`, a name that never leaves the machine: the DNS server at the control port answers for all of them. */
const nameServers = [1, 2, 3, 4].map((number) => `ns-${number}.awsdns.localhost`);

export function route53Operations(route53: Route53): Operations {
  const { state } = route53;
  return {
    CreateHostedZone: (input: Given<CreateHostedZoneRequest>) => createHostedZone(route53, input),
    GetHostedZone: ({ Id }: Given<GetHostedZoneRequest>) => ({
      HostedZone: describe(zoneOf(state, Id)),
      DelegationSet: { NameServers: nameServers },
    }),
    ListHostedZones: (input: ListHostedZonesRequest) => listHostedZones(state, input),
    DeleteHostedZone: ({ Id }: Given<DeleteHostedZoneRequest>) => deleteHostedZone(route53, Id),
    ChangeResourceRecordSets: (input: Given<ChangeResourceRecordSetsRequest>) => changeRecords(route53, input),
    ListResourceRecordSets: (input: Given<ListResourceRecordSetsRequest>) => listRecords(state, input),
    GetChange: ({ Id }: Given<GetChangeRequest>) => ({ ChangeInfo: changeInfo(route53, Id) }),
    ChangeTagsForResource: (input: Given<ChangeTagsForResourceRequest>) => changeTags(state, input),
    ListTagsForResource: (input: Given<ListTagsForResourceRequest>) => listTags(state, input),
  };
}

function createHostedZone(route53: Route53, input: Given<CreateHostedZoneRequest>) {
  const { state, elbv2 } = route53;
  const given = (['VPC', 'DelegationSetId'] as const).find((member) => input[member] !== undefined);
  if (given !== undefined || input.HostedZoneConfig?.PrivateZone)
    fail('InvalidInput', `The local AWS has no ${given ?? 'PrivateZone'} of a hosted zone.`);
  const name = nameOf(input.Name);
  if (!/^([a-z0-9_-]{1,63}\.){2,}$/.test(name)) fail('InvalidDomainName', `${input.Name} is not a valid domain name.`);
  if (Object.values(state.zones).some(({ callerReference }) => callerReference === input.CallerReference))
    fail('HostedZoneAlreadyExists', `A hosted zone has already been created with the specified caller reference.`);
  const id = `Z${hexId(20).toUpperCase()}`;
  const sets = [
    {
      Name: name,
      Type: 'NS' as const,
      TTL: 172_800,
      ResourceRecords: nameServers.map((Value) => ({ Value: `${Value}.` })),
    },
    {
      Name: name,
      Type: 'SOA' as const,
      TTL: 900,
      ResourceRecords: [{ Value: `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` }],
    },
  ];
  const { CallerReference: callerReference, HostedZoneConfig: { Comment: comment } = {} } = input;
  const records = [{ submittedAt: elbv2.now(), sets }];
  const zone = { id, name, callerReference, ...(comment !== undefined && { comment }), tags: {}, records };
  state.zones[id] = zone;
  return {
    HostedZone: describe(zone),
    ChangeInfo: submit(route53),
    DelegationSet: { NameServers: nameServers },
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${id}`,
  };
}

/** @throws {AwsError} with code `HostedZoneNotEmpty` while it has records of its own */
function deleteHostedZone(route53: Route53, id: string) {
  const zone = zoneOf(route53.state, id);
  if (recordsOf(zone).some(({ Type }) => Type !== 'NS' && Type !== 'SOA'))
    fail(
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    );
  delete route53.state.zones[zone.id];
  return { ChangeInfo: submit(route53) };
}

function changeRecords(route53: Route53, input: Given<ChangeResourceRecordSetsRequest>) {
  const { state, elbv2 } = route53;
  const zone = zoneOf(state, input.HostedZoneId);
  const sets = recordsAfter(elbv2, zone, input);
  const submittedAt = elbv2.now();
  // What the name servers have now, and what comes after that.
  const seen = zone.records.findLastIndex((one) => one.submittedAt + propagationMs / elbv2.timeScale <= submittedAt);
  zone.records = [...zone.records.slice(Math.max(0, seen)), { submittedAt, sets }];
  return { ChangeInfo: submit(route53) };
}

function listRecords(state: Route53State, input: Given<ListResourceRecordSetsRequest>) {
  const { StartRecordName, StartRecordType, StartRecordIdentifier } = input;
  const sets = recordsOf(zoneOf(state, input.HostedZoneId)).toSorted((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : 1,
  );
  const from =
    StartRecordName &&
    keyOf({ Name: nameOf(StartRecordName), Type: StartRecordType, SetIdentifier: StartRecordIdentifier });
  const wanted = from ? sets.filter((set) => keyOf(set) >= from) : sets;
  const { items, most, next } = page(wanted, input.MaxItems);
  return {
    ResourceRecordSets: items,
    IsTruncated: next !== undefined,
    MaxItems: most,
    ...(next && { NextRecordName: next.Name, NextRecordType: next.Type, NextRecordIdentifier: next.SetIdentifier }),
  };
}

/** Here by the name as it is written, on AWS with its labels in reverse order. */
const keyOf = (set: { Name?: string | undefined; Type?: string | undefined; SetIdentifier?: string | undefined }) =>
  [set.Name, set.Type ?? '', set.SetIdentifier ?? ''].join(' ');

function listHostedZones(state: Route53State, input: ListHostedZonesRequest) {
  const given = (['DelegationSetId', 'HostedZoneType'] as const).find((member) => input[member] !== undefined);
  if (given !== undefined) fail('InvalidInput', `The local AWS has no ${given} to list hosted zones by.`);
  const ids = Object.keys(state.zones).toSorted();
  const { items, most, next } = page(
    ids.filter((id) => id >= (input.Marker ?? '')),
    input.MaxItems,
  );
  return {
    HostedZones: items.map((id) => describe(zoneOf(state, id))),
    ...(input.Marker !== undefined && { Marker: input.Marker }),
    IsTruncated: next !== undefined,
    MaxItems: most,
    ...(next !== undefined && { NextMarker: next }),
  };
}

function page<Item>(items: readonly Item[], most = 100): { items: Item[]; most: number; next: Item | undefined } {
  return { items: items.slice(0, most), most, next: items[most] };
}

function submit(route53: Route53): ChangeInfo {
  const id = `C${hexId(20).toUpperCase()}`;
  route53.state.changes[id] = route53.elbv2.now();
  return changeInfo(route53, id);
}

function changeInfo({ state, elbv2 }: Route53, given: string): ChangeInfo {
  const id = given.replace(/^\/change\//, '');
  const at = state.changes[id] ?? fail('NoSuchChange', `A change with the ID '${id}' doesn't exist.`);
  const isThere = at + propagationMs / elbv2.timeScale <= elbv2.now();
  return { Id: `/change/${id}`, Status: isThere ? 'INSYNC' : 'PENDING', SubmittedAt: new Date(at) };
}

function zoneOf({ zones }: Route53State, given: string): HostedZone {
  const id = given.replace(/^\/hostedzone\//, '');
  return zones[id] ?? fail('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
}

const describe = (zone: HostedZone) => ({
  Id: `/hostedzone/${zone.id}`,
  Name: zone.name,
  CallerReference: zone.callerReference,
  Config: { PrivateZone: false, ...(zone.comment !== undefined && { Comment: zone.comment }) },
  ResourceRecordSetCount: recordsOf(zone).length,
});

function changeTags(state: Route53State, input: Given<ChangeTagsForResourceRequest>): object {
  const { tags } = taggedOf(state, input);
  for (const { Key = '', Value = '' } of input.AddTags ?? []) tags[Key] = Value;
  for (const key of input.RemoveTagKeys ?? []) delete tags[key];
  return {};
}

function listTags(state: Route53State, input: Given<ListTagsForResourceRequest>) {
  const { id, tags } = taggedOf(state, input);
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return { ResourceTagSet: { ResourceType: 'hostedzone', ResourceId: id, Tags } };
}

function taggedOf(state: Route53State, { ResourceType, ResourceId }: Given<ListTagsForResourceRequest>): HostedZone {
  return ResourceType === 'hostedzone'
    ? zoneOf(state, ResourceId)
    : fail('InvalidInput', `The local AWS has no ${String(ResourceType)} with tags.`);
}
