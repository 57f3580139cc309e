/**
 * The ports of a stack, all on loopback. The default ones are fixed and documented; `auto` takes free ones, which the folder
 * then keeps, because a load balancer's listener can't change its port under a running application.
 */
import { chooseFreePorts } from '../../packages/local-aws/src/index';

/** Temporal's ports are the defaults of its own development server. */
export const defaultPorts = {
  temporal: 7233,
  temporalUi: 8233,
  loadBalancer: 8080,
  testListener: 8081,
  platformServer: 8082,
  hooks: 8083,
  aws: 4566,
  awsControl: 4567,
  loadBalancerControl: 4568,
} as const;

export type PortName = keyof typeof defaultPorts;
export type Ports = Readonly<Record<PortName, number>>;

/**
 * The ports that a folder's stack has from now on.
 * @throws {Error} of one sentence when no free ones are found
 */
export async function choosePorts(folder: string, choice: 'default' | 'auto'): Promise<Ports> {
  if (choice === 'default') return defaultPorts;
  return await chooseFreePorts(folder, Object.keys(defaultPorts) as PortName[]);
}
