/** Nodes of load balancers that come and go. */
import type { Faults } from './faults';

/** The addresses that load balancers have with the faults that are set. */
export function withAddressFaults(faults: Faults, addresses: readonly string[]): readonly string[] {
  const come = faults.of('addressComes').map(({ fault }) => fault.address);
  const gone = new Set(faults.of('addressGone').map(({ fault }) => fault.address));
  return [...new Set([...addresses, ...come])].filter((address) => !gone.has(address));
}
