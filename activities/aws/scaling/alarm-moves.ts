/**
 * Alarms that call step policies, moved from one service's to the other's. AWS makes and moves those of target tracking by itself.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/create-step-scaling-policy-cli.html
 */
import {
  paginateDescribeScalingPolicies,
  type ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';
import { paginateDescribeAlarms, PutMetricAlarmCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { alarmMovedTo, pairGroups, type GroupBehind } from '../../../planning/scaling/alarms';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { writing, type AwsDependencies } from '../dependencies';
import { scalableTarget } from './scaling';
import { describeService } from '../ecs/services';

export const alarmActivities = (aws: AwsDependencies) => ({
  /**
   * What calls a step policy of one service calls the policy of the same name of the other, and looks at that one's metrics. What
   * else an alarm does, such as telling people, stays.
   * Effect: one PutMetricAlarm for each alarm that calls either: a read may be late, and so what it shows is written as it is to
   * be, whatever it shows. Idempotent: absolute.
   */
  async moveAlarms(site: Site, from: string, to: string): Promise<void> {
    const clients = writing(aws, site);
    const policies = await describePolicies(clients.scaling, site, from, to);
    const alarms: MetricAlarm[] = [];
    for (const ActionPrefix of [...policies.keys(), ...policies.values()])
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
        { client: clients.metrics },
        { ActionPrefix, AlarmTypes: ['MetricAlarm'] },
      ))
        alarms.push(...MetricAlarms.filter(({ AlarmName }) => !alarms.some((one) => one.AlarmName === AlarmName)));
    if (alarms.length === 0) return;
    const [here, there] = [await describeGroups(clients, site, from), await describeGroups(clients, site, to)];
    const moved = {
      policies,
      from: { service: from, targetGroupArns: here.map(({ arn }) => arn) },
      to: { service: to, targetGroupArns: pairGroups(here, there) },
    };
    for (const alarm of alarms) await clients.metrics.send(new PutMetricAlarmCommand(alarmMovedTo(alarm, moved)));
  },
});

/** The ARNs of the step policies that both have. */
async function describePolicies(
  client: ApplicationAutoScalingClient,
  { cluster }: Site,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, string>> {
  const stepsOf = async (service: string) => {
    const steps = new Map<string, string>();
    for await (const { ScalingPolicies = [] } of paginateDescribeScalingPolicies(
      { client },
      { ...scalableTarget(cluster, service) },
    ))
      for (const { PolicyName = '', PolicyARN = '', PolicyType } of ScalingPolicies)
        if (PolicyType === 'StepScaling') steps.set(PolicyName, PolicyARN);
    return steps;
  };
  const [here, there] = [await stepsOf(from), await stepsOf(to)];
  return new Map([...here].flatMap(([name, arn]) => (there.has(name) ? [[arn, there.get(name) ?? '']] : [])));
}

/** The target groups of a service, in its own order. */
async function describeGroups({ ecs, elb }: AwsClients, { cluster }: Site, service: string): Promise<GroupBehind[]> {
  const { loadBalancers = [] } = (await describeService(ecs, cluster, service)) ?? {};
  const TargetGroupArns = loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  if (TargetGroupArns.length === 0) return [];
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  return TargetGroups.map(({ TargetGroupArn: arn = '', LoadBalancerArns: loadBalancerArns = [] }) => {
    const { containerName, containerPort } = loadBalancers.find(({ targetGroupArn }) => targetGroupArn === arn) ?? {};
    return { arn, loadBalancerArns, reaches: `${containerName}:${containerPort}` };
  });
}
