/** The files of a local AWS, and `local-aws.json`: what runs now and where. */
import { join, resolve } from 'node:path';
import { controlKeyOf, controlUrl } from '../control-key';
import type { Ports } from '../processes/ports';
import type { ProcessIdentity } from '../processes/process-identity';

/** The processes of a local AWS. */
export type ProcessName = 'aws' | 'loadBalancer';

/** All of them are on loopback. */
export const defaultPorts = { aws: 4566, awsControl: 4567, loadBalancerControl: 4568 } as const;

export type LocalAwsPorts = Ports<keyof typeof defaultPorts>;

export interface LocalAwsFolders {
  readonly root: string;
  readonly aws: string;
  readonly loadBalancer: string;
  readonly images: string;
  readonly logs: string;
  /** The file of the access key and its secret. */
  readonly key: string;
  /** The file `local-aws.json`. */
  readonly report: string;
}

export function localAwsFolders(folder: string): LocalAwsFolders {
  const root = resolve(folder);
  return {
    root,
    aws: join(root, 'aws'),
    loadBalancer: join(root, 'load-balancer'),
    images: join(root, 'images'),
    logs: join(root, 'logs'),
    key: join(root, 'access-key.json'),
    report: join(root, 'local-aws.json'),
  };
}

/** URLs are `http://host:port`, folders are absolute. The file exists while the local AWS runs. */
export interface LocalAwsReport {
  /** The value for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly region: string;
  /** No other key is accepted. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The control port with its key, for faults and the counts of calls: paths are added to it. */
  readonly control: string;
  /** The DNS server of the load balancers' names, as address and UDP port. */
  readonly resolver: string;
  /** The file with the certificate of the authority that issues the load balancers' certificates. */
  readonly certificateAuthority: string;
  readonly images: string;
  readonly logs: string;
  /** What chance depends on: `--seed` repeats it. */
  readonly seed: number;
  /** `started` distinguishes a process from a later one with the same pid. One that is just being restarted is absent. */
  readonly processes: Readonly<Partial<Record<ProcessName, ProcessIdentity>>>;
}

export function planReport(
  { aws, images, logs }: LocalAwsFolders,
  ports: LocalAwsPorts,
  place: Pick<LocalAwsReport, 'region' | 'seed' | 'accessKeyId' | 'secretAccessKey'>,
  processes: LocalAwsReport['processes'],
): LocalAwsReport {
  return {
    endpoint: `http://127.0.0.1:${ports.aws}`,
    ...place,
    control: controlUrl(ports.awsControl, controlKeyOf(place)),
    resolver: `127.0.0.1:${ports.loadBalancerControl}`,
    certificateAuthority: join(aws, 'authority.pem'),
    images,
    logs,
    processes,
  };
}
