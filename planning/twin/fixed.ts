/**
 * What can't be changed of a target group: where the settings want it otherwise, the idle slot's is made anew.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
 */
import type { Slot } from '../names';
import type { FixedTargetGroup, Observed } from '../observed/observed';
import type { TargetGroupPlan } from '../plans/target-group';
import { Refusal } from '../refusal';
import type { ListenerRule } from '../routing/listener-rules';

/**
 * What is to go first, where the slot's target group can't be made what is planned.
 * @throws {Refusal} when a rule still leads to it
 */
export function replacing(
  plan: TargetGroupPlan,
  {
    slots,
    liveListener,
    testListener,
    elsewhere,
  }: Pick<Observed, 'slots' | 'liveListener' | 'testListener' | 'elsewhere'>,
  slot: Slot,
): Pick<TargetGroupPlan, 'replaces'> {
  const { targetGroupArn = null, fixed } = slots.find((one) => one.slot === slot) ?? {};
  const differs = fixed ? fixedDifferences(plan, fixed) : [];
  if (targetGroupArn === null || differs.length === 0) return {};
  const rules = [...liveListener.rules, ...testListener.rules, ...elsewhere];
  const user = rules.find(({ forward }) => forward.some((one) => one.targetGroupArn === targetGroupArn));
  if (user) throw inUse(plan.name, targetGroupArn, differs, user);
  return { replaces: targetGroupArn };
}

/** How a target group is otherwise than planned in what can't be changed, `name: is → wanted` each. */
export function fixedDifferences(plan: TargetGroupPlan, is: FixedTargetGroup): string[] {
  const wanted: Partial<FixedTargetGroup> = {
    protocol: plan.protocol,
    port: plan.port,
    targetType: plan.targetType,
    ...(plan.vpcId !== undefined && { vpcId: plan.vpcId }),
    ...(plan.protocolVersion !== undefined && { protocolVersion: plan.protocolVersion }),
    ...(plan.ipAddressType !== undefined && { ipAddressType: plan.ipAddressType }),
    ...(plan.targetControlPort !== undefined && { targetControlPort: plan.targetControlPort }),
  };
  return Object.entries(wanted).flatMap(([name, value]) => {
    const there = is[name as keyof FixedTargetGroup];
    return there === value ? [] : [`${name}: ${there} → ${value}`];
  });
}

function inUse(name: string, arn: string, differs: readonly string[], { arn: rule, priority }: ListenerRule): Refusal {
  const what = `Target group ${name} must be made anew (${differs.join(', ')}), for AWS changes none of that`;
  const next = `wait until what it belongs to is over, or delete both with "aws elbv2 delete-rule --rule-arn ${rule}" and "aws elbv2 delete-target-group --target-group-arn ${arn}"`;
  return new Refusal(`${what}, and listener rule ${rule} (priority ${priority}) still leads to it: ${next}.`);
}
