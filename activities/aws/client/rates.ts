/**
 * The rates at which AWS takes calls, by API class, and a bucket of tokens for each: so many at once, so many a second. They hold
 * for a whole account in a region, whoever calls, and so every worker takes its share of them only.
 *
 * Published: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html and
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html. For what isn't published there
 * (ECR, logs, tags, task definitions that are read) the numbers are modest guesses.
 */
export interface ApiClass {
  readonly name: string;
  /** `service:Operation`. */
  readonly operations: RegExp;
  /** Calls at once. */
  readonly burst: number;
  /** Calls a second, over time. */
  readonly rate: number;
}

const elb = 'elasticloadbalancing';

export const apiClasses: readonly ApiClass[] = [
  { name: 'ecs services changed', operations: /^ecs:(Create|Update|Delete)Service$/, burst: 50, rate: 5 },
  { name: 'ecs services read', operations: /^ecs:(DescribeServices|ListServices)$/, burst: 100, rate: 20 },
  { name: 'ecs tasks read', operations: /^ecs:(DescribeTasks|ListTasks)$/, burst: 100, rate: 20 },
  {
    name: 'ecs deployments',
    operations: /^ecs:(ListServiceDeployments|DescribeService(Deployments|Revisions))$/,
    burst: 50,
    rate: 20,
  },
  { name: 'ecs task definitions', operations: /^ecs:(Register|Deregister)TaskDefinition$/, burst: 20, rate: 1 },
  { name: 'elb changes', operations: new RegExp(`^${elb}:(?!Describe)`), burst: 20, rate: 3 },
  { name: 'elb reads', operations: new RegExp(`^${elb}:Describe`), burst: 40, rate: 10 },
  // Every call of Elastic Load Balancing counts here once more.
  { name: 'elb account', operations: new RegExp(`^${elb}:`), burst: 40, rate: 10 },
];

const unpublished: ApiClass = { name: 'others', operations: /^/, burst: 20, rate: 10 };

/** The classes that a call counts in, e.g. of `ecs:UpdateService`. */
export function classesOf(operation: string): readonly ApiClass[] {
  const known = apiClasses.filter(({ operations }) => operations.test(operation));
  return known.length > 0 ? known : [unpublished];
}

/** What a bucket held at a moment, in milliseconds since whenever. */
export interface Level {
  readonly tokens: number;
  readonly atMs: number;
}

/** At least one, or nothing could ever be called. */
export const sizeOf = ({ burst }: ApiClass, share: number): number => Math.max(1, burst * share);

/** What a bucket holds now; a new one is full. `share` is of the class's numbers. */
export function levelNow(bucket: ApiClass, level: Level | undefined, share: number, nowMs: number): Level {
  const size = sizeOf(bucket, share);
  if (level === undefined) return { tokens: size, atMs: nowMs };
  const refilled = ((nowMs - level.atMs) / 1000) * bucket.rate * share;
  return { tokens: Math.min(size, level.tokens + refilled), atMs: nowMs };
}

/** Until the bucket holds a token, in milliseconds. */
export const waitMs = ({ rate }: ApiClass, { tokens }: Level, share: number): number =>
  tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / (rate * share)) * 1000);
