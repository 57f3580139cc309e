/** A call as faults tell it from others: its operation, what it asks for, and what that is about. */
import type { Elbv2State, Rule } from '../elbv2/state';

export interface AskedCall {
  /** E.g. `ecs:UpdateService`. */
  readonly operation: string;
  readonly isRead: boolean;
  /** What it asks for: see {@link askedText}. */
  readonly asked: string;
  /** The rules that it names, as they were before: their ARNs say nothing of whose they are. */
  readonly rules: readonly Rule[];
  /** Called for every fault that strikes it. */
  readonly struckBy?: (kind: string) => void;
}

const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** The same text for every call of an operation that asks for the same; a time that it tells is the time of the attempt. */
export const askedText = (input: unknown): string => (JSON.stringify(input) ?? '').replaceAll(time, '(time)');

const ruleArn = /arn:aws:elasticloadbalancing:[^"]*:listener-rule\/[^"]*/g;

/** To be made before the call has an effect. */
export function askedCall(
  call: { readonly operation: string; readonly isRead: boolean; readonly input: unknown },
  rules: Elbv2State['rules'],
): AskedCall {
  const asked = askedText(call.input);
  const named = (asked.match(ruleArn) ?? []).flatMap((arn) => rules[arn] ?? []);
  return { operation: call.operation, isRead: call.isRead, asked, rules: named };
}

/** Whether a text is in what the call asks for, or in a rule that it names. */
export const isAbout = ({ asked, rules }: AskedCall, text: string): boolean =>
  asked.includes(text) || JSON.stringify(rules).includes(text);
