/** What a deployment would do, in its order. */
import type { TaskDefinition as AwsTaskDefinition } from '@aws-sdk/client-ecs';
import type { Adoption } from '../adoption/adoption';
import type { DeploymentPlan, ThroughListener } from '../plans/deployment';
import { unservedSentence, type UnservedSubnet } from '../findings/availability-zones';
import { scaling } from './scaling';
import { deploymentBudgets, type LoadBalancerUse } from './budgets';
import { differences } from './differences';
import type { Change, DeploymentPreview } from './preview';
import { formatConditions, routeChanges } from './rules';
import { stickyShares } from './sticky-shares';
import { settingsChanges, withPlaces, type PlaceOf, type SettingsChanges } from './settings';
import { taskDefinitionChanges } from './task-definition';
import { settingsOfPlan } from '../plans/target-group';
import { namesOfDetection } from '../twin/failure-detection';
import { fixedDifferences } from '../twin/fixed';
import { sameRule } from '../routing/listener-rules';
import { formatDuration } from '../../settings/durations';
import { targetGroupName } from '../names';
import { formatTagChanges } from '../tags';
import type { PlannableApplication } from '../observed/observed';

/** What a preview needs to know beside the plan. */
export interface PreviewFacts {
  readonly observed: Pick<PlannableApplication, 'slots' | 'foreign' | 'others' | 'ports'>;
  /** Blue's, as registered. */
  readonly blueTaskDefinition: AwsTaskDefinition | undefined;
  /** Where a setting of the zone is written, as `cutover.yaml:12`. Default: that isn't known. */
  readonly placeOf?: PlaceOf | undefined;
  /** By the zone's listeners, in their order. */
  readonly loadBalancers: readonly LoadBalancerUse[];
  /** Subnets of green's tasks in zones where a load balancer isn't enabled. Default: none. */
  readonly unserved?: readonly UnservedSubnet[];
}

export function previewDeployment(plan: DeploymentPlan, facts: PreviewFacts): DeploymentPreview {
  const changed = taskDefinitionChanges(plan.taskDefinition, facts.blueTaskDefinition, facts.placeOf);
  const settings = settingsChanges(plan, facts);
  const { alsoThrough = [] } = plan;
  const others = alsoThrough.map((own, at) => {
    const { others: beside = [], ports = [] } = facts.observed;
    const through = own.port === undefined ? beside[at] : ports.find(({ id }) => id === own.port);
    const seen = { ...facts, observed: through ?? { slots: [] } };
    return { plan: { ...plan, ...own }, seen, settings: settingsChanges(own, seen) };
  });
  const each = [plan, ...others.map((other) => other.plan)];
  const leftBehind = [plan, ...alsoThrough].flatMap((own) => own.leftBehind ?? []);
  const unseen = [plan, ...alsoThrough].flatMap(({ unseenRequests = [] }) => unseenRequests);
  const rolls = plan.options.strategy === 'rollingUpdate';
  const changes = [
    ...taskDefinition(plan, changed),
    ...targetGroup(plan, facts, settings.targetGroup),
    ...routeChanges(plan, plan.testRoute),
    ...others.flatMap(({ plan: other, seen, settings: own }) => [
      ...targetGroup(other, seen, own.targetGroup),
      ...routeChanges(other, other.testRoute),
    ]),
    ...service(plan, facts, settings.service),
    ...scaling(plan),
    ...(rolls ? roll(plan) : each.flatMap((one) => routeChanges(one, one.liveRoute, facts.placeOf))),
    ...(rolls ? [] : [...blue(plan), ...others.flatMap(({ plan: other }) => adoptedGroup(other)), ...leftovers(plan)]),
    ...each.flatMap(testRouteRemoval),
    ...tags(plan),
  ];
  return {
    zone: plan.application.zone,
    application: plan.application.name,
    image: plan.release.image,
    modules: plan.release.modules,
    live: plan.live,
    upToDate:
      plan.blue.kind === 'slot' &&
      isSame(changed, [settings, ...others.map((other) => other.settings)]) &&
      each.every(liveRulesStay) &&
      !plan.outdatedTags,
    note: notesOf(plan, facts),
    changes,
    stopsCatching: each.flatMap(({ adoption }) => adoption?.stopsCatching ?? []),
    ...(unseen.length > 0 && { unseenRequests: unseen }),
    ...(leftBehind.length > 0 && { leftBehind }),
    ...(plan.approvals && { approvals: plan.approvals.says }),
    ...(plan.gates && { gates: plan.gates }),
    budgets: deploymentBudgets(plan, facts.loadBalancers),
  };
}

