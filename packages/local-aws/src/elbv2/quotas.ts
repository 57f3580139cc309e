/**
 * The quotas of an Application Load Balancer that a deployer can run into.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const quotas = {
  loadBalancersPerRegion: 50,
  listenersPerLoadBalancer: 50,
  /** The default one not counted. */
  certificatesPerListener: 25,
  /** Default rules not counted. */
  rulesPerLoadBalancer: 100,
  /** Unique ones, over all rules. Not adjustable on AWS. */
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetGroupsPerRegion: 3000,
  targetsPerTargetGroup: 1000,
  conditionValuesPerRule: 5,
  /** The quotas page says 6, the page on condition types 5. */
  wildcardsPerRule: 6,
  matchEvaluationsPerCondition: 3,
} as const;
