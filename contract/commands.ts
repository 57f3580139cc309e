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

const longest = { by: 200, reason: 1000 } as const;

/**
 * Why a name or a reason is none, as a sentence; `undefined` where nothing is wrong with them. What moves a cursor, breaks a line or
 * turns the direction of what follows is in nobody's words. Runs take what stands in their histories already: this is asked before
 * something is sent, and before it is accepted.
 */
export function wordsFault(input: unknown): string | undefined {
  const { by, reason } = (
    typeof input === 'string' ? { reason: input } : typeof input === 'object' && input !== null ? input : {}
  ) as { readonly by?: unknown; readonly reason?: unknown };
  for (const [name, words] of [['by', by] as const, ['reason', reason] as const]) {
    if (typeof words !== 'string') continue;
    const { length } = Array.from(words);
    if (length > longest[name]) return `${name} has ${length} characters, and may have ${longest[name]}: shorten it.`;
    const [character] = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u.exec(words) ?? [];
    if (character !== undefined)
      return `${name} has the control character U+${codeOf(character)}: write it as one line of plain text.`;
  }
  return undefined;
}

const codeOf = (character: string) => character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');

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
