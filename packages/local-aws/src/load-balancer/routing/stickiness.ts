/**
 * The cookies for sticky sessions: `AWSALBTG` keeps a client on a target group (set by the rule), `AWSALB` on a target (set by
 * the group), and `AWSALBAPP-0` on a target as long as the application has a cookie of its own.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 *
 * A client with `AWSALBTG` stays on its group even at weight 0, as long as the rule names the group. A target that is removed
 * or unhealthy is replaced, and so is the cookie. The content is opaque to clients, as on AWS.
 */
import { type Target, targetKey } from '../targets/target';
import type { TargetGroup } from '../targets/target-group';
import { numberAttribute, scaledMs } from '../time';
import type { ForwardAction } from './actions';
import { readCookie } from './cookies';
import { candidatesOf } from './picking';

/** The load balancer's cookie stays in the browser for a week, but its content expires earlier. */
const browserDays = 7;

interface Memory {
  readonly what: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

function remembered(cookies: string | undefined, name: string): string | undefined {
  const value = readCookie(cookies, name);
  if (value === undefined) return undefined;
  try {
    const { what, until } = JSON.parse(Buffer.from(value, 'base64url').toString()) as Memory;
    return until > Date.now() ? what : undefined;
  } catch {
    return undefined;
  }
}

function remember(name: string, what: string, forMs: number): readonly string[] {
  const memory: Memory = { what, until: Date.now() + forMs };
  const value = Buffer.from(JSON.stringify(memory)).toString('base64url');
  const expires = new Date(Date.now() + browserDays * 86_400_000).toUTCString();
  const cookie = (suffix: string, rest: string) => `${name}${suffix}=${value}; Expires=${expires}; Path=/${rest}`;
  if (name.startsWith('AWSALBAPP')) return ['Set-Cookie', cookie('', '')];
  return ['Set-Cookie', cookie('', ''), 'Set-Cookie', cookie('CORS', '; SameSite=None')];
}

/** The ARN of the group on which the client should stay, if the rule still names it. */
export function stickyGroup(action: ForwardAction, cookies: string | undefined): string | undefined {
  if (action.stickySeconds === undefined) return undefined;
  const arn = remembered(cookies, 'AWSALBTG');
  return action.shares.some(({ targetGroupArn }) => targetGroupArn === arn) ? arn : undefined;
}

type TargetStickiness =
  | { readonly kind: 'loadBalancer'; readonly seconds: number }
  | { readonly kind: 'application'; readonly seconds: number; readonly cookieName: string };

function targetStickiness({ configuration: { attributes } }: TargetGroup): TargetStickiness | undefined {
  if (attributes['stickiness.enabled'] !== 'true') return undefined;
  if (attributes['stickiness.type'] === 'app_cookie') {
    const seconds = numberAttribute(attributes, 'stickiness.app_cookie.duration_seconds', 86_400);
    return { kind: 'application', seconds, cookieName: attributes['stickiness.app_cookie.cookie_name'] ?? '' };
  }
  return {
    kind: 'loadBalancer',
    seconds: numberAttribute(attributes, 'stickiness.lb_cookie.duration_seconds', 86_400),
  };
}

const cookieNames = { loadBalancer: 'AWSALB', application: 'AWSALBAPP-0' } as const;

const targetMemory = (group: TargetGroup, target: Target) => `${group.configuration.arn}|${targetKey(target)}`;

/** The target on which the client should stay, if it may serve. */
export function stickyTarget(group: TargetGroup, cookies: string | undefined, zone: string): Target | undefined {
  const stickiness = cookies === undefined ? undefined : targetStickiness(group);
  if (stickiness === undefined) return undefined;
  const memory = remembered(cookies, cookieNames[stickiness.kind]);
  if (memory === undefined) return undefined;
  return candidatesOf(group, zone).find(({ target }) => targetMemory(group, target) === memory)?.target;
}

/** Gives the load balancer's cookies as headers, names and values in turn; undefined when the answer gets none. */
export function stickinessCookies(
  action: ForwardAction,
  group: TargetGroup,
  target: Target,
  timeScale: number,
): ((targetHeaders: readonly string[]) => readonly string[]) | undefined {
  const ofTarget = targetStickiness(group);
  if (ofTarget === undefined && action.stickySeconds === undefined) return undefined;
  return (targetHeaders) => {
    const seconds = action.stickySeconds;
    const groupCookies =
      seconds === undefined ? [] : remember('AWSALBTG', group.configuration.arn, scaledMs(seconds, timeScale));
    if (ofTarget === undefined) return groupCookies;
    if (ofTarget.kind === 'application' && !setsCookie(targetHeaders, ofTarget.cookieName)) return groupCookies;
    const forMs = scaledMs(ofTarget.seconds, timeScale);
    return [...groupCookies, ...remember(cookieNames[ofTarget.kind], targetMemory(group, target), forMs)];
  };
}

function setsCookie(headers: readonly string[], cookieName: string): boolean {
  return headers.some(
    (name, index) =>
      index % 2 === 0 && name.toLowerCase() === 'set-cookie' && headers[index + 1]?.startsWith(`${cookieName}=`),
  );
}
