/** What real answers have and the local AWS leaves out on purpose: each with the paths that it is at, and why. */
export const leftOut: readonly (readonly [paths: RegExp, why: string])[] = [
  [/\.taskSets/, 'services have the controller ECS, which has no task sets'],
  [/loadBalancerName$/, 'there are no Classic Load Balancers'],
  [
    /Attributes?\[\]\.(proxy_protocol_v2|preserve_client_ip|.*connection_termination)/,
    'there are no Network Load Balancers',
  ],
  [/load_balancing\.cross_zone_enabled$/, 'misspelled in the recording'],
  [/LoadBalancerAddresses/, 'there are no Network Load Balancers'],
  [
    /^cluster\[\]\.attachments|autoScalingGroupProvider|^capacityProvider\[\]\.tags/,
    'there are no Auto Scaling groups',
  ],
  [/^containerInstance|containerInstanceArn$/, 'there are no container instances'],
  [/details\[\]\.(roleArn|volumeName|deleteOnTermination)$/, 'tasks get no EBS volumes'],
  [/^ScalingActivitie/, 'no activities are shown'],
  [/Alarms?\[\]/, 'scaling policies make no alarms'],
];
