/**
 * The plan of a blue-green deployment: every decision, made once, from what AWS said and what was asked. It is recorded in the
 * workflow's history, where an operator can read it; nothing is decided again later.
 */
import type { ResolvedRunbookOptions } from '../settings/runbook';
import type { ZoneSettings } from '../settings/schema';
import { moduleName } from '../settings/schema';
import type { ListenerRule, RuleCondition } from './listener-rules';
import { describeServing, planAdoption, type Adoption } from './adoption';
import { liveOf, recordedName, refuseForeignRules, type Blue, type Live } from './live';
import { applicationTags, slotNames, type ApplicationIdentity, type Slot } from './names';
import type { Observed, ObservedListener, ObservedSlot, ServiceSettings } from './observed';
import { Refusal } from './refusal';
import type { Release, ReleaseRecord } from './release';
import { planRoute, type RoutePlan } from './route';
import { refuseUnsuitable } from './suitability';
import { planTaskDefinition, repeatTaskDefinition, type TaskDefinition } from './task-definitions';

/** A role that the worker takes on, where a zone is in another account; its ARN may be of any partition. */
export interface AssumedRole {
  readonly arn: string;
  readonly externalId?: string | undefined;
}

/** Whose AWS it is: a region, and the role to call it with. */
export interface AwsPlace {
  readonly region: string;
  readonly role?: AssumedRole | undefined;
}

/** Where a plan's writes go, and which run may make them: after a Reset in the Temporal UI another run must not. */
export interface Site extends AwsPlace {
  readonly cluster: string;
  readonly runId: string;
}

export const siteOf = ({ region, role, cluster }: ZoneSettings, runId: string): Site => ({
  region,
  ...(role && { role }),
  cluster,
  runId,
});

