/** Changes of a hosted zone's records: all of a batch, or none. */
import type { Change, ChangeResourceRecordSetsRequest, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { isIPv4, isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Elbv2 } from '../elbv2/elbv2';
import { loadBalancerHostedZone } from '../elbv2/load-balancers';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { loadBalancerOf } from './answers';
import { nameOf, recordsOf, type HostedZone } from './state';

/** What would change the meaning of a record, and isn't here. */
const lacking = [
  'CidrRoutingConfig',
  'GeoLocation',
  'GeoProximityLocation',
  'HealthCheckId',
  'MultiValueAnswer',
  'Region',
  'TrafficPolicyInstanceId',
  'Weight',
] as const;

/**
 * The records of a zone after a batch.
 * @throws {AwsError} with code `InvalidChangeBatch` for one that doesn't fit them, in Route 53's words
 */
export function recordsAfter(
  elbv2: Elbv2,
  zone: HostedZone,
  { ChangeBatch: { Changes = [] } }: Given<ChangeResourceRecordSetsRequest>,
): ResourceRecordSet[] {
  if (Changes.length === 0) refuse('The request must contain at least one change.');
  return Changes.reduce<ResourceRecordSet[]>(
    (sets, change) => applied(elbv2, zone, sets, change),
    [...recordsOf(zone)],
  );
}

function applied(elbv2: Elbv2, zone: HostedZone, sets: readonly ResourceRecordSet[], change: Change) {
  const given: Partial<ResourceRecordSet> = change.ResourceRecordSet ?? {};
  const set = { ...given, Name: nameOf(given.Name ?? '') } as ResourceRecordSet;
  check(elbv2, zone, set);
  const same = sets.find((one) => identityOf(one) === identityOf(set));
  const others = sets.filter((one) => one !== same);
  switch (change.Action) {
    case 'CREATE':
      if (same !== undefined) refuse(`Tried to create resource record set ${described(set)} but it already exists`);
      return [...sets, set];
    case 'UPSERT':
      return [...others, set];
    case 'DELETE':
      if (same === undefined) refuse(`Tried to delete resource record set ${described(set)} but it was not found`);
      if (!isDeepStrictEqual(plain(same), plain(set)))
        refuse(
          `Tried to delete resource record set ${described(set)} but the values provided do not match the current values`,
        );
      return others;
    default:
      return fail('InvalidInput', `Action must be CREATE, DELETE or UPSERT, not ${String(change.Action)}`);
  }
}

function check(elbv2: Elbv2, { name }: HostedZone, set: ResourceRecordSet): void {
  const given = lacking.find((member) => set[member] !== undefined);
  if (given !== undefined) fail('InvalidInput', `The local AWS has no ${given} of a record.`);
  if (set.Type !== 'A' && set.Type !== 'AAAA')
    fail('InvalidInput', `The local AWS changes records of the types A and AAAA only, not ${String(set.Type)}.`);
  if (set.Name !== name && !set.Name?.endsWith(`.${name}`))
    refuse(`RRSet with DNS name ${set.Name} is not permitted in zone ${name}`);
  if ((set.Failover === undefined) !== (set.SetIdentifier === undefined))
    fail('InvalidInput', 'SetIdentifier and Failover belong together here: records are simple or of a failover.');
  if ((set.AliasTarget === undefined) === (set.ResourceRecords === undefined))
    fail('InvalidInput', 'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]');
  if (set.AliasTarget === undefined) return checkValues(set);
  const { HostedZoneId, DNSName } = set.AliasTarget;
  if (HostedZoneId !== loadBalancerHostedZone || loadBalancerOf(elbv2, set.AliasTarget) === undefined)
    refuse(
      `Tried to create an alias that targets ${DNSName}, type ${set.Type} in zone ${HostedZoneId}, but the alias target name does not lie within the target zone`,
    );
}

function checkValues({ Name, Type, TTL, ResourceRecords = [] }: ResourceRecordSet): void {
  if (TTL === undefined) refuse(`Missing field 'TTL' in Change with [Name=${Name}, Type=${Type}]`);
  const isValue = Type === 'A' ? isIPv4 : isIPv6;
  const wrong = ResourceRecords.find(({ Value = '' }) => !isValue(Value))?.Value;
  if (wrong !== undefined)
    refuse(
      `Invalid Resource Record: 'FATAL problem: ${Type}RRDATAIllegalIPAddress (Value is not a valid IP address) encountered with '${wrong}''`,
    );
}

const identityOf = ({ Name, Type, SetIdentifier = '' }: ResourceRecordSet) => `${Name} ${Type} ${SetIdentifier}`;

function described({ Name, Type, SetIdentifier }: ResourceRecordSet): string {
  const identifier = SetIdentifier === undefined ? '' : `, set-identifier='${SetIdentifier}'`;
  return `[name='${Name}', type='${Type}'${identifier}]`;
}

/** As it is stored. */
const plain = (set: ResourceRecordSet): unknown => JSON.parse(JSON.stringify(set));

function refuse(why: string): never {
  return fail('InvalidChangeBatch', `[${why}]`);
}
