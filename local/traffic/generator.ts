/**
 * The traffic: a steady rate over all modules, half of it on new connections, and streams that overlap, so that every
 * application has one open whenever connections are cut.
 */
import { createAsker } from './asking';
import type { Allowed, TrafficApplication, TrafficOptions, TrafficReport } from './messages';
import { keepAliveAgent } from './send';

const tickMs = 10;
/** After a pause of this process, at most this many of the missed requests are sent at once. */
const mostAtOnce = 50;

export interface Generator {
  report(): TrafficReport;
  setApplications(applications: readonly TrafficApplication[]): void;
  expect(application: string, allowed: readonly Allowed[] | undefined): void;
  /** Sends nothing more; resolves when nothing is in flight. */
  stop(): Promise<TrafficReport>;
}

export function startGenerator(options: TrafficOptions): Generator {
  const { loadBalancer, nodes, host, cookie, headers: added = {} } = options;
  const { requestsPerSecond = 100, timeoutMs = 30_000, streamMs = 3_000 } = options;
  const { streamEveryMs = streamMs / 2 } = options;
  const asker = createAsker({ loadBalancer, nodes, host, cookie, added, timeoutMs, streamMs });
  const agents = { requests: keepAliveAgent(loadBalancer), streams: keepAliveAgent(loadBalancer) };
  let applications = options.applications;
  let turn = 0;

  function sendNext(): void {
    const modules = applications.flatMap(({ name, modules: names }) => names.map((module) => [name, module] as const));
    const next = modules[turn % modules.length];
    // The kind of connection changes from round to round too, so that every module gets both.
    const count = Math.max(1, modules.length);
    const fresh = (Math.floor(turn / count) + (turn % count)) % 2 === 0;
    turn += 1;
    if (next === undefined) return;
    const [application, module] = next;
    asker.ask({ application, module, streaming: false }, fresh ? undefined : agents.requests);
  }

  let streamTurn = 0;
  function sendStreams(): void {
    streamTurn += 1;
    for (const { name, modules } of applications) {
      const module = modules[streamTurn % modules.length];
      if (module === undefined) continue;
      asker.ask({ application: name, module, streaming: true }, streamTurn % 2 === 0 ? agents.streams : undefined);
    }
  }

  const stopPacing = pace(requestsPerSecond, sendNext);
  sendStreams();
  // By default two are open at any time, so that one of them is open while the other is replaced.
  const streams = setInterval(sendStreams, streamEveryMs);

  return {
    report: asker.report,
    setApplications: (next) => void (applications = next),
    expect: asker.expect,
    async stop() {
      stopPacing();
      clearInterval(streams);
      await asker.settled();
      agents.requests.destroy();
      agents.streams.destroy();
      return asker.report();
    },
  };
}

/** Calls `act` that often a second on average, however late the timers fire. Returns how to stop it. */
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
