/** The restart of the load balancer: its process is asked to end, and its supervisor starts it again. */
import type { Faults } from './faults';

/** Strikes once for each fault of the kind, when it is set. */
export function restartOnDemand(faults: Faults, proxyControlUrl: string, report: (error: unknown) => void): void {
  faults.onChange(() => {
    for (const active of faults.of('loadBalancerRestart')) {
      if (active.strikes > 0) continue;
      active.strikes++;
      const url = `${proxyControlUrl}/end?how=${active.fault.how}`;
      fetch(url, { method: 'POST', signal: AbortSignal.timeout(5_000) }).catch(report);
    }
  });
}