export interface TargetGroupPlan {
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly targetType: 'ip' | 'instance';
  readonly vpcId?: string;
  readonly healthCheck: {
    readonly path: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
    readonly matcher: string;
  };
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ServicePlan {
  readonly name: string;
  readonly desiredCount: number;
  readonly container: { readonly name: string; readonly port: number };
  readonly settings: ServiceSettings;
  readonly tags: Readonly<Record<string, string>>;
}

/** How a route is reached over HTTP: every address of the load balancer's name, with the zone's Host. */
export interface RouteAddress {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly dnsName: string;
  readonly port: number;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Green {
  readonly slot: Slot;
  readonly service: ServicePlan;
  readonly targetGroup: TargetGroupPlan;
}

export interface DeploymentPlan {
  readonly site: Site;
  readonly application: ApplicationIdentity;
  readonly options: ResolvedRunbookOptions;
  readonly release: Release;
  readonly taskDefinition: TaskDefinition;
  readonly blue: Blue;
  /** What another tool made and this deployment takes over; `null` where there is nothing of the kind. */
  readonly adoption: Adoption | null;
  /** Green's replicas run already, kept from when they were blue; `null` where they are to be started. */
  readonly warm: WarmRelease | null;
  /** Blue, as people see it. */
  readonly live: Live;
  readonly green: Green;
  readonly liveRoute: RoutePlan;
  readonly testRoute: RoutePlan;
  readonly liveAddress: RouteAddress;
  readonly testAddress: RouteAddress;
  /** Where each module is asked for, e.g. `/Orders`. */
  readonly paths: readonly string[];
  readonly startTimeoutMs: number;
  /** What the rules' tags call the application until the deployment is done, where that is another name. */
  readonly renamedFrom?: string;
  /** What bears the earlier name, and goes once the deployment is done. */
  readonly outgrown?: readonly { readonly service: string | null; readonly targetGroupArn: string | null }[];
}

/** A release that is brought back as it was. */
export interface WarmRelease {
  readonly taskDefinitionArn: string;
  /** The ARN of the task definition that serves until then. */
  readonly previous: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

export interface PlanRequest {
  readonly runId: string;
  readonly application: ApplicationIdentity;
  readonly options: ResolvedRunbookOptions;
  readonly zone: ZoneSettings;
  /** Replicas of an application that comes from the Platform Server. */
  readonly desiredCount: number;
  /** Modules that are published under another path than their own name. */
  readonly paths: Readonly<Record<string, string>>;
  /** Modules of other applications, with their application's name. */
  readonly others?: Readonly<Record<string, string>>;
  /** What the release's record is to say beside the run. */
  readonly record: Pick<ReleaseRecord, 'strategy' | 'by' | 'reason'>;
}

/** @throws {Refusal} when something stands in the way; nothing has been touched then. */
export const planBlueGreen = (request: PlanRequest, observed: Observed): DeploymentPlan =>
  planBeside({ ...request, options: { ...request.options, strategy: 'blueGreen' } }, observed);

/** What starts beside blue: all of green, or a pilot. @throws {Refusal} as above */
export function planBeside(request: PlanRequest, observed: Observed): DeploymentPlan {
  const { application, options, zone, runId } = request;
  const { release, live, slots } = observed;
  refuseUnroutable(release.modules, zone);
  const paths = publicPaths(release.modules, request.paths);
  const { foreign } = observed;
  const hosts = hostsOf(zone);
  const adopted = foreign?.route.rules ?? [];
  refuseForeignRules(
    application,
    live,
    paths,
    hosts,
    adopted.map(({ arn }) => arn),
  );
  const blue = describeServing(application, live, slots, foreign);
  refuseUnsuitable(request, observed, blue);
  const green = planGreen(request, observed, blue);
  refuseShares(options, green.targetGroup, blue, release);
  const previous = blue.kind === 'platformServer' ? null : blue.taskDefinitionArn;
  const record = { ...request.record, runId, previous };
  const renamedFrom = recordedName(application, live.rules);
  const routes = planRoutes(request, observed, {
    live: release.modules,
    test: release.modules,
    sticky: green.targetGroup.attributes['stickiness.enabled'] === 'true',
    blueTargetGroupArn: blue.kind === 'platformServer' ? null : blue.targetGroupArn,
    adopted,
  });
  const asked = { paths, hosts, deleteAdopted: options.deleteAdopted, others: request.others ?? {} };
  return {
    site: siteOf(zone, runId),
    application,
    options,
    release,
    taskDefinition: observed.earlier
      ? repeatTaskDefinition(application, release, observed.earlier, record)
      : planTaskDefinition(application, release, zone, record),
    blue,
    warm: warmRelease(green, observed, record),
    adoption: foreign ? planAdoption(application, { live, foreign }, routes.liveRoute.rules, asked) : null,
    live: liveOf(blue),
    green,
    ...routes,
    paths,
    startTimeoutMs: zone.startTimeout,
    ...(renamedFrom !== undefined && { renamedFrom, outgrown: outgrownBy(application, slots) }),
  };
}

/** Only what still runs exactly what is wanted counts as kept. */
function warmRelease(
  { slot }: Green,
  { slots, earlier }: Observed,
  { previous, by, reason }: Pick<ReleaseRecord, 'previous' | 'by' | 'reason'>,
): WarmRelease | null {
  const kept = slots.find((one) => one.slot === slot)?.service;
  if (!kept || kept.desiredCount === 0 || kept.taskDefinitionArn !== earlier?.taskDefinitionArn) return null;
  return { taskDefinitionArn: kept.taskDefinitionArn, previous, by, reason };
}

/** The slots that bear an earlier name of the application. */
const outgrownBy = (application: ApplicationIdentity, slots: readonly ObservedSlot[]) =>
  slots
    .filter(({ slot, service }) => service !== null && service.name !== slotNames(application, slot).service)
    .map(({ service, targetGroupArn }) => ({ service: service?.name ?? null, targetGroupArn }));

/** Where each module is asked for, e.g. `/Orders`. */
export const publicPaths = (modules: readonly string[], paths: Readonly<Record<string, string>>) =>
  modules.map((module) => paths[module] ?? `/${module}`);

/** The hosts that requests for the zone bear. */
export const hostsOf = (zone: ZoneSettings) => (zone.hosts.length > 0 ? zone.hosts : [new URL(zone.address).host]);

function refuseUnroutable(modules: readonly string[], zone: ZoneSettings): void {
  if (modules.length === 0) throw new Refusal('The image holds no module: rebuild it from a bundle with modules.');
  const bad = modules.find((module) => !moduleName.safeParse(module).success);
  if (bad !== undefined)
    throw new Refusal(`Module ${JSON.stringify(bad)} has a name that a listener rule can't carry.`);
  if (zone.pathMatching === 'wildcard' && zone.hosts.length > (zone.testListener ? 3 : 2))
    throw new Refusal(
      'With pathMatching "wildcard" and a test header a rule has room for two hosts: name fewer hosts.',
    );
}

/** Sharing traffic asks more of a zone than cutting it. */
function refuseShares(
  { shift }: ResolvedRunbookOptions,
  { attributes }: TargetGroupPlan,
  blue: Blue,
  release: Release,
): void {
  if (shift.length === 1) return;
  if (attributes['stickiness.enabled'] === 'true')
    throw new Refusal(
      'Sticky sessions keep clients on blue whatever the weights say: leave "shift" out, so that all traffic is cut at once, or turn stickiness off.',
    );
  if (blue.targetGroupArn === null)
    throw new Refusal(
      "The listener's default rule doesn't forward to a target group, so blue can't have a share: leave \"shift\" out.",
    );
  const had = blue.kind === 'slot' ? (blue.release?.modules ?? []) : [];
  const dropped = had.filter((module) => !release.modules.includes(module));
  if (dropped.length > 0)
    throw new Refusal(
      `The image drops ${dropped.join(', ')}, which green would answer with 404 while traffic is shared: leave "shift" out, so that all modules change at once.`,
    );
}

function planGreen({ application, zone, desiredCount }: PlanRequest, observed: Observed, blue: Blue): Green {
  const { slot, twin } = greenSlot(blue, observed);
  const names = slotNames(application, slot);
  const tags = applicationTags(application);
  return {
    slot,
    service: {
      name: names.service,
      desiredCount: blue.kind === 'platformServer' ? desiredCount : Math.max(1, blue.desiredCount),
      container: { name: zone.container.name, port: zone.container.port },
      settings: twin?.service?.settings ?? serviceSettings(zone),
      tags,
    },
    targetGroup: planTargetGroup(names.targetGroup, observed.release.modules, zone, twin?.attributes ?? {}, tags),
  };
}

/** Green takes the slot that doesn't serve; blue's slot is the one it is a twin of. */
function greenSlot(
  blue: Blue,
  { slots, foreign }: Observed,
): { slot: Slot; twin?: Pick<ObservedSlot, 'service' | 'attributes'> } {
  if (blue.kind === 'platformServer') return { slot: 'a' };
  if (blue.kind === 'adopted') return { slot: 'a', ...(foreign && { twin: foreign }) };
  const twin = slots.find(({ slot }) => slot === blue.slot);
  return { slot: blue.slot === 'a' ? 'b' : 'a', ...(twin && { twin }) };
}

function serviceSettings({ service, network }: ZoneSettings): ServiceSettings {
  return {
    launchType: service.launchType,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriod / 1000,
    deploymentConfiguration: {
      minimumHealthyPercent: service.minimumHealthyPercent,
      maximumPercent: service.maximumPercent,
    },
    ...(network && {
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: network.subnets,
          securityGroups: network.securityGroups,
          assignPublicIp: network.assignPublicIp ? 'ENABLED' : 'DISABLED',
        },
      },
    }),
  };
}

function planTargetGroup(
  name: string,
  modules: readonly string[],
  { targetGroup }: ZoneSettings,
  twinAttributes: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
): TargetGroupPlan {
  const { healthCheck } = targetGroup;
  return {
    name,
    protocol: targetGroup.protocol,
    port: targetGroup.port,
    targetType: targetGroup.targetType,
    ...(targetGroup.vpc !== undefined && { vpcId: targetGroup.vpc }),
    healthCheck: {
      path: healthCheck.path ?? `/${modules[0]}/_ping.aspx`,
      intervalSeconds: healthCheck.interval / 1000,
      timeoutSeconds: healthCheck.timeout / 1000,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
      matcher: healthCheck.matcher,
    },
    attributes: {
      ...twinAttributes,
      'deregistration_delay.timeout_seconds': String(targetGroup.deregistrationDelay / 1000),
      ...targetGroup.attributes,
    },
    tags,
  };
}

interface RoutedModules {
  readonly live: readonly string[];
  readonly test: readonly string[];
  readonly sticky: boolean;
  /** Where a rollback of a live rule leads; `null` when that is the default rule. */
  readonly blueTargetGroupArn: string | null;
  /** Another tool's rules that the live route takes over. */
  readonly adopted?: readonly ListenerRule[];
}

/** The live and the test route, and how each is reached. */
export function planRoutes(
  { application, zone, paths, options }: Pick<PlanRequest, 'application' | 'zone' | 'paths' | 'options'>,
  { live, test }: Pick<Observed, 'live' | 'test'>,
  modules: RoutedModules,
) {
  const hosts: readonly RuleCondition[] =
    zone.hosts.length > 0 ? [{ field: 'host-header', values: zone.hosts, regularExpressions: [] }] : [];
  const header: readonly RuleCondition[] =
    zone.testListener === undefined && zone.testRoute
      ? [
          {
            field: 'http-header',
            header: zone.testRoute.header,
            values: [zone.testRoute.value],
            regularExpressions: [],
          },
        ]
      : [];
  const common = {
    application,
    paths,
    sticky: modules.sticky,
    limits: { pathMatching: zone.pathMatching, caseInsensitive: zone.caseInsensitive },
    priorities: zone.priorities,
    blueTargetGroupArn: modules.blueTargetGroupArn,
  };
  return {
    liveRoute: planRoute({
      ...common,
      kind: 'live',
      modules: modules.live,
      listenerArn: live.arn,
      listenerRules: live.rules,
      conditions: hosts,
      adopted: modules.adopted ?? [],
      shared: options.shift.length > 1,
    }),
    testRoute: planRoute({
      ...common,
      kind: 'test',
      modules: modules.test,
      listenerArn: test.arn,
      listenerRules: test.rules,
      conditions: [...hosts, ...header],
    }),
    liveAddress: routeAddress(live, zone, []),
    testAddress: routeAddress(test, zone, header),
  };
}

function routeAddress(listener: ObservedListener, zone: ZoneSettings, header: readonly RuleCondition[]): RouteAddress {
  return {
    protocol: listener.protocol,
    dnsName: listener.loadBalancerDnsName,
    port: listener.port,
    host: hostsOf(zone)[0]?.replace(/[*?]/g, 'x') ?? '',
    headers: Object.fromEntries(header.map(({ header: name = '', values }) => [name, values[0] ?? ''])),
  };
}
