/**
 * The registration of targets, and what is known of their health.
 * - A target that is deregistered shows `draining` for the whole deregistration delay and then disappears; in a group to which
 *   no rule forwards it disappears at once.
 * - Health is what the load balancer reports. A target without a report is never `healthy`.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../../operations';
import type { TargetState } from '../../load-balancer/configuration';
import { fail } from '../../protocol/errors';
import { type Elbv2, isInUse, loadBalancersOfTargetGroup, targetGroupOf } from '../elbv2';
import { checkPort } from '../names';
import { quotas } from '../quotas';
import { zoneOfSubnet } from '../../subnets';
import type { Target, TargetGroup } from '../state';

/** What identifies a target in its group. */
export type TargetKey = Pick<Target, 'id' | 'port'>;

/** What AWS says of a target outside of the load balancer's zones. */
export const zoneNotEnabled = 'Target is in an Availability Zone that is not enabled for the load balancer';

/** Registers targets. One that is registered already stays as it is; one that drains is registered anew. */
export function registerTargets(elbv2: Elbv2, input: Given<RegisterTargetsInput>): object {
  const group = targetGroupOf(elbv2, input.TargetGroupArn);
  const wanted = input.Targets.map((target) => keyOf(group, target));
  for (const { id, port } of wanted) checkTarget(group, id, port);
  const fresh = wanted.filter((key) => findTarget(group, key) === undefined);
  if (group.targets.length + fresh.length > quotas.targetsPerTargetGroup) {
    fail('TooManyTargetsException', "You've reached the limit on the number of targets");
  }
  for (const key of wanted) registerTarget(elbv2, group, key);
  return {};
}

/** Registers one target, unless it is registered and doesn't drain. */
export function registerTarget(
  elbv2: Elbv2,
  group: TargetGroup,
  key: TargetKey & Pick<Target, 'availabilityZone'>,
): void {
  const known = findTarget(group, key);
  if (known !== undefined && known.drainingSince === undefined) return;
  group.targets = group.targets.filter((target) => target !== known);
  group.targets.push({ ...key, registeredAt: elbv2.now() });
  elbv2.changed();
}

/** @throws {AwsError} with code `InvalidTarget` when one isn't registered */
export function deregisterTargets(elbv2: Elbv2, input: Given<DeregisterTargetsInput>): object {
  const group = targetGroupOf(elbv2, input.TargetGroupArn);
  // Without a port, it is every port with which the target is registered.
  const keys = input.Targets.flatMap((wanted) => {
    const known = group.targets.filter(({ id, port }) => id === wanted.Id && port === (wanted.Port ?? port));
    if (known.length > 0) return known;
    return fail(
      'InvalidTargetException',
      `The following targets are not registered with the target group: '${wanted.Id}'`,
    );
  });
  for (const key of keys) deregisterTarget(elbv2, group, key);
  return {};
}

export function deregisterTarget(elbv2: Elbv2, group: TargetGroup, key: TargetKey): void {
  const target = findTarget(group, key);
  if (target === undefined || target.drainingSince !== undefined) return;
  target.drainingSince = elbv2.now();
  elbv2.changed();
  removeDrained(elbv2);
}

/** Removes the targets whose deregistration delay is over. To be called from time to time. */
export function removeDrained(elbv2: Elbv2): void {
  for (const group of Object.values(elbv2.state.targetGroups)) {
    if (group.targets.every(({ drainingSince }) => drainingSince === undefined)) continue;
    const inUse = isInUse(elbv2, group.arn);
    const seconds = inUse ? Number(group.attributes['deregistration_delay.timeout_seconds']) : 0;
    const drainedBefore = elbv2.now() - (seconds * 1000) / elbv2.timeScale;
    const left = group.targets.filter(
      ({ drainingSince }) => drainingSince === undefined || drainingSince > drainedBefore,
    );
    if (left.length === group.targets.length) continue;
    group.targets = left;
    elbv2.changed();
  }
}

export function describeTargetHealth(
  elbv2: Elbv2,
  input: Given<DescribeTargetHealthInput>,
): DescribeTargetHealthOutput {
  const group = targetGroupOf(elbv2, input.TargetGroupArn);
  const keys = input.Targets?.map((target) => keyOf(group, target)) ?? group.targets;
  return {
    TargetHealthDescriptions: keys.map((key) => ({
      Target: { Id: key.id, Port: key.port },
      HealthCheckPort: group.healthCheck.port === 'traffic-port' ? `${key.port}` : group.healthCheck.port,
      TargetHealth: healthOf(elbv2, group, key),
    })),
  };
}

