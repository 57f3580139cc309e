/** What a run wrote: each write once, whatever befell it, under a name that is the same in every run. */
import { askedText, type RecordedWrite } from '../../../../packages/local-aws/src/index';

export interface Call {
  /** E.g. `UpdateService (desired count 0)`, numbered where there are several. */
  readonly name: string;
  /** How many times it was made, answered or not. */
  readonly attempts: number;
  /** What struck it. */
  readonly faults: readonly string[];
  /** From its first attempt until the first of the next call, or to the end of the run. */
  readonly tookMs: number;
}

/** Tells one write from another; a further attempt asks for the same. */
export const asks = ({ operation, input }: Pick<RecordedWrite, 'operation' | 'input'>): string =>
  `${operation} ${askedText(input)}`;

/**
 * The calls of a run, in the order in which each was first made.
 * @param zone the ARN of its test listener, by which test rules are told from live ones
 */
export function callsOf(writes: readonly RecordedWrite[], endedAt: number, zone: { testListener: string }): Call[] {
  const firsts = writes.filter((write, at) => writes.findIndex((other) => asks(other) === asks(write)) === at);
  const plain = firsts.map((write) => describe(write, zone.testListener));
  return firsts.map((first, at) => {
    const same = writes.filter((write) => asks(write) === asks(first));
    const [name = '', before] = [plain[at], plain.slice(0, at).filter((one) => one === plain[at]).length];
    return {
      name: before === 0 ? name : `${name} ${before + 1}`,
      attempts: same.length,
      faults: same.flatMap(({ faults }) => faults),
      tookMs: (firsts[at + 1]?.began ?? endedAt) - first.began,
    };
  });
}

function describe({ operation, input, rules }: RecordedWrite, testListener: string): string {
  const [, name = operation] = operation.split(':');
  const { desiredCount, ListenerArn, ServiceNamespace } = input as Readonly<Record<string, unknown>>;
  const [rule] = rules as readonly { readonly listenerArn?: string }[];
  const listener = ListenerArn ?? rule?.listenerArn;
  const details = [
    ...(listener === undefined ? [] : [listener === testListener ? 'test route' : 'live route']),
    ...(typeof desiredCount === 'number' ? [`desired count ${desiredCount}`] : []),
    ...(ServiceNamespace === undefined ? [] : ['scaling']),
  ];
  return details.length === 0 ? name : `${name} (${details.join(', ')})`;
}
