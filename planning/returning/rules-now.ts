/** Which of an application's slots its rules call blue and which green, when nobody can be asked: a deployment's test rule says it. */
import { blueInSlot, type SlotBlue } from '../observed/blue';
import type { PlannableApplication } from '../observed/observed';
import { Refusal } from '../refusal';
import type { ListenerRule } from '../routing/listener-rules';
import { routeRules } from '../routing/rule-set';
import type { ApplicationIdentity } from '../names';

/** What the rules of one listener say. */
export interface RulesNow {
  /** What the last deployment brought. */
  readonly green: SlotBlue;
  /** What the test rule keeps attached beside it; `null` where it keeps nothing of the slots. */
  readonly attached: SlotBlue | null;
  /** Whether a deployment's test rule is there. */
  readonly inFlight: boolean;
}

/** @throws {Refusal} when the Platform Server serves already, or the rules lead to what is in none of the slots */
export function rulesNow(application: ApplicationIdentity, seen: PlannableApplication): RulesNow {
  const { name } = application;
  const live = routeRules(seen.liveListener.rules, application, 'live');
  if (live.length === 0)
    throw new Refusal(
      `${name} has no live rules: the Platform Server serves it, or another tool. Nothing is to be given back.`,
    );
  const adopted = routeRules(seen.liveListener.rules, application, 'adopted');
  if (adopted.length > 0)
    throw new Refusal(
      `Another tool's rules are being adopted for ${name} (${adopted.map(({ arn }) => arn).join(', ')}): what they were is in Temporal's history alone. Point them by hand at what should serve.`,
    );
  const test = routeRules(seen.testListener.rules, application, 'test');
  const wanted = sendingTo(test);
  const kept = keptBy(test);
  const serving = sendingTo(live);
  const found = wanted.length > 0 ? wanted : serving;
  const [only, ...others] = found.map((arn) => blueInSlot(seen.slots, arn));
  if (!only || others.length > 0)
    throw new Refusal(
      `The rules of ${name} send requests to ${found.join(' and ') || 'nothing'}, and no deployment's test rule says which is the new release: point them by hand at what should serve.`,
    );
  const strange = serving.find((arn) => !blueInSlot(seen.slots, arn));
  if (strange !== undefined)
    throw new Refusal(
      `A live rule of ${name} sends requests to ${strange}, which no service of its slots uses: somebody changed it, so point it by hand at what should serve.`,
    );
  const attached = kept.map((arn) => blueInSlot(seen.slots, arn)).find((one) => one !== undefined) ?? null;
  return { green: only, attached, inFlight: test.length > 0 };
}

/** The target groups with a share. */
const sendingTo = (rules: readonly ListenerRule[]) => distinct(rules, (weight) => weight > 0);
/** Those that are only kept attached. */
const keptBy = (rules: readonly ListenerRule[]) => distinct(rules, (weight) => weight === 0);

const distinct = (rules: readonly ListenerRule[], wanted: (weight: number) => boolean): string[] => [
  ...new Set(
    rules.flatMap(({ forward }) =>
      forward.filter(({ weight }) => wanted(weight)).map(({ targetGroupArn }) => targetGroupArn),
    ),
  ),
];
