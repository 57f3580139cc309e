/** The replicas behind a load balancer, each asked at its own address where the worker can reach it. */
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { connect, isIP } from 'node:net';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import type { Site } from '../../planning/site';
import type { AwsDependencies } from '../aws/dependencies';
import { askAddresses, healthPage, type Answered } from './rounds';

/** The replicas that are to be warm, by their target group. */
export interface WarmedReplicas {
  readonly site: Site;
  readonly targetGroupArn: string;
  readonly protocol: string;
  /** The modules as the containers have them, e.g. `/Orders`: a path of their own is the load balancer's matter. */
  readonly paths: readonly string[];
}

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** A target in the same network answers at once, and a security group drops what it doesn't allow. */
const connectsWithinMs = 2_000;

/** The targets that get requests now. */
export async function describeTargets(
  { clientsOf }: AwsDependencies,
  { site, targetGroupArn }: WarmedReplicas,
): Promise<Target[]> {
  const { TargetHealthDescriptions = [] } = await clientsOf(site).elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').map(({ Target }) => ({
    address: Target?.Id ?? '',
    port: Target?.Port ?? 80,
  }));
}

/** Whether all of them can be asked from here. Targets that are instances have no address. */
export async function canReach(targets: readonly Target[]): Promise<boolean> {
  if (targets.length === 0 || targets.some(({ address }) => isIP(address) === 0)) return false;
  const reached = await Promise.all(targets.map(async (target) => await connects(target)));
  return reached.every(Boolean);
}

/** Asks a target for the health page of each of its modules. */
export async function askTarget(
  route: RouteAddress,
  { protocol }: WarmedReplicas,
  { address, port }: Target,
  paths: readonly string[],
): Promise<Answered[]> {
  const own: RouteAddress = { ...route, protocol: protocol === 'HTTPS' ? 'HTTPS' : 'HTTP', port, unverified: true };
  return await askAddresses(own, [address], { paths, file: healthPage, quick: true });
}

async function connects({ address, port }: Target): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: connectsWithinMs });
    const end = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
