/** What every operation of ELBv2 uses, and the look-ups that they share. */
import type { AcmState } from '../acm/certificates';
import type { TargetState } from '../load-balancer/configuration';
import type { TaskProfile } from '../conditions';
import { fail } from '../protocol/errors';
import type { Scope } from '../scope';
import type { Elbv2State, Listener, LoadBalancer, Rule, TargetGroup } from './state';

export interface Elbv2 {
  readonly state: Elbv2State;
  readonly scope: Scope;
  /** All of AWS's own times are divided by it. */
  readonly timeScale: number;
  /** How slowly tasks begin to answer; undefined: as they do. */
  readonly profile: TaskProfile | undefined;
  /** Whether regular expressions may begin with `(?i)`. */
  readonly allowInlineFlags: boolean;
  /** The addresses of every load balancer's nodes. */
  readonly addresses: () => readonly string[];
  /** Whether a task has this address, so that targets of it are asked there. */
  readonly isTaskAddress: (address: string) => boolean;
  readonly acm: AcmState;
  readonly now: () => number;
  /** To be called after a change that concerns the load balancer. */
  readonly changed: () => void;
  /** The load balancer's last report on its targets; undefined when it can't be reached. */
  readonly reported: () => readonly TargetState[] | undefined;
}

/** @throws {AwsError} with code `LoadBalancerNotFound` */
export function loadBalancerOf({ state }: Elbv2, arn: string): LoadBalancer {
  return state.loadBalancers[arn] ?? fail('LoadBalancerNotFoundException', `Load balancer '${arn}' not found`);
}

/** @throws {AwsError} with code `ListenerNotFound` */
export function listenerOf({ state }: Elbv2, arn: string): Listener {
  return state.listeners[arn] ?? fail('ListenerNotFoundException', `Listener '${arn}' not found`);
}

/** @throws {AwsError} with code `RuleNotFound` */
export function ruleOf({ state }: Elbv2, arn: string): Rule {
  return state.rules[arn] ?? fail('RuleNotFoundException', `Rule '${arn}' not found`);
}

/** @throws {AwsError} with code `TargetGroupNotFound` */
export function targetGroupOf({ state }: Elbv2, arn: string): TargetGroup {
  return state.targetGroups[arn] ?? fail('TargetGroupNotFoundException', `Target group '${arn}' not found`);
}

/** @throws {AwsError} with code `CertificateNotFound` for the first that doesn't exist */
export function checkCertificates({ acm }: Elbv2, arns: readonly (string | undefined)[]): void {
  const missing = arns.find((arn) => arn === undefined || acm.certificates[arn] === undefined);
  if (missing !== undefined) fail('CertificateNotFoundException', `Certificate '${missing}' not found`);
}

/** @throws {AwsError} with code `ValidationError`, always */
export function invalid(message: string): never {
  return fail('ValidationError', message);
}

/** A listener's rules by ascending priority, with the default rule at the end. */
export function rulesOfListener({ state }: Elbv2, listenerArn: string): Rule[] {
  const order = (rule: Rule): number => (rule.priority === 'default' ? Infinity : rule.priority);
  return Object.values(state.rules)
    .filter((rule) => rule.listenerArn === listenerArn)
    .toSorted((one, other) => order(one) - order(other));
}

export function listenersOfLoadBalancer({ state }: Elbv2, loadBalancerArn: string): Listener[] {
  return Object.values(state.listeners).filter((listener) => listener.loadBalancerArn === loadBalancerArn);
}

/** Of a rule's actions, which are only ever replaced as a whole: every look at every target asks for them. */
const forwarded = new WeakMap<Rule['actions'], readonly string[]>();

/** The ARNs of the target groups to which a rule forwards, those with weight 0 included. */
export function forwardedTo({ actions }: Pick<Rule, 'actions'>): readonly string[] {
  const known = forwarded.get(actions);
  if (known !== undefined) return known;
  const arns = actions
    .flatMap((action) => action.ForwardConfig?.TargetGroups ?? [])
    .map((group) => group.TargetGroupArn ?? '');
  forwarded.set(actions, arns);
  return arns;
}

/** The rules of each state by the target groups to which they forward, until one changes: every look at every target asks. */
const rulesByGroup = new WeakMap<Elbv2State['rules'], ReadonlyMap<string, readonly Rule[]>>();

function rulesTo({ state: { rules } }: Elbv2, targetGroupArn: string): readonly Rule[] {
  const known = rulesByGroup.get(rules);
  if (known !== undefined) return known.get(targetGroupArn) ?? [];
  const found = new Map<string, Rule[]>();
  for (const rule of Object.values(rules)) {
    for (const arn of new Set(forwardedTo(rule))) {
      const others = found.get(arn);
      if (others) others.push(rule);
      else found.set(arn, [rule]);
    }
  }
  rulesByGroup.set(rules, found);
  return found.get(targetGroupArn) ?? [];
}

/** Adds a rule. To which groups rules forward is changed by this and the next two alone. */
export function putRule({ state: { rules } }: Elbv2, rule: Rule): void {
  rules[rule.arn] = rule;
  rulesByGroup.delete(rules);
}

export function replaceActions({ state: { rules } }: Elbv2, rule: Rule, actions: Rule['actions']): void {
  rule.actions = actions;
  rulesByGroup.delete(rules);
}

/** With its tags. */
export function removeRule({ state: { rules, tags } }: Elbv2, arn: string): void {
  delete rules[arn];
  delete tags[arn];
  rulesByGroup.delete(rules);
}

/** Whether any rule forwards to the target group. */
export const isInUse = (elbv2: Elbv2, targetGroupArn: string): boolean => rulesTo(elbv2, targetGroupArn).length > 0;

/** The ARNs of the load balancers with a rule that forwards to the target group. AWS allows one. */
export function loadBalancersOfTargetGroup(elbv2: Elbv2, targetGroupArn: string): string[] {
  const arns = rulesTo(elbv2, targetGroupArn)
    .map((rule) => elbv2.state.listeners[rule.listenerArn]?.loadBalancerArn)
    .filter((arn) => arn !== undefined);
  return [...new Set(arns)];
}

/** A page of a list, and the marker of the next page. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/ */
export function pageOf<Item>(
  items: readonly Item[],
  { PageSize, Marker }: { PageSize?: number | undefined; Marker?: string | undefined },
): { items: Item[]; NextMarker?: string } {
  const size = PageSize ?? 400;
  if (!Number.isInteger(size) || size < 1 || size > 400) invalid(`Page size '${size}' must be between 1 and 400`);
  const start = Marker === undefined ? 0 : Number(Buffer.from(Marker, 'base64').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) invalid('Invalid marker');
  const end = start + size;
  const page = items.slice(start, end);
  return end < items.length ? { items: page, NextMarker: Buffer.from(`${end}`).toString('base64') } : { items: page };
}
