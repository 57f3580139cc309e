/**
 * A hosted zone of the run's own, whose name is delegated nowhere: its name servers are asked themselves. What they answer is
 * what a failover does; `TestDNSAnswer` would not tell, for it "only responds based on the settings in the records".
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-test.html
 */
import { resolve4, Resolver } from 'node:dns/promises';
import { pause, tagKey, type Stage } from '../../stage';
import { NotTried } from '../../try';

/** What the other record has: an address that is nobody's (RFC 5737). */
const otherAddress = '192.0.2.1';

const atMostMs = 5 * 60_000;

/** Which of the two records the name servers answer with now: that of the load balancer or the other one; or DNS's error. */
export type Ask = () => Promise<string>;

/**
 * Makes the zone with a failover of two records, an alias of the load balancer and an address, and waits until Route 53 has them.
 * @throws {NotTried} when this machine can't reach the name servers
 */
export async function makeZone(stage: Stage): Promise<Ask> {
  const { account, id, name } = stage;
  const domain = `${name}.test`;
  const { HostedZone, DelegationSet } = await account.route53.createHostedZone({
    Name: domain,
    CallerReference: `${tagKey}=${id}`,
    HostedZoneConfig: { Comment: 'A try of cutover, which removes it' },
  });
  const zone = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  const AddTags = [{ Key: tagKey, Value: id }];
  await account.route53.changeTagsForResource({ ResourceType: 'hostedzone', ResourceId: zone, AddTags });
  await changed(stage, await makeRecords(stage, zone, domain));
  const servers = await (stage.nameServersAt ?? addressesOf)(DelegationSet?.NameServers ?? []);
  return () => askOf(servers, domain);
}

async function makeRecords(
  { account, dnsName: DNSName, dnsZone }: Stage,
  HostedZoneId: string,
  Name: string,
): Promise<string> {
  const AliasTarget = { HostedZoneId: dnsZone, DNSName, EvaluateTargetHealth: true };
  const record = { Name, Type: 'A' as const };
  const sets = [
    { ...record, SetIdentifier: 'load-balancer', Failover: 'PRIMARY' as const, AliasTarget },
    {
      ...record,
      SetIdentifier: 'other',
      Failover: 'SECONDARY' as const,
      TTL: 60,
      ResourceRecords: [{ Value: otherAddress }],
    },
  ];
  const Changes = sets.map((ResourceRecordSet) => ({ Action: 'CREATE' as const, ResourceRecordSet }));
  const { ChangeInfo } = await account.route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
  return ChangeInfo?.Id ?? '';
}

async function changed(stage: Stage, Id: string): Promise<void> {
  const { haste = 1 } = stage;
  for (const until = Date.now() + atMostMs; ; await pause(stage, 2_000 / haste)) {
    const { ChangeInfo } = await stage.account.route53.getChange({ Id });
    if (ChangeInfo?.Status === 'INSYNC') return;
    if (Date.now() > until) throw new Error(`Route 53 still has the change ${Id} as ${ChangeInfo?.Status}.`);
  }
}

async function addressesOf(names: readonly string[]): Promise<string[]> {
  try {
    return (await Promise.all(names.map((name) => resolve4(name)))).flat();
  } catch {
    throw new NotTried(`${names.join(', ')} aren't known to DNS here`);
  }
}

/** With a resolver of its own, so that nothing is remembered. */
async function askOf(servers: readonly string[], domain: string): Promise<string> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers(servers);
  try {
    const addresses = await resolver.resolve4(domain);
    return addresses.includes(otherAddress) ? 'the other record' : 'the load balancer';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