function notesOf(plan: DeploymentPlan, { unserved = [] }: PreviewFacts): string | null {
  const { forgotten, unkept, behindLogin, alsoThrough = [] } = plan;
  const ports = alsoThrough.flatMap(({ port }) => port ?? []);
  const balancers = alsoThrough.length - ports.length + 1;
  const calls = `The cut is one burst of calls to ${balancers} load balancers, and not one instant: for a moment one may lead to green and the other to blue.`;
  const says = [behindLogin?.says, ...alsoThrough.map((own) => own.behindLogin?.says)];
  const notes = [
    ...(balancers > 1 ? [calls] : []),
    ...(ports.length > 0 ? [formatPorts(ports)] : []),
    forgotten,
    unkept,
    stickyShares(plan),
    ...says,
    ...unserved.map(unservedSentence),
  ];
  return notes.filter((note) => note !== undefined).join(' ') || null;
}

const formatPorts = (ports: readonly string[]) =>
  `The rules that lead to ${ports.join(' and ')} move in the same burst: nothing is asked for there, so its proof is that every replica is healthy in its target group, and that the rules are read back.`;

const isSame = (changed: readonly string[], throughEach: readonly SettingsChanges[]) =>
  [...changed, ...throughEach.flatMap((one) => [...one.service, ...one.targetGroup])].length === 0;

/** Replicas that were kept warm run with their own. */
function taskDefinition(
  { warm, release, taskDefinition: planned }: DeploymentPlan,
  changed: readonly string[],
): Change[] {
  if (warm) return [];
  const details = [
    `image ${release.reference}`,
    ...changed.filter((line) => !line.includes(release.image) && !line.includes(release.reference)),
  ];
  return [{ action: 'create', what: 'task definition', name: planned.family, details }];
}

/** @param changed how it differs from blue's */
function targetGroup(
  { green }: DeploymentPlan,
  { observed, placeOf }: PreviewFacts,
  changed: readonly string[],
): Change[] {
  const { name, protocol, port, healthCheck, replaces } = green.targetGroup;
  const found = observed.slots.find(({ slot }) => slot === green.slot);
  const details = [
    `${protocol} to port ${port}, health check ${healthCheck.path} every ${healthCheck.intervalSeconds} s`,
    ...changed,
  ];
  if (found?.targetGroupArn == null) return [{ action: 'create', what: 'target group', name, details }];
  if (replaces !== undefined) {
    const why = `- made anew, for AWS changes none of it: ${found.fixed ? withPlaces(fixedDifferences(green.targetGroup, found.fixed), placeOf).join(', ') : ''}`;
    return [{ action: 'change', what: 'target group', name, details: [why, ...details] }];
  }
  const own = differences(settingsOfPlan(green.targetGroup), { ...found.healthCheck, ...found.attributes });
  return own.length === 0 ? [] : [{ action: 'change', what: 'target group', name, details: withPlaces(own, placeOf) }];
}

/** @param changed how it differs from blue */
function service(plan: DeploymentPlan, { observed }: PreviewFacts, changed: readonly string[]): Change[] {
  const { green, release, warm } = plan;
  const { name, desiredCount } = green.service;
  const found = observed.slots.find(({ slot }) => slot === green.slot)?.service;
  if (warm && found?.desiredCount === desiredCount) return [];
  const count = `${found?.desiredCount ?? 0} → ${desiredCount} tasks of ${release.image} (slot ${green.slot})`;
  return [
    {
      action: found ? 'change' : 'create',
      what: 'service',
      name,
      details: [
        count,
        ...changed,
        ...(plan.options.strategy === 'rollingUpdate' ? [] : detection(plan)),
        ...registries(green),
      ],
    },
  ];
}

