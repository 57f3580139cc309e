/**
 * The load balancer's data plane: a reverse proxy that obeys listeners, rules, weights, health checks and deregistration
 * delay as an Application Load Balancer documents them.
 *
 * Invariant: it starts from what it last was told, and serves before the control plane has said a word.
 */
import { createBalancer } from '../balancer';
import type { DataPlaneConfiguration } from '../configuration';
import { type ListenerError, createListeners } from '../listening/listeners';
import { type Control, type ProxyEnd, startControl } from './control';
import { createStateKeeper, loadState } from './saved-state';

/** What pino and Fastify log with. */
export interface ProxyLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface ProxyOptions {
  /** Where its state is kept; made when it isn't there. */
  readonly folder: string;
  /** On 127.0.0.1; 0 for any free one. */
  readonly controlPort: number;
  readonly log: ProxyLog;
  /** How many nodes the load balancer has; 2 by default, one a zone. */
  readonly nodeCount?: number;
  /** How it ends when the control port asks for it. A signal to this process by default. */
  readonly end?: (how: ProxyEnd) => void;
}

export interface Proxy {
  readonly controlUrl: string;
  /** Closes the ports and cuts what is in flight. */
  close(): Promise<void>;
}

/** Rejects when the folder can't be made or the control port can't be opened. */
export async function runProxy(options: ProxyOptions): Promise<Proxy> {
  const { folder, controlPort, log, nodeCount = 2, end = endProcess } = options;
  const saved = await loadState(folder);
  const keeper = createStateKeeper(folder, (error) => log.warn({ error: String(error), folder }, 'state not saved'));
  let control: Control | undefined;
  const balancer = createBalancer({
    nodeCount,
    knownHealth: saved.health,
    onChange: () => {
      keeper.saveHealth(() => balancer.health());
      control?.changed();
    },
  });
  const listeners = createListeners(balancer);
  let held: DataPlaneConfiguration | undefined;
  let applying: Promise<readonly ListenerError[]> = Promise.resolve([]);

  const apply = async (configuration: DataPlaneConfiguration): Promise<readonly ListenerError[]> => {
    if (held !== undefined && configuration.version < held.version) {
      log.info({ version: configuration.version, held: held.version }, 'older configuration ignored');
      return [];
    }
    held = configuration;
    await keeper.saveConfiguration(configuration);
    balancer.follow(configuration);
    const errors = await listeners.follow(configuration.listeners);
    for (const error of errors) log.warn(error, 'listener is not open');
    return errors;
  };
  const configure = (configuration: DataPlaneConfiguration): Promise<readonly ListenerError[]> => {
    applying = applying.catch(() => []).then(() => apply(configuration));
    return applying;
  };

  if (saved.configuration !== undefined) await configure(saved.configuration);
  control = await startControl(controlPort, {
    configure,
    report: () => balancer.report(),
    counts: balancer.counts,
    end,
  });
  log.info({ controlUrl: control.url, version: held?.version }, 'load balancer is up');
  return {
    controlUrl: control.url,
    async close() {
      await control.close();
      await listeners.close();
      balancer.close();
      await keeper.settled();
    },
  };
}

function endProcess(how: ProxyEnd): void {
  process.kill(process.pid, how === 'crash' ? 'SIGKILL' : 'SIGTERM');
}
