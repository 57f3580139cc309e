/**
 * Gives containers of a network the loopback addresses of this machine, where the local AWS and its load balancer's nodes are: the
 * kernel puts others in their places on the way out of the container, and them back on the way in. The containers know nothing of it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { podman } from './podman';

const run = promisify(execFile);
/** Free for tests of networks by RFC 2544. */
const between = '198.18.0.0/24';
const loopback = '127.0.0.0/24';

/** Lets them in on this side. @returns what takes it back */
export async function openLoopback(network: string): Promise<() => Promise<void>> {
  const [{ network_interface: bridge }] = JSON.parse(await podman('network', 'inspect', network)) as [
    { readonly network_interface: string },
  ];
  const rule = `PREROUTING --in-interface ${bridge} --destination ${between} --jump NETMAP --to ${loopback}`.split(' ');
  await run('sysctl', ['--write', `net.ipv4.conf.${bridge}.route_localnet=1`]);
  await run('iptables', ['--table', 'nat', '--insert', ...rule]);
  return async () => void (await run('iptables', ['--table', 'nat', '--delete', ...rule]));
}

/** @param own the ports on which the container itself is asked at its loopback address */
export async function shareLoopback(container: string, own: readonly number[]): Promise<void> {
  const pid = await podman('inspect', container, '--format', '{{.State.Pid}}');
  const nat = 'iptables --table nat --append';
  const script = [
    'sysctl --write net.ipv4.conf.all.route_localnet=1',
    // It has no node with IPv6.
    'sysctl --write net.ipv6.conf.all.disable_ipv6=1',
    `${nat} OUTPUT --destination ${loopback} --protocol tcp --match multiport --dports ${own.join(',')} --jump RETURN`,
    `${nat} OUTPUT --destination ${loopback} --jump NETMAP --to ${between}`,
    `${nat} POSTROUTING --destination ${between} --jump MASQUERADE`,
  ];
  await run('nsenter', ['--target', pid, '--net', 'sh', '-euc', script.join('\n')]);
}
