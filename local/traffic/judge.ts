/** Whether an answer is right: whole, from the right application and module, and by a release that may answer. Pure. */
import type { Allowed } from './messages';

/** What a request asks: one module of an application, as a stream or not. */
export interface Question {
  readonly application: string;
  readonly module: string;
  readonly streaming: boolean;
}

/** What an answer says it comes from: `container` or `platform-server`, and the application's version. */
export interface Answerer {
  readonly servedBy: string;
  readonly version: string;
}

export type Verdict =
  | { readonly right: true; readonly by: Answerer }
  | { readonly right: false; readonly kind: 'cutShort' | 'wronglyServed' };

/** A stream's last line; its first is what a front page answers. */
const lastLine = 'end';

/** @param allowed the expectations when the request was sent, and those of now: one that allows the answer is enough */
export function judgeAnswer(
  question: Question,
  body: string,
  allowed: readonly (readonly Allowed[] | undefined)[],
): Verdict {
  const lines = body.trimEnd().split('\n');
  const found = parseAnswer(question.streaming ? (lines[0] ?? '') : body);
  if (found === undefined) return { right: false, kind: 'wronglyServed' };
  if (question.streaming && lines.at(-1) !== lastLine) return { right: false, kind: 'cutShort' };
  const { application, module, ...by } = found;
  const right =
    module === question.module && allowed.some((each) => mayAnswer(each ?? [{}], application, question, by));
  return right ? { right, by } : { right, kind: 'wronglyServed' };
}

function mayAnswer(allowed: readonly Partial<Allowed>[], name: string, question: Question, by: Answerer): boolean {
  return allowed.some(
    ({ servedBy = by.servedBy, version = by.version, application = question.application }) =>
      servedBy === by.servedBy && version === by.version && application === name,
  );
}

function parseAnswer(text: string): (Answerer & { application: string; module: string }) | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { application, module, servedBy, version } = parsed as Record<string, unknown>;
    return {
      application: String(application),
      module: String(module),
      servedBy: String(servedBy),
      version: String(version),
    };
  } catch {
    return undefined;
  }
}
