/**
 * Reads what another tool put behind an application, and marks, takes over or deletes its rules. The rules are another tool's
 * until the deployment that adopts them has come to its end: until then they only bear marks.
 */
import { paginateListServices, DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { AddTagsCommand, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import { findForeignRoute, type Adoption } from '../../../planning/adoption/adoption';
import { hostsOf, publicPaths } from '../../../planning/routing/live-and-test-routes';
import { sameRule } from '../../../planning/routing/listener-rules';
import { applicationTags, elbTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import type { ForeignRoute, ObservedForeign } from '../../../planning/observed/observed';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { deleteRule, describeRules, inTagCalls } from '../elb/listener-rules';
import { observeService } from '../ecs/services';
import { describeAttributes } from '../elb/target-groups';
import { describeTaskDefinition } from '../ecs/task-definitions';

/** What another tool made, where its rules catch the modules; `undefined` where there is nothing of the kind. */
export async function observeForeign(
  clients: AwsClients,
  application: ApplicationIdentity,
  zone: ZoneSettings,
  live: ObservedListener,
  modules: readonly string[],
  paths: Readonly<Record<string, string>>,
): Promise<ObservedForeign | undefined> {
  const route = findForeignRoute(application, live, publicPaths(modules, paths), hostsOf(zone));
  if (!route) return undefined;
  const name = await serviceBehind(clients, zone.cluster, route);
  const service = name === undefined ? null : await observeService(clients.ecs, zone.cluster, name);
  const targetGroupArn =
    'targetGroupArn' in route.behind ? route.behind.targetGroupArn : (service?.targetGroupArns[0] ?? null);
  const image = service && (await imageOf(clients, zone, service.taskDefinitionArn));
  return {
    route,
    service: service && { ...service, image },
    targetGroupArn,
    attributes: targetGroupArn === null ? {} : await describeAttributes(clients.elb, targetGroupArn),
  };
}

async function serviceBehind(
  { ecs }: AwsClients,
  cluster: string,
  { behind }: ForeignRoute,
): Promise<string | undefined> {
  if ('service' in behind) return behind.service;
  // DescribeServices takes ten a call.
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs, pageSize: 10 }, { cluster })) {
    if (serviceArns.length === 0) continue;
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    const found = services.find((service) => uses(service, behind.targetGroupArn));
    if (found) return found.serviceName;
  }
  return undefined;
}

const uses = ({ loadBalancers = [], status }: Service, targetGroupArn: string) =>
  status === 'ACTIVE' && loadBalancers.some((entry) => entry.targetGroupArn === targetGroupArn);

/** Of the zone's container, else of the first one. */
async function imageOf(clients: AwsClients, { container }: ZoneSettings, reference: string): Promise<string | null> {
  const { containerDefinitions = [] } = (await describeTaskDefinition(clients.ecs, reference)) ?? {};
  const own = containerDefinitions.find(({ name }) => name === container.name) ?? containerDefinitions[0];
  return own?.image ?? null;
}

/** Effect: one AddTags for each 20 rules. Idempotent. A rule that is gone meanwhile fails the cut, not the mark. */
export async function markRules(elb: AwsClients['elb'], { rules, marks }: Adoption): Promise<void> {
  const Tags = elbTags(marks);
  for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
    await unless('RuleNotFound', undefined, elb.send(new AddTagsCommand({ ResourceArns, Tags })));
}

/** Effect: one RemoveTags for each 20 rules. Idempotent. */
export async function unmarkRules(elb: AwsClients['elb'], { rules, marks }: Adoption): Promise<void> {
  for (const ResourceArns of inTagCalls(rules.map(({ arn }) => arn)))
    await unless(
      'RuleNotFound',
      undefined,
      elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: Object.keys(marks) })),
    );
}

/**
 * The rules that the cut changed become the application's own, and those that it needs no more go.
 * Effect: two calls for each rule that is taken over, one DeleteRule for each other. Idempotent.
 * Errors: `RouteChangedByOthers` for a rule that is to go and isn't as it was found.
 */
export async function settleAdoption(
  elb: AwsClients['elb'],
  listenerArn: string,
  application: ApplicationIdentity,
  { rules }: Adoption,
): Promise<{ readonly deleted: number }> {
  for (const { arn, ruleIndex } of rules) {
    if (ruleIndex === null) continue;
    const tags = { ...applicationTags(application), [tagKeys.route]: 'live', [tagKeys.rule]: String(ruleIndex) };
    await elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags: elbTags(tags) }));
    await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: [tagKeys.adopted] }));
  }
  const now = await describeRules(elb, listenerArn);
  let deleted = 0;
  for (const { arn, priority, found, ruleIndex } of rules) {
    const rule = now.find((one) => one.arn === arn);
    if (ruleIndex !== null || !rule) continue;
    if (!sameRule(rule, found))
      throw ApplicationFailure.nonRetryable(
        `Listener rule ${arn} (priority ${priority}) was to go with what was adopted, and somebody else changed it: put it back as it was or delete it, then retry.`,
        'RouteChangedByOthers',
      );
    await unless('RuleNotFound', undefined, deleteRule(elb, arn));
    deleted += 1;
  }
  return { deleted };
}
