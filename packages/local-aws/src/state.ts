/** Everything that the local AWS stores, as plain JSON. Times are milliseconds since the epoch. */
import type { AcmState } from './acm/certificates';
import { emptyAutoscaling, type AutoscalingState } from './autoscaling/state';
import { emptyCloudWatch, type CloudWatchState } from './cloudwatch/state';
import { emptyEcs, type EcsState } from './ecs/state';
import { emptyElbv2, type Elbv2State } from './elbv2/state';
import { emptyIam, type IamState } from './iam/identities';
import type { KmsState } from './kms/state';
import type { LogsState } from './logs/state';
import { emptyRoute53, type Route53State } from './route53/state';

export interface AwsState {
  readonly format: 1;
  readonly ecs: EcsState;
  readonly elbv2: Elbv2State;
  readonly logs: LogsState;
  readonly cloudwatch: CloudWatchState;
  readonly autoscaling: AutoscalingState;
  readonly acm: AcmState;
  readonly iam: IamState;
  readonly kms: KmsState;
  readonly route53: Route53State;
}

export function emptyState(): AwsState {
  return {
    format: 1,
    ecs: emptyEcs(),
    elbv2: emptyElbv2(),
    logs: {},
    cloudwatch: emptyCloudWatch(),
    autoscaling: emptyAutoscaling(),
    acm: { certificates: {} },
    iam: emptyIam(),
    kms: { keys: {} },
    route53: emptyRoute53(),
  };
}
