/** The activities that talk to AWS, for the worker to register. Each stands in the file of its resource. */
import { eachHeartbeating } from '../polling';
import { countersignatureActivities } from './ecs/countersignatures';
import { drainWaits } from './ecs/drains';
import { replicaActivities, replicaWaits } from './ecs/replicas';
import { rollActivities, rollWaits } from './ecs/rolls';
import { serviceActivities } from './ecs/services';
import { taskDefinitionActivities } from './ecs/task-definitions';
import { adoptionActivities } from './elb/adopted-rules';
import { driftActivities } from './elb/drift';
import { requestCountWaits } from './elb/request-counts';
import { ruleSetActivities } from './elb/rule-set';
import { targetGroupActivities } from './elb/target-groups';
import { heldToSettings, type HoldingDependencies } from './held/index';
import { tagActivities } from './tags';
import { planActivities } from './plans';
import type { PlanDependencies } from './plans/runbook-plan';
import { alarmActivities } from './scaling/alarm-moves';
import { scalingActivities } from './scaling/scaling-moves';
import { looksTogether, stepsTogether } from './together';
import { configurationReferenceActivities } from './questions/configuration-references';
import { evidenceActivities } from './questions/evidence';

export type AwsActivities = ReturnType<typeof awsActivities>;
export type AwsWaits = ReturnType<typeof awsWaits>;

/** Reads, and writes of one AWS call each (a set of rules, and what always follows each other: call by call). All heartbeat, and all are held to the settings. */
export function awsActivities(aws: HoldingDependencies & PlanDependencies) {
  const steps = heldToSettings(aws, {
    ...planActivities(aws),
    ...taskDefinitionActivities(aws),
    ...countersignatureActivities(aws),
    ...targetGroupActivities(aws),
    ...ruleSetActivities(aws),
    ...adoptionActivities(aws),
    ...driftActivities(aws),
    ...serviceActivities(aws),
    ...scalingActivities(aws),
    ...alarmActivities(aws),
    ...replicaActivities(aws),
    ...rollActivities(aws),
    ...tagActivities(aws),
    ...evidenceActivities(aws),
    ...configurationReferenceActivities(aws),
  });
  return eachHeartbeating({ ...steps, ...stepsTogether(steps) });
}

/** Waits for observed facts. They change nothing, and a cancellation ends them. */
export const awsWaits = (aws: HoldingDependencies) =>
  heldToSettings(aws, {
    ...replicaWaits(aws),
    ...rollWaits(aws),
    ...requestCountWaits(aws),
    ...drainWaits(aws),
    ...looksTogether({ ...replicaWaits(aws), ...ruleSetActivities(aws) }),
  });
