/**
 * How a workflow reads what it is sent: as Temporal does, but a message that nobody can read becomes a value that says so, instead
 * of an error. An error would fail the workflow task, which is tried again for ever while the run answers nobody: a start now
 * fails, a signal is ignored and told, an update is refused, each with a sentence.
 *
 * Results of activities and children are still read strictly: only a worker without the key can't, and one with it will.
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding';
import { workflowInfo } from '@temporalio/workflow';
import { Unreadable } from '../contract/parsing';

export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: <T>(payload: Payload, context?: Context): T =>
    isMessage(context) ? (readMessage(payload) as T) : defaultPayloadConverter.fromPayload<T>(payload, context),
};
type Context = Parameters<PayloadConverter['fromPayload']>[1];

/** Whether it was sent to this very workflow: its start, a signal, an update, a query. */
const isMessage = (context: Context): boolean =>
  context?.type === 'workflow' && context.workflowId === workflowInfo().workflowId;

/** JSON, or nothing; for anything else an {@link Unreadable}. Never throws. */
export function readMessage({ metadata, data }: Payload): unknown {
  const encoding = textOf(metadata?.['encoding']);
  if (encoding === 'binary/null') return undefined;
  if (encoding === 'binary/encrypted') return new Unreadable('is encrypted, with a key that the worker does not have');
  if (encoding !== 'json/plain')
    return new Unreadable(`is encoded as ${encoding.slice(0, 50) || 'nothing known'}, not as json/plain`);
  const text = textOf(data);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(withoutHalves(text));
  } catch {
    return new Unreadable('is not valid JSON');
  }
}

/** What is no UTF-8 becomes U+FFFD. */
const textOf = (bytes: Uint8Array | null | undefined): string => (bytes ? decode(bytes) : '');

/**
 * JSON may escape half of a character (a surrogate without the other one). A sentence with one can't be sent to the server.
 * Escapes are read from left to right, so that an escaped backslash begins none.
 */
const withoutHalves = (json: string): string =>
  json.replace(
    /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|.)/g,
    (escaped, half?: string) => (half === undefined ? escaped : '\\ufffd'),
  );
