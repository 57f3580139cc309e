/**
 * Sends requests to the load balancer, judges the answers, and records them.
 *
 * Invariants: no request is ever sent twice. What counts as sent is answered, failed or in flight, nothing else.
 */
import type { Agent } from 'node:http';
import { judgeAnswer, type Question } from './judge';
import type { Allowed, FailureKind, TrafficReport } from './messages';
import { lookupAt, type NamedNodes } from './nodes';
import { createRecord } from './record';
import { send } from './send';

const receivedCharacters = 200;

export interface Asker {
  /** Sends one request; without an agent, on a connection of its own. */
  ask(question: Question, agent: Agent | undefined): void;
  expect(application: string, allowed: readonly Allowed[] | undefined): void;
  report(): TrafficReport;
  /** Resolves when nothing that was asked so far is in flight. */
  settled(): Promise<unknown>;
}

interface AskerOptions {
  readonly loadBalancer: string;
  readonly nodes: NamedNodes | undefined;
  /** The `Host` that is sent; undefined for the load balancer's own. */
  readonly host: string | undefined;
  readonly cookie: string | undefined;
  /** Headers that are sent with every request. */
  readonly added: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How long a stream is to take. */
  readonly streamMs: number;
}

export function createAsker({ loadBalancer, nodes, host, cookie, added, timeoutMs, streamMs }: AskerOptions): Asker {
  const record = createRecord();
  const lookup = nodes && lookupAt(nodes);
  const expectations = new Map<string, readonly Allowed[]>();
  const inFlight = new Set<Promise<void>>();

  async function sendOnce(question: Question, agent: Agent | undefined): Promise<void> {
    const { application, module, streaming } = question;
    const url = new URL(`/${module}/${streaming ? `slow?ms=${streamMs}` : ''}`, loadBalancer);
    const ownHost = url.host;
    if (nodes) url.hostname = nodes.name;
    const [sentAt, startedAt, allowedThen] = [Date.now(), performance.now(), expectations.get(application)];
    record.sent(question);
    const outcome = await send({
      url,
      host: host ?? ownHost,
      lookup,
      cookie,
      added,
      agent,
      timeoutMs: timeoutMs + (streaming ? streamMs : 0),
    });
    const at = Date.now();
    const fail = (kind: FailureKind, status: number | undefined, received: string) =>
      record.failed({
        at,
        sentAt,
        kind,
        application,
        module,
        url: url.href,
        streaming,
        connection: agent === undefined ? 'new' : 'keepAlive',
        ...(status === undefined ? {} : { status }),
        received: received.slice(0, receivedCharacters),
      });
    if (outcome.kind !== 'whole') return fail(outcome.kind, outcome.status, outcome.received);
    const { status, body } = outcome;
    if (status !== 200) return fail('status', status, body);
    const verdict = judgeAnswer(question, body, [allowedThen, expectations.get(application)]);
    if (!verdict.right) return fail(verdict.kind, status, body);
    record.answered(question, verdict.by, at);
    if (!streaming) record.tookMs(performance.now() - startedAt);
  }

  return {
    ask: (question, agent) => {
      const asked = sendOnce(question, agent).finally(() => inFlight.delete(asked));
      inFlight.add(asked);
    },
    expect: (application, allowed) =>
      void (allowed === undefined ? expectations.delete(application) : expectations.set(application, allowed)),
    report: () => record.report(),
    settled: async () => await Promise.all(inFlight),
  };
}
