/**
 * The rates at which AWS takes calls, by API class, each as a token bucket: so many at once, so many a second. They apply to a
 * whole account in a region, and so each worker uses only its share of them.
 *
 * Published: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html and
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html and
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html. For what isn't published there (logs, tags, task
 * definitions that are read) the numbers are modest guesses.
 */
export interface ApiClass {
  readonly name: string;
  /** `service:Operation`. */
  readonly operations: RegExp;
  /** How many calls may go out at once. */
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
  { name: 'ecr images', operations: /^ecr:(BatchGetImage|GetDownloadUrlForLayer)$/, burst: 200, rate: 1_000 },
  // Every call to Elastic Load Balancing also counts here.
  { name: 'elb account', operations: new RegExp(`^${elb}:`), burst: 40, rate: 10 },
];

const unpublished: ApiClass = { name: 'others', operations: /^/, burst: 20, rate: 10 };

const known = new Map<string, readonly ApiClass[]>();

/** The classes in which an operation counts, e.g. `ecs:UpdateService`: the same list each time. */
export function classesOf(operation: string): readonly ApiClass[] {
  const found = known.get(operation);
  if (found) return found;
  const published = apiClasses.filter(({ operations }) => operations.test(operation));
  const classes = published.length > 0 ? published : [unpublished];
  known.set(operation, classes);
  return classes;
}

/** What a bucket held at one moment. */
export interface Level {
  readonly tokens: number;
  /** Milliseconds, from any fixed start. */
  readonly atMs: number;
}

/** How many tokens a bucket may hold: at least one, or no call could ever go out. */
export const sizeOf = ({ burst }: ApiClass, share: number): number => Math.max(1, burst * share);

/**
 * What a bucket holds now; a new one is full.
 * @param share the part of the class's burst and rate that is ours, e.g. 0.5
 */
export function levelNow(bucket: ApiClass, level: Level | undefined, share: number, nowMs: number): Level {
  const size = sizeOf(bucket, share);
  if (level === undefined) return { tokens: size, atMs: nowMs };
  const refilled = ((nowMs - level.atMs) / 1000) * bucket.rate * share;
  return { tokens: Math.min(size, level.tokens + refilled), atMs: nowMs };
}

/** The milliseconds until the bucket holds a token. */
export const waitMs = ({ rate }: ApiClass, { tokens }: Level, share: number): number =>
  tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / (rate * share)) * 1000);
