/** `local.json`: what a stack consists of while it runs, for people, tests and tools. It is removed when the stack ends. */
import { readFile } from 'node:fs/promises';
import { controlKeyOf, controlUrl, type ProcessIdentity, type TaskKind } from '../../packages/local-aws/src/index';
import type { StackPlan } from './plan';
import { authorityOf, type ProcessName } from './programs';
import type { AwsAccess, Zone } from './zone';

/** URLs are `http://host:port`. */
export interface StackReport {
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    /** Absent when the server isn't the stack's own. */
    readonly ui?: string;
  };
  readonly aws: AwsAccess &
    Pick<Zone, 'cluster' | 'listenerArn'> & {
      /** The control port with its key: paths are added to it. */
      readonly control: string;
      /** The file with the certificate of the authority that issues the load balancer's certificates. */
      readonly certificateAuthority: string;
    };
  readonly loadBalancer: string;
  /** Every address of the load balancer: its name in DNS, and the DNS server that knows it, as address and UDP port. */
  readonly loadBalancerNodes: { readonly name: string; readonly resolver: string };
  readonly testListener: string;
  readonly platformServer: string;
  readonly zone: string;
  readonly zoneAddress: string;
  /** Where the platform's calls go: `<hooks>/<anything>/<MethodName>?secret=<hookSecret>&…`. */
  readonly hooks: string;
  readonly hookSecret: string;
  /** TargetPath, ResultPath and ConfigPath of a hook call; also the folders' paths on this machine. */
  readonly folders: { readonly target: string; readonly result: string; readonly config: string };
  /** The file `cutover.yaml`. */
  readonly settings: string;
  /** What tasks are. */
  readonly tasks: TaskKind;
  /** What chance depends on: `--seed` repeats it. */
  readonly seed: number;
  /** `started` distinguishes a process from a later one with the same pid. One that is just being restarted is absent. */
  readonly processes: Readonly<Partial<Record<ProcessName, ProcessIdentity>>>;
}

export function planReport(plan: StackPlan, zone: Zone, processes: StackReport['processes']): StackReport {
  const { ports, aws, folders } = plan;
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  return {
    temporal: {
      address: plan.temporalAddress,
      namespace: plan.temporalNamespace,
      ...(plan.temporal === undefined ? {} : { ui: url(ports.temporalUi) }),
    },
    aws: {
      ...aws,
      cluster: zone.cluster,
      listenerArn: zone.listenerArn,
      control: controlUrl(ports.awsControl, controlKeyOf(aws)),
      certificateAuthority: authorityOf(plan),
    },
    loadBalancer: url(ports.loadBalancer),
    loadBalancerNodes: { name: zone.dnsName, resolver: resolverOf(plan) },
    testListener: url(ports.testListener),
    platformServer: url(ports.platformServer),
    zone: 'local',
    zoneAddress: url(ports.loadBalancer),
    hooks: url(ports.hooks),
    hookSecret: plan.hookSecret,
    folders: { target: folders.targets, result: folders.results, config: folders.configurations },
    settings: folders.settings,
    tasks: plan.conditions.tasks ?? 'processes',
    seed: plan.conditions.seed,
    processes,
  };
}

/** The load balancer's own port, by UDP. */
export const resolverOf = ({ ports }: StackPlan): string => `127.0.0.1:${ports.loadBalancerControl}`;

/**
 * Reads the report of a stack that runs.
 * @throws {Error} of one sentence when none runs there
 */
export async function readReport(file: string): Promise<StackReport> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as StackReport;
  throw new Error(`No local stack runs there (${file} is missing): start one with "cutover local".`);
}
