/** The listeners that a zone's applications are reached through: one, or one of each of its load balancers. */
import { z } from 'zod';
import { conditions, headerValue, type ConditionSettings } from './conditions';

const hostName = z.string().regex(/^[A-Za-z0-9*?.-]{1,128}$/, { error: 'expected a host name' });

/** `aws`, `aws-cn`, `aws-us-gov`: every partition's ARNs. */
const listenerArn = z.string().regex(/^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener\/app\/.+$/, {
  error: "expected the ARN of an Application Load Balancer's listener",
});

const targetGroupArn = z.string().regex(/^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/.+$/, {
  error: 'expected the ARN of a target group',
});

const testHeader = z.string().regex(/^(?!host$)[!#$%&'+.^_`|~0-9A-Za-z-]{1,40}$/i, {
  error: 'expected the name of a header of its own, of at most 40 characters',
});
/** In a rule the two stand for anything: a visitor with that header would be one of the test's. */
const testValue = headerValue(16).refine((value) => typeof value !== 'string' || !/[*?\\]/.test(value), {
  error: 'expected a value without *, ? and \\, which a rule takes for any other',
});

/** What is said of each listener. */
export const listenerFields = {
  /** What the platform and the modules themselves call the zone, e.g. `https://apps.example.com`. */
  address: z.url({ protocol: /^https?$/, error: 'expected a URL such as https://apps.example.com' }),
  /** A host condition in every rule; none when it's empty. */
  hosts: z.array(hostName).max(3).default([]),
  listener: listenerArn,
  testListener: listenerArn.optional(),
  /** How green is reached before it serves, where there is no test listener. */
  testRoute: z.strictObject({ header: testHeader.default('X-Cutover-Test'), value: testValue }).optional(),
  /** Where the listener's default rule doesn't forward: what serves applications that aren't in containers. */
  platformServer: z.strictObject({ targetGroup: targetGroupArn }).optional(),
};

const listener = z.strictObject({
  ...listenerFields,
  /** What rules on this listener ask for beside the zone's own conditions, or the application's. */
  conditions: conditions.removeDefault().optional(),
});
/** Its conditions are all that its rules bear: the zone's, or the application's, and its own. */
export type ListenerSettings = z.infer<typeof listener>;

/** The members of one listener in the zone itself, which is the short form of a list with one entry. */
export const shortForm = {
  address: listenerFields.address.optional(),
  hosts: listenerFields.hosts.removeDefault().optional(),
  listener: listenerArn.optional(),
  testListener: listenerFields.testListener,
  testRoute: listenerFields.testRoute,
  platformServer: listenerFields.platformServer,
};

const members = Object.keys(shortForm) as (keyof typeof shortForm)[];

/**
 * One entry for each load balancer; the first is the zone's own.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html (five target groups a service)
 */
export const listeners = z.array(listener).min(1).max(5).optional();

/** A zone's listeners, as they are written: all in a list, or one in the zone itself. */
type Written = { readonly [Member in keyof typeof shortForm]?: z.infer<(typeof shortForm)[Member]> } & {
  readonly listeners?: z.infer<typeof listeners>;
  readonly conditions: readonly ConditionSettings[];
};

export interface ListenerFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with a zone's listeners together. */
export function listenerFaults(zone: Written): ListenerFault[] {
  const { listeners: list } = zone;
  if (!list) return [...missing(zone), ...withoutTests(zone, [])];
  const twice = members.filter((member) => zone[member] !== undefined);
  return [
    ...twice.map((member) => ({ path: [member], message: `expected it in the first of the zone's "listeners"` })),
    ...list.flatMap((one, at) => withoutTests(one, ['listeners', at])),
    ...list.flatMap((one, at) => sharedBefore(one, list.slice(0, at), ['listeners', at])),
  ];
}

const missing = (zone: Written): ListenerFault[] =>
  (['address', 'listener'] as const)
    .filter((member) => zone[member] === undefined)
    .map((member) => ({ path: [member], message: 'expected string, received undefined' }));

const withoutTests = (
  one: Pick<Written, 'testListener' | 'testRoute'>,
  path: ListenerFault['path'],
): ListenerFault[] =>
  one.testListener !== undefined || one.testRoute !== undefined
    ? []
    : [
        {
          path: [...path, 'testRoute'],
          message: 'expected a testListener, or a testRoute with a secret value of at least 16 characters',
        },
      ];

/** A target group belongs to one load balancer. */
function sharedBefore(
  one: ListenerSettings,
  before: readonly ListenerSettings[],
  path: ListenerFault['path'],
): ListenerFault[] {
  const taken = before.flatMap(arnsOf).map(loadBalancerOf);
  return taken.some((name) => arnsOf(one).map(loadBalancerOf).includes(name))
    ? [{ path: [...path, 'listener'], message: 'expected a listener of another load balancer than those before it' }]
    : [];
}

const arnsOf = ({ listener: live, testListener }: ListenerSettings) => [live, ...(testListener ? [testListener] : [])];

/** `app/NAME/ID` of a listener's ARN, which names its load balancer. */
export const loadBalancerOf = (listener: string): string => /:listener\/(app\/[^/]+\/[^/]+)/.exec(listener)?.[1] ?? '';

/** The first listener as the zone's own, the others beside it. */
export function withListeners<Zone extends Written>({ listeners: list, conditions: shared, ...zone }: Zone) {
  const { address = '', hosts = [], listener: live = '', testListener, testRoute, platformServer, ...others } = zone;
  const short: ListenerSettings = { address, hosts, listener: live, testListener, testRoute, platformServer };
  const withShared = (one: ListenerSettings) => ({ ...one, conditions: [...shared, ...(one.conditions ?? [])] });
  const [first, ...rest] = [...(list ?? [short])].map(withShared);
  return { ...others, ...(first ?? withShared(short)), ...(rest.length > 0 && { otherListeners: rest }) };
}

/** Where rules on one of a zone's listeners would ask for more than a rule can. */
export const roomFaults = ({
  otherListeners = [],
  ...first
}: Limited & { readonly otherListeners?: readonly Limited[] }): ListenerFault[] =>
  [first, ...otherListeners].flatMap((one, at) =>
    hasRoom(one)
      ? []
      : [
          {
            path: at === 0 ? ['conditions'] : ['listeners', at, 'conditions'],
            message:
              'a rule takes five values in all: the hosts, these, the header of a testRoute, and at least one path must fit',
          },
        ],
  );

type Limited = Pick<ListenerSettings, 'hosts' | 'conditions' | 'testListener'>;

function hasRoom({ hosts, conditions: given = [], testListener }: Limited): boolean {
  const values = given.flatMap((one) => ('header' in one ? one.values : one.sourceIp));
  return hosts.length + values.length + (testListener === undefined ? 1 : 0) < 5;
}
