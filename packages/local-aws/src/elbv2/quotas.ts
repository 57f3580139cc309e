/**
 * The quotas of an Application Load Balancer that a deployer can run into.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const quotas = {
  loadBalancersPerRegion: 50,
  listenersPerLoadBalancer: 50,
  /** The default certificate isn't counted. */
  certificatesPerListener: 25,
  /** Default rules aren't counted. */
  rulesPerLoadBalancer: 100,
  /** Each group counts once, however many rules forward to it. AWS can't raise this quota. */
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetGroupsPerRegion: 3000,
  targetsPerTargetGroup: 1000,
  conditionValuesPerRule: 5,
  /** AWS's page of quotas has 6, its page on condition types 5. */
  wildcardsPerRule: 6,
  matchEvaluationsPerCondition: 3,
} as const;
