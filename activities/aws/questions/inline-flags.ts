/**
 * Whether the load balancer takes `(?i)` in regular expressions: its documentation says neither yes nor no. The only way to find
 * out is a rule that has it, for a path that nobody asks for. It stands behind all others, and is gone again at the end.
 */
import { CreateRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { finding, type Finding } from '../../../planning/doctor';
import { elbTags, tagKeys } from '../../../planning/names';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import { routeAddress } from '../../../planning/routing/live-and-test-routes';
import { freePriorities } from '../../../planning/routing/priorities';
import type { ZoneSettings } from '../../../settings/schema';
import { roundsOf } from '../../probes/rounds';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { deleteRule, describeListener } from '../elb/listener-rules';

const check = 'inline flags';
/** Marks the rule, so that one whose worker died is found again. */
const trialTag = 'cutover:trial';
/** A change of rules takes some ten seconds to reach every node. */
const defaultPatienceMs = 18_000;

/**
 * Effect: one CreateRule and one DeleteRule, on the test listener where the zone has one.
 * @param name the zone's
 * @param patienceMs how long the rule may take until it answers; default 18 s
 */
export async function tryInlineFlags(
  { elb }: Pick<AwsClients, 'elb'>,
  name: string,
  zone: ZoneSettings,
  patienceMs = defaultPatienceMs,
): Promise<Finding[]> {
  const listener = await describeListener(elb, zone.testListener ?? zone.listener);
  const remove = (arn: string) => unless('RuleNotFound', undefined, deleteRule(elb, arn));
  for (const { arn, tags } of listener.rules) if (tags[trialTag] === name) await remove(arn);
  const [priority] = freePriorities(listener.rules, zone.priorities, 'live');
  if (priority === undefined) return [warning("it could not be tried: the zone's priorities are all taken")];
  const path = `/cutover-${randomUUID()}`;
  try {
    const { Rules = [] } = await elb.send(
      new CreateRuleCommand({
        ListenerArn: listener.arn,
        Priority: priority,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: [`(?i)^${path}/$`] } }],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '299' } }],
        Tags: elbTags({ ...zone.tags, [tagKeys.zone]: name, [trialTag]: name }),
      }),
    );
    try {
      return [await answers(listener, zone, { path: path.toUpperCase(), patienceMs })];
    } finally {
      await remove(Rules[0]?.RuleArn ?? '');
    }
  } catch (error) {
    return [warning(`the load balancer doesn't take (?i): ${(error as Error).message}`)];
  }
}

interface Asked {
  readonly path: string;
  readonly patienceMs: number;
}

async function answers(listener: ObservedListener, zone: ZoneSettings, { path, patienceMs }: Asked): Promise<Finding> {
  const rounds = roundsOf(routeAddress(listener, zone));
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(500)) {
    const answered = await rounds.ask([path], '');
    if (answered.length > 0 && answered.every(({ answer }) => answer.status === 299))
      return finding({ check, state: 'ok', says: 'the load balancer takes (?i), and ignores case because of it' });
  }
  return warning(`the load balancer took (?i), but did not ignore case because of it within ${patienceMs / 1000} s`);
}

const warning = (says: string) =>
  finding({ check, state: 'warning', says, next: 'Use caseInsensitive: classes, which needs no flag.' });
