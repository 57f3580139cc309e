/** What a removal would do, in its order; and the preview of a configuration update that would do nothing. */
import { targetGroupName, type ApplicationIdentity } from '../names';
import type { Serving } from '../observed/blue';
import type { FoundSlot, PlannableApplication } from '../observed/observed';
import { budgets, type LoadBalancerUse } from './budgets';
import { nameThrough } from '../listeners/others';
import type { Budget, Change, DeploymentPreview } from './preview';
import { formatConditions } from './rules';
import type { RemovalPlan } from '../plans/removal';
import type { PlannedRule } from '../routing/rule-set';

export function previewRemoval(
  plan: RemovalPlan,
  { slots, others = [] }: Pick<PlannableApplication, 'slots' | 'others'>,
  uses: readonly LoadBalancerUse[],
): DeploymentPreview {
  const { application, live, paths, alsoThrough = [] } = plan;
  const each = [plan, ...alsoThrough.map((own) => ({ ...plan, ...own }))];
  // The services are the same through every listener.
  const left = [...slots, ...others.flatMap((other) => other.slots.map((slot) => ({ ...slot, service: null })))];
  return {
    zone: application.zone,
    application: application.name,
    image: live.image,
    modules: paths.map((path) => path.slice(1)),
    live,
    upToDate: plan.nothing,
    note: plan.nothing ? `Nothing of ${application.name} is in containers.` : whatThePlatformServerSays(plan),
    changes: plan.nothing ? [] : [...each.flatMap(testRoute), ...each.flatMap(liveRules), ...left.flatMap(slotChanges)],
    stopsCatching: [],
    ...(plan.approvals && { approvals: plan.approvals.says }),
    budgets: each.flatMap((one) => budgetsThrough(one, uses)),
  };
}

/** Its listener may be any of the zone's: one that nothing is left behind is no part of the plan. */
function budgetsThrough(
  { testRoute: { rules, listenerArn } }: RemovalPlan,
  uses: readonly LoadBalancerUse[],
): Budget[] {
  const use = uses.find(({ name }) => name === nameThrough({ listener: listenerArn })) ?? uses[0];
  const newRules = rules.filter(({ found, after }) => found === null && after !== null).length;
  const needsGroup = newRules > 0 ? 1 : 0;
  return use ? budgets(use, { rules: use.rules + newRules, targetGroups: Math.max(use.targetGroups, needsGroup) }) : [];
}

const whatThePlatformServerSays = ({ options: { removal } }: RemovalPlan) =>
  `Only once the Platform Server answers for every module, or says of every one for as long as removeAfter that there is none${removal === 'ask' ? ' and a person approves' : ''}, do rules, tasks, services and target groups go:`;

/** It leads to the Platform Server while that is asked, and goes at the end. */
function testRoute({ testRoute: { rules } }: RemovalPlan): Change[] {
  const wanted = rules.filter(({ after }) => after !== null);
  const name = `priority ${wanted.map(({ priority }) => priority).join(', ')}`;
  const details = wanted.flatMap(({ after }) => (after ? formatConditions(after) : []));
  if (wanted.length === 0) return [];
  return [
    { action: 'create', what: 'test listener rule', name, details: details.map((line) => `+ ${line}`) },
    { action: 'delete', what: 'test listener rule', name, details: ['at the end'] },
  ];
}

const liveRules = ({ liveRoute }: RemovalPlan): Change[] =>
  liveRoute.rules.flatMap(({ found, priority }: PlannedRule) =>
    found === null
      ? []
      : [
          {
            action: 'delete',
            what: 'listener rule',
            name: `priority ${priority}`,
            details: formatConditions(found).map((line) => `- ${line}`),
          },
        ],
  );

function slotChanges({ service, targetGroupArn }: FoundSlot): Change[] {
  return [
    ...(service === null
      ? []
      : [
          {
            action: 'delete' as const,
            what: 'service',
            name: service.name,
            details: [`${service.desiredCount} → 0 tasks, drained first`],
          },
        ]),
    ...(targetGroupArn === null
      ? []
      : [{ action: 'delete' as const, what: 'target group', name: targetGroupName(targetGroupArn), details: [] }]),
  ];
}

/** The same would be put in place again: nothing is. */
export const previewUnchanged = (
  { zone, name }: ApplicationIdentity,
  {
    note,
    live,
    release,
  }: {
    readonly note: string;
    readonly live: Serving;
    readonly release: { readonly image: string; readonly modules: readonly string[] };
  },
): DeploymentPreview => ({
  zone,
  application: name,
  image: release.image,
  modules: release.modules,
  live,
  upToDate: true,
  note,
  changes: [],
  stopsCatching: [],
  budgets: [],
});
