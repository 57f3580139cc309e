/** What `npm run real-account -- …` is given. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly region: string;
  readonly vpc: string;
  /** At least two, in different Availability Zones. */
  readonly subnets: readonly string[];
  /** Of the load balancer and the tasks; the VPC's default one if undefined. */
  readonly securityGroup?: string;
  /** The listener's. Default: 80. */
  readonly port: number;
  /** How often something is created to be read at once. Default: 100. */
  readonly times: number;
  /** An image index in ECR, as `repository:tag`. */
  readonly image?: string;
  /** A Windows image that serves port 80. Default: Microsoft's of IIS. */
  readonly windows: string;
  /** A cluster with Windows instances, to run it there too. */
  readonly windowsCluster?: string;
  /** Leaves what was made, for a look at it; the next run removes it. */
  readonly keep: boolean;
  /** The file of facts. Default: `real-account.json`. */
  readonly out: string;
}

/** Something that was given is wrong, in one sentence. */
export class BadInput extends Error {}

const texts = [
  'region',
  'vpc',
  'subnets',
  'security-group',
  'port',
  'times',
  'image',
  'windows',
  'windows-cluster',
  'out',
] as const;
const flags = ['keep'] as const;

const iis = 'mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022';

/** @throws {BadInput} */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const text = (name: (typeof texts)[number]): string | undefined => values[name] as string | undefined;
  const region = text('region') ?? missing('--region', 'the AWS region, such as eu-west-1');
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new BadInput(`--region: ${region} is no AWS region; give one such as eu-west-1.`);
  const vpc = text('vpc') ?? missing('--vpc', 'the VPC in which the tries make their load balancer');
  const subnets = (text('subnets') ?? '').split(',').filter((subnet) => subnet !== '');
  if (subnets.length < 2)
    throw new BadInput(`--subnets: a load balancer needs two subnets of ${vpc} in different zones; give a,b.`);
  const securityGroup = text('security-group');
  const image = text('image');
  const windowsCluster = text('windows-cluster');
  if (image !== undefined && !/^[^:]+:[^:]+$/.test(image))
    throw new BadInput(`--image: ${image} isn't REPOSITORY:TAG of this account's registry.`);
  return {
    region,
    vpc,
    subnets,
    ...(securityGroup !== undefined && { securityGroup }),
    ...(image !== undefined && { image }),
    windows: text('windows') ?? iis,
    ...(windowsCluster !== undefined && { windowsCluster }),
    port: numberOf('port', text('port') ?? '80'),
    times: numberOf('times', text('times') ?? '100'),
    keep: values['keep'] === true,
    out: text('out') ?? 'real-account.json',
  };
}

function parsed(args: readonly string[]): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries([
    ...texts.map((name) => [name, { type: 'string' as const }] as const),
    ...flags.map((name) => [name, { type: 'boolean' as const }] as const),
  ]);
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadInput((error as Error).message);
  }
}

function missing(option: string, what: string): never {
  throw new BadInput(`${option} is missing: give ${what}.`);
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new BadInput(`--${name}: ${text} is no whole number from 1 to 65535.`);
  return number;
}