/** What ECS would judge this deployment by: cutover judges it itself. */
const detection = ({ failureDetection: planned }: DeploymentPlan): string[] =>
  planned ? [`${namesOfDetection(planned).join(' and ')} as now, once this deployment is over`] : [];

/** Who looks a service up in Cloud Map finds its twin as soon as that starts: no rule is in between. */
const registries = ({ service: { settings } }: DeploymentPlan['green']): string[] =>
  (settings.serviceRegistries ?? []).map(
    ({ registryArn }) => `in Cloud Map service ${registryArn} from its start, beside blue`,
  );

function leftovers({ leftovers: left = [] }: DeploymentPlan): Change[] {
  const details = ['→ 0 tasks, once the bake is over: an earlier run left them'];
  return left.map(({ service: name }) => ({ action: 'change', what: 'service', name, details }));
}

function blue(plan: DeploymentPlan): Change[] {
  const { blue: now, adoption, options } = plan;
  if (now.kind === 'platformServer') return [];
  const whose = now.kind === 'adopted' ? ', which another tool made' : '';
  const warm = options.keepWarm > 0 ? ` and they were kept warm for ${formatDuration(options.keepWarm)}` : '';
  const details = [`${now.desiredCount} → 0 tasks, once the bake is over${warm}${whose}`];
  return [{ action: 'change', what: 'service', name: now.service, details }, ...(adoption ? leaving(adoption) : [])];
}

const asAsked = ['once the bake is over, as --delete-adopted asks'];

const deletedGroup = ({ targetGroupArn }: Adoption): Change => ({
  action: 'delete',
  what: 'target group',
  name: targetGroupName(targetGroupArn),
  details: asAsked,
});

/** Rules of another tool that the cut makes needless, and what else goes with them. */
function leaving(adoption: Adoption): Change[] {
  const { rules, service: name, deleted } = adoption;
  const needless = rules.filter(({ ruleIndex }) => ruleIndex === null);
  return [
    ...needless.map(({ priority, found }): Change => {
      const patterns = formatConditions(found).map((pattern) => `- ${pattern}`);
      return { action: 'delete', what: 'listener rule', name: `priority ${priority}`, details: patterns };
    }),
    ...(deleted
      ? [{ action: 'delete', what: 'service', name, details: asAsked } as const, deletedGroup(adoption)]
      : []),
  ];
}

/** The target group of another port, which goes with what was adopted. */
const adoptedGroup = ({ adoption, port }: DeploymentPlan & Pick<ThroughListener, 'port'>): Change[] =>
  port !== undefined && adoption?.deleted ? [deletedGroup(adoption)] : [];

/** A rolling update leaves the live rules and the live service where they are; what it started beside them goes again. */
function roll(plan: DeploymentPlan): Change[] {
  const { blue: now, green, release, options } = plan;
  if (now.kind === 'platformServer') return [];
  const bounds = `from ${options.minimumHealthyPercent} % healthy to ${options.maximumPercent} % in all`;
  const details = [
    `${now.release?.image ?? 'an unknown image'} → ${release.image}, replica by replica, ${bounds}`,
    ...detection(plan),
  ];
  return [
    { action: 'change', what: 'service', name: now.service, details },
    { action: 'change', what: 'service', name: green.service.name, details: ['the pilot → 0 tasks'] },
  ];
}

/** On what exists already; all else has them from its creation. */
const tags = ({ outdatedTags }: DeploymentPlan): Change[] =>
  (outdatedTags?.resources ?? []).map(({ what, name, changes }) => ({
    action: 'change',
    what,
    name,
    details: formatTagChanges(changes),
  }));

function testRouteRemoval(plan: DeploymentPlan): Change[] {
  const { testRoute } = plan;
  const going = testRoute.rules.filter(({ after }) => after !== null);
  const name = `priority ${going.map(({ priority }) => priority).join(', ')}`;
  const details = [plan.options.keepWarm > 0 ? 'with what it keeps warm' : 'at the end, as after every deployment'];
  return going.length === 0 ? [] : [{ action: 'delete', what: 'test listener rule', name, details }];
}

const liveRulesStay = ({ liveRoute }: DeploymentPlan) =>
  liveRoute.rules.every(({ found, after }) => found && after && sameRule(found, { ...after, forward: found.forward }));
