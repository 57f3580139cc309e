/** Runs one of the stack's own services in this process, until SIGTERM: what the hidden command `local run-service` does. */
import { join } from 'node:path';
import { pino } from 'pino';
import { takeControlKey, takeKeys, type Conditions } from '../../packages/local-aws/src/index';
import type { AwsOptions } from '../../packages/local-aws/src/control-plane';
import { runPlatformServer } from '../platform-server/server';

/** The options of `local run-service`; each service uses some of them. */
export interface ServiceOptions {
  readonly folder: string;
  readonly port: number;
  readonly controlPort: number;
  readonly timeScale: number;
  /** The load balancer's control port, as a URL without its key. */
  readonly loadBalancer: string;
  readonly images: string;
  /** What AWS is like, as JSON. */
  readonly conditions: string;
}

type Close = () => Promise<void>;

/**
 * Returns when the service runs; its end ends the process.
 * @throws {Error} of one sentence for a service that doesn't exist
 */
export async function runService(name: string, options: ServiceOptions): Promise<void> {
  const start = services[name];
  if (start === undefined) throw new Error(`There is no service "${name}": ${Object.keys(services).join(', ')}.`);
  const close = await start(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void close().then(() => process.exit(0)));
  }
}

const services: Readonly<Record<string, (options: ServiceOptions) => Promise<Close>>> = {
  'platform-server': async ({ folder, port }) => {
    const { openStackLifeTime } = await import('../lifetime/stack.js');
    // A stack's Platform Server keeps its things in a folder of the stack's.
    const lifeTime = await openStackLifeTime(folder, join(folder, '..'));
    return (await runPlatformServer({ folder, port, lifeTime })).close;
  },
  'load-balancer': async ({ folder, controlPort }) => {
    const { runProxy } = await import('../../packages/local-aws/src/load-balancer.js');
    return (await runProxy({ folder, controlPort, controlKey: takeControlKey(), log: pino() })).close;
  },
  aws: async ({ folder, port, controlPort, timeScale, images, loadBalancer, conditions }) => {
    const { runAws } = await import('../../packages/local-aws/src/control-plane.js');
    const ports = { port, controlPort, proxyControlUrl: loadBalancer };
    const aws = {
      folder,
      keys: takeKeys(),
      controlKey: takeControlKey(),
      ...ports,
      timeScale,
      imagesFolder: images,
      ...(JSON.parse(conditions) as Conditions & Pick<AwsOptions, 'identities'>),
    };
    return (await runAws({ ...aws, environmentPrefix: 'CUTOVER', log: pino() })).close;
  },
};
