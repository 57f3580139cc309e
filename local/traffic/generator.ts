/**
 * The traffic: a steady rate over all modules, half of it on new connections, and streams that overlap, so that in every
 * application one is open whenever something is cut.
 *
 * Invariants: no request is ever sent twice. What counts as sent is answered, failed or in flight, nothing else.
 */
import type { Agent } from 'node:http';
import { judgeAnswer, type Question } from './judge';
import type { Allowed, FailureKind, TrafficApplication, TrafficOptions, TrafficReport } from './messages';
import { createRecord } from './record';
import { keepAliveAgent, send } from './send';

const tickMs = 10;
/** After a pause of this process not everything that was missed is sent at once. */
const mostAtOnce = 50;
const receivedCharacters = 200;

export interface Generator {
  report(): TrafficReport;
  setApplications(applications: readonly TrafficApplication[]): void;
  expect(application: string, allowed: readonly Allowed[] | undefined): void;
  /** Sends nothing more; resolves when nothing is in flight. */
  stop(): Promise<TrafficReport>;
}

export function startGenerator(options: TrafficOptions): Generator {
  const { loadBalancer, host, requestsPerSecond = 100, timeoutMs = 30_000, streamMs = 3_000 } = options;
  const record = createRecord();
  const agents = { requests: keepAliveAgent(), streams: keepAliveAgent() };
  const expectations = new Map<string, readonly Allowed[]>();
  const inFlight = new Set<Promise<void>>();
  let applications = options.applications;
  let turn = 0;

  function begin(question: Question, agent: Agent | undefined): void {
    const asked = ask(question, agent).finally(() => inFlight.delete(asked));
    inFlight.add(asked);
  }

  async function ask(question: Question, agent: Agent | undefined): Promise<void> {
    const { application, module, streaming } = question;
    const url = new URL(`/${module}/${streaming ? `slow?ms=${streamMs}` : ''}`, loadBalancer);
    const [sentAt, startedAt, allowedThen] = [Date.now(), performance.now(), expectations.get(application)];
    record.sent(question);
    const outcome = await send({ url, host, agent, timeoutMs: timeoutMs + (streaming ? streamMs : 0) });
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

  function sendNext(): void {
    const modules = applications.flatMap(({ name, modules: names }) => names.map((module) => [name, module] as const));
    const next = modules[turn % modules.length];
    // The kind of connection changes from round to round too, so that every module meets both.
    const count = Math.max(1, modules.length);
    const fresh = (Math.floor(turn / count) + (turn % count)) % 2 === 0;
    turn += 1;
    if (next === undefined) return;
    const [application, module] = next;
    begin({ application, module, streaming: false }, fresh ? undefined : agents.requests);
  }

  let streamTurn = 0;
  function sendStreams(): void {
    streamTurn += 1;
    for (const { name, modules } of applications) {
      const module = modules[streamTurn % modules.length];
      if (module === undefined) continue;
      begin({ application: name, module, streaming: true }, streamTurn % 2 === 0 ? agents.streams : undefined);
    }
  }

  const stopPacing = pace(requestsPerSecond, sendNext);
  sendStreams();
  // Two are open at any time, so that one is while the other changes.
  const streams = setInterval(sendStreams, streamMs / 2);

  return {
    report: () => record.report(),
    setApplications: (next) => void (applications = next),
    expect: (application, allowed) =>
      void (allowed === undefined ? expectations.delete(application) : expectations.set(application, allowed)),
    async stop() {
      stopPacing();
      clearInterval(streams);
      await Promise.all(inFlight);
      agents.requests.destroy();
      agents.streams.destroy();
      return record.report();
    },
  };
}

/** Calls so often a second on average, however late a timer comes. */
function pace(perSecond: number, act: () => void): () => void {
  let due = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(mostAtOnce, due + ((now - last) * perSecond) / 1000);
    last = now;
    for (; due >= 1; due -= 1) act();
  }, tickMs);
  return () => clearInterval(timer);
}
