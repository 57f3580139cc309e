/**
 * The commands that steer a running deployment: each one's name, its input, and the Signal and the Update that carry it.
 *
 * Every message takes one optional JSON value, because the Temporal UI sends exactly one payload. Reading one never throws.
 */
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { signedStatement, type SignedStatement } from './approvals';
import { isNothing, Unreadable, type Parsed } from './parsing';

export const commandNames = ['approve', 'reject', 'pause', 'resume', 'retry', 'rollback', 'promote'] as const;
export type CommandName = (typeof commandNames)[number];

/** What a person may give with a command. */
export interface CommandInput {
  readonly by?: string;
  readonly reason?: string;
  /** `approve` only: the image that is approved; another one is refused. */
  readonly image?: string;
  /** `approve` only, and only where the settings name approvers: what a person signed. */
  readonly signed?: SignedStatement;
}

const commandInput = z.strictObject({
  by: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  image: z.string().max(512).optional(),
  signed: signedStatement().optional(),
});

/** Reads nothing, `null`, an empty text, a text (the reason) or an object; never throws. */
export function parseCommandInput(input: unknown): Parsed<CommandInput> {
  if (isNothing(input)) return { value: {} };
  if (input instanceof Unreadable) return { error: `its input ${input.why}` };
  if (typeof input === 'string') return { value: { reason: Array.from(input).slice(0, 1000).join('') } };
  const result = commandInput.safeParse(input);
  if (!result.success) return { error: 'expected nothing, a reason, or {"by": "…", "reason": "…"}' };
  return { value: Object.fromEntries(Object.entries(result.data).filter(([, value]) => value !== undefined)) };
}

export const commandSignals = Object.fromEntries(
  commandNames.map((name) => [name, defineSignal<[unknown?]>(name)]),
) as Record<CommandName, ReturnType<typeof defineSignal<[unknown?]>>>;

export const commandUpdates = Object.fromEntries(
  commandNames.map((name) => [name, defineUpdate<string, [unknown?]>(name)]),
) as Record<CommandName, ReturnType<typeof defineUpdate<string, [unknown?]>>>;
