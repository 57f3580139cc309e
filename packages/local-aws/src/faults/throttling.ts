/**
 * AWS's token buckets: each holds a number of tokens, gets new ones at a rate, and every call takes a token from each of its
 * buckets. Rates aren't scaled: they limit the caller, and aren't AWS's own time.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 */

interface Bucket {
  readonly name: string;
  readonly operations: RegExp;
  /** The most tokens that it holds. */
  readonly burst: number;
  /** Tokens a second. */
  readonly rate: number;
}

const buckets: readonly Bucket[] = [
  { name: 'ECS service changes', operations: /^ecs:(Create|Update)Service$/, burst: 50, rate: 5 },
  { name: 'ECS service reads', operations: /^ecs:DescribeServices$/, burst: 100, rate: 20 },
  { name: 'ECS task reads', operations: /^ecs:(DescribeTasks|ListTasks)$/, burst: 100, rate: 20 },
  { name: 'ECS task definitions', operations: /^ecs:RegisterTaskDefinition$/, burst: 20, rate: 1 },
  { name: 'ECS cluster reads', operations: /^ecs:(DescribeClusters|ListClusters)$/, burst: 50, rate: 20 },
  { name: 'ELB targets', operations: /^elasticloadbalancing:(Register|Deregister)Targets$/, burst: 20, rate: 4 },
  { name: 'ELB reads', operations: /^elasticloadbalancing:Describe/, burst: 40, rate: 10 },
  {
    name: 'ELB changes',
    operations: /^elasticloadbalancing:(?!Describe|RegisterTargets|DeregisterTargets)/,
    burst: 20,
    rate: 3,
  },
  { name: 'ELB account', operations: /^elasticloadbalancing:/, burst: 40, rate: 10 },
];

export interface Throttle {
  /** Takes a token from every bucket of the operation; returns false and takes none when one is empty. */
  allows(operation: string): boolean;
}

/**
 * A bucket holds at least one token.
 * @param share the share of the published sizes and rates that applies; more than 1 raises them
 * @param now the time in milliseconds
 */
export function createThrottle(share: number, now: () => number): Throttle {
  const levels = new Map<Bucket, { tokens: number; at: number }>();
  const sizeOf = (bucket: Bucket): number => Math.max(1, bucket.burst * share);
  const levelOf = (bucket: Bucket): number => {
    const level = levels.get(bucket);
    if (level === undefined) return sizeOf(bucket);
    const refilled = ((now() - level.at) / 1000) * bucket.rate * share;
    return Math.min(sizeOf(bucket), level.tokens + refilled);
  };
  return {
    allows: (operation) => {
      const concerned = buckets.filter((bucket) => bucket.operations.test(operation));
      if (concerned.some((bucket) => levelOf(bucket) < 1)) return false;
      for (const bucket of concerned) levels.set(bucket, { tokens: levelOf(bucket) - 1, at: now() });
      return true;
    },
  };
}