/** The health of one target, with AWS's reasons and descriptions. */
export function healthOf(elbv2: Elbv2, group: TargetGroup, key: TargetKey): TargetHealth {
  const target = findTarget(group, key);
  const inUse = isInUse(elbv2, group.arn);
  if (target === undefined)
    return because('unused', 'Target.NotRegistered', 'Target is not registered to the target group');
  if (!inUse)
    return because(
      'unused',
      'Target.NotInUse',
      'Target group is not configured to receive traffic from the load balancer',
    );
  if (isOutsideZones(elbv2, group, target)) return because('unused', 'Target.NotInUse', zoneNotEnabled);
  if (target.drainingSince !== undefined) {
    return because('draining', 'Target.DeregistrationInProgress', 'Target deregistration is in progress');
  }
  const reports = elbv2.reported();
  if (reports === undefined) {
    return because(
      'unavailable',
      'Elb.InternalError',
      'Health checks failed due to an internal error on the load balancer',
    );
  }
  const own = reportsByTarget(reports).get(reportKey(group.arn, target)) ?? [];
  return reportedHealth(own.find(({ since }) => since >= target.registeredAt));
}

/** Whether no load balancer of the group has a subnet in the target's zone. A target without a zone is in all of them. */
export function isOutsideZones(elbv2: Elbv2, group: Pick<TargetGroup, 'arn'>, { availabilityZone }: Target): boolean {
  if (availabilityZone === undefined || availabilityZone === 'all') return false;
  return loadBalancersOfTargetGroup(elbv2, group.arn)
    .flatMap((arn) => elbv2.state.loadBalancers[arn]?.subnets ?? [])
    .every((subnet) => zoneOfSubnet(elbv2.scope.region, elbv2.state, subnet) !== availabilityZone);
}

const reportKey = (groupArn: string, { id, port }: TargetKey) => `${groupArn} ${id} ${port}`;

/** What each whole report says, by its targets; more than one where an earlier target was at the same address. */
const reportsKnown = new WeakMap<readonly TargetState[], ReadonlyMap<string, readonly TargetState[]>>();

function reportsByTarget(reports: readonly TargetState[]): ReadonlyMap<string, readonly TargetState[]> {
  const known = reportsKnown.get(reports);
  if (known !== undefined) return known;
  const found = new Map<string, TargetState[]>();
  for (const report of reports) {
    const key = reportKey(report.targetGroupArn, report);
    found.set(key, [...(found.get(key) ?? []), report]);
  }
  reportsKnown.set(reports, found);
  return found;
}

function reportedHealth(report: TargetState | undefined): TargetHealth {
  // The load balancer doesn't know yet that the target is registered, or that its group is in a rule.
  if (report === undefined || report.state === 'unused' || report.state === 'draining') {
    return because('initial', 'Elb.RegistrationInProgress', 'Target registration is in progress');
  }
  return {
    State: report.state,
    ...(report.reason === undefined ? {} : { Reason: report.reason as NonNullable<TargetHealth['Reason']> }),
    ...(report.description === undefined ? {} : { Description: report.description }),
  };
}

function because(
  State: NonNullable<TargetHealth['State']>,
  Reason: NonNullable<TargetHealth['Reason']>,
  Description: string,
): TargetHealth {
  return { State, Reason, Description };
}

function findTarget(group: TargetGroup, { id, port }: TargetKey): Target | undefined {
  return group.targets.find((target) => target.id === id && target.port === port);
}

function keyOf(group: TargetGroup, target: TargetDescription): TargetKey {
  return { id: target.Id ?? '', port: target.Port ?? group.port };
}

function checkTarget(group: TargetGroup, id: string, port: number): void {
  checkPort(port);
  const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(id);
  if (group.targetType === 'ip' && !isAddress)
    fail('ValidationError', `The IP address '${id}' is not a valid IPv4 address`);
  if (group.targetType === 'instance' && !/^i-[0-9a-f]{8,17}$/.test(id)) {
    fail('InvalidTargetException', `The following targets are not valid: '${id}'`);
  }
}
