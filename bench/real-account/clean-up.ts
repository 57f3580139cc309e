/** Finds by name and tag what runs have made, of this run or of one before, and removes it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListClusters, paginateListServices, paginateListTaskDefinitions } from '@aws-sdk/client-ecs';
import { paginateListHostedZones } from '@aws-sdk/client-route-53';
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { namePrefix, tagKey, type Account, type Run } from './stage';

interface Leftover {
  readonly arn: string;
  readonly remove: () => Promise<unknown>;
}

/** A read may miss for a moment what was just made: nothing is left when two looks, this far apart, find nothing. */
const betweenLooksMs = 3_000;

/**
 * Removes all of it. A load balancer, and tasks, take a while to go.
 * @returns the ARNs of what was found
 * @throws {Error} naming what is still there after `withinMs`
 */
export async function cleanUp(
  { account, haste = 1 }: Pick<Run, 'account' | 'haste'>,
  withinMs = 15 * 60_000,
): Promise<string[]> {
  const found = new Set<string>();
  const until = Date.now() + withinMs;
  for (let empty = 0, problem = ''; empty < 2; await sleep(betweenLooksMs / haste)) {
    const left = await leftovers(account);
    empty = left.length === 0 ? empty + 1 : 0;
    if (Date.now() > until && left.length > 0)
      throw new Error(`Not removed: ${left.map(({ arn }) => arn).join(', ')} (${problem}). Run this again later.`);
    for (const { arn, remove } of left) {
      found.add(arn);
      // What others still use, or what is going already, is refused; the next look tells.
      await remove().catch((error: unknown) => (problem = String(error)));
    }
  }
  return [...found];
}

/** In the order in which they can be removed. */
export async function leftovers(account: Account): Promise<Leftover[]> {
  return [
    ...(await ecsLeftovers(account)),
    ...(await hostedZones(account)),
    ...(await elbLeftovers(account)),
    ...(await clusters(account)),
  ];
}

/** Services in clusters of others too: those that the owner of the account named. */
async function ecsLeftovers({ ecs }: Account): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client: ecs }, {}))
    for (const cluster of clusterArns)
      for await (const { serviceArns = [] } of paginateListServices({ client: ecs }, { cluster }))
        for (const arn of await ours(ecs, serviceArns))
          left.push({ arn, remove: () => ecs.deleteService({ cluster, service: arn, force: true }) });
  for await (const { taskDefinitionArns = [] } of paginateListTaskDefinitions({ client: ecs }, { status: 'ACTIVE' }))
    for (const arn of await ours(ecs, taskDefinitionArns))
      left.push({ arn, remove: () => ecs.deregisterTaskDefinition({ taskDefinition: arn }) });
  return left;
}

async function clusters({ ecs }: Account): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client: ecs }, {}))
    for (const arn of await ours(ecs, clusterArns))
      left.push({ arn, remove: () => ecs.deleteCluster({ cluster: arn }) });
  return left;
}

/** A zone is told by its name and its reference, for it gets its tag only after it was made. It goes with its records. */
async function hostedZones({ route53 }: Account): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for await (const { HostedZones = [] } of paginateListHostedZones({ client: route53 }, {}))
    for (const { Id = '', Name = '', CallerReference = '' } of HostedZones)
      if (Name.startsWith(namePrefix) && CallerReference.startsWith(tagKey))
        left.push({
          arn: `arn:aws:route53::${Id.replace('/hostedzone/', ':hostedzone/')}`,
          remove: () => removeZone(route53, Id),
        });
  return left;
}

async function removeZone(route53: Account['route53'], HostedZoneId: string): Promise<void> {
  const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId });
  const own = ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA');
  const Changes = own.map((ResourceRecordSet) => ({ Action: 'DELETE' as const, ResourceRecordSet }));
  if (Changes.length > 0) await route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
  await route53.deleteHostedZone({ Id: HostedZoneId });
}

/** Those that bear the name and the tag. */
async function ours(ecs: Account['ecs'], arns: readonly string[]): Promise<string[]> {
  const tagged: string[] = [];
  for (const arn of arns.filter((one) => one.includes(`/${namePrefix}`))) {
    const { tags = [] } = await ecs.listTagsForResource({ resourceArn: arn });
    if (tags.some(({ key }) => key === tagKey)) tagged.push(arn);
  }
  return tagged;
}

async function elbLeftovers({ elb }: Account): Promise<Leftover[]> {
  const found: Leftover[] = [];
  // A load balancer's listeners and rules go with it.
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: elb }, {}))
    for (const { LoadBalancerArn = '' } of LoadBalancers)
      found.push({ arn: LoadBalancerArn, remove: () => elb.deleteLoadBalancer({ LoadBalancerArn }) });
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: elb }, {}))
    for (const { TargetGroupArn = '' } of TargetGroups)
      found.push({ arn: TargetGroupArn, remove: () => elb.deleteTargetGroup({ TargetGroupArn }) });
  const named = found.filter(({ arn }) => arn.includes(`/${namePrefix}`));
  const tagged = new Set<string>();
  for (let from = 0; from < named.length; from += 20) {
    const ResourceArns = named.slice(from, from + 20).map(({ arn }) => arn);
    const { TagDescriptions = [] } = await elb.describeTags({ ResourceArns });
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions)
      if (Tags.some(({ Key }) => Key === tagKey)) tagged.add(ResourceArn);
  }
  return named.filter(({ arn }) => tagged.has(arn));
}
