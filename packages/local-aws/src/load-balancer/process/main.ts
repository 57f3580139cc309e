/**
 * The load balancer's data plane: a reverse proxy that follows listeners, rules, weights, health checks and deregistration
 * delay as the documentation of the Application Load Balancer has them.
 *
 * Invariant: it starts from the last configuration that it had, and serves before the control plane has sent anything.
 */
import { createBalancer } from '../balancer';
import type { DataPlaneConfiguration } from '../configuration';
import { type ListenerError, createListeners } from '../listening/listeners';
import { startNameServer } from '../../name-server';
import { type Control, type ProxyEnd, startControl } from './control';
import { createStateKeeper, loadState } from './saved-state';

/** The part of pino's logger that is used; Fastify's has it too. */
export interface ProxyLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface ProxyOptions {
  /** The folder of its state; made when it doesn't exist. */
  readonly folder: string;
  /** The control port on 127.0.0.1, and by UDP that of DNS; 0 for any free ones. */
  readonly controlPort: number;
  /** What every path on the control port begins with. */
  readonly controlKey: string;
  readonly log: ProxyLog;
  /** Called when the control port is asked to end it. Default: a signal to this process. */
  readonly end?: (how: ProxyEnd) => void;
}

export interface Proxy {
  /** With the key. */
  readonly controlUrl: string;
  /** Where DNS knows the load balancers' names, e.g. `127.0.0.1:4568`. */
  readonly resolver: string;
  /** Closes the ports and cuts what is in flight. */
  close(): Promise<void>;
}

/**
 * Runs the load balancer in this process.
 * @throws {Error} when the folder can't be made or the control port can't be opened, as TCP or as UDP
 */
export async function runProxy(options: ProxyOptions): Promise<Proxy> {
  const { folder, controlPort, controlKey, log, end = endProcess } = options;
  const saved = await loadState(folder);
  const keeper = createStateKeeper(folder, (error) => log.warn({ error: String(error), folder }, 'state not saved'));
  let control: Control | undefined;
  const balancer = createBalancer({
    knownHealth: saved.health,
    onChange: () => {
      keeper.saveHealth(() => balancer.health());
      control?.changed();
    },
  });
  const listeners = createListeners(balancer);
  let addresses = new Map<string, readonly string[]>();
  const names = await startNameServer(controlPort, (name) => addresses.get(name));
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
    const errors = await listeners.follow(configuration);
    addresses = addressesByName(configuration);
    for (const error of errors) log.warn(error, 'listener is not open');
    return errors;
  };
  const configure = (configuration: DataPlaneConfiguration): Promise<readonly ListenerError[]> => {
    applying = applying.catch(() => []).then(() => apply(configuration));
    return applying;
  };

  if (saved.configuration !== undefined) await configure(saved.configuration);
  control = await startControl(
    { port: controlPort, key: controlKey },
    {
      configure,
      report: () => balancer.report(),
      counts: balancer.counts,
      end,
    },
  );
  log.info({ controlPort: control.port, version: held?.version }, 'load balancer is up');
  return {
    controlUrl: control.url,
    resolver: names.address,
    async close() {
      await Promise.all([control.close(), names.close()]);
      await listeners.close();
      balancer.close();
      await keeper.settled();
    },
  };
}

const addressesByName = ({ loadBalancers }: DataPlaneConfiguration) =>
  new Map(loadBalancers.map(({ dnsName, nodes }) => [dnsName, nodes.map(({ address }) => address)]));

function endProcess(how: ProxyEnd): void {
  process.kill(process.pid, how === 'crash' ? 'SIGKILL' : 'SIGTERM');
}
