/** What every task of a zone is made from: AWS's own task definition, and what the settings say of the application's container. */
import { z } from 'zod';
import { durationBetween } from '../durations';
import { asAwsTakes } from './aws-names';

const ofRegistered = 'AWS says this of a task definition that it has, and takes it for none: leave it out';
const refused = {
  family: 'cutover names the task definitions: leave it out',
  taskDefinitionArn: ofRegistered,
  revision: ofRegistered,
  status: ofRegistered,
  requiresAttributes: ofRegistered,
  compatibilities: ofRegistered,
  registeredAt: ofRegistered,
  registeredBy: ofRegistered,
  deregisteredAt: ofRegistered,
  deleteRequestedAt: ofRegistered,
};

/** As far as the settings look into it; the rest is checked by AWS's names and types. */
export interface ContainerTemplate {
  readonly name?: string;
  readonly memory?: number;
  readonly memoryReservation?: number;
  readonly portMappings?: readonly { readonly containerPort?: number }[];
  readonly environment?: readonly { readonly name?: string }[];
  readonly secrets?: readonly { readonly name?: string }[];
}

/** As {@link ContainerTemplate}. */
export interface TaskDefinitionTemplate extends Readonly<Record<string, unknown>> {
  readonly networkMode?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly containerDefinitions?: readonly ContainerTemplate[];
  readonly runtimePlatform?: { readonly operatingSystemFamily?: string; readonly cpuArchitecture?: string };
}

/**
 * What `RegisterTaskDefinition` takes, in AWS's own spelling; cutover sets family and image.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
export const taskDefinition = z
  .record(z.string(), z.unknown())
  .superRefine(asAwsTakes('RegisterTaskDefinitionRequest', refused))
  .transform((value) => value as TaskDefinitionTemplate);

/** What isn't given here is as the template's container has it, where there is one of this name. */
export const container = z.strictObject({
  /** Default `application`. */
  name: z.string().min(1).optional(),
  /** Default 80. */
  port: z.int().min(1).max(65535).optional(),
  /** Default 30 s. */
  stopTimeout: durationBetween('0s', '120s').optional(),
  environment: z.record(z.string(), z.string()).default({}),
  /** Receives the container's output, by the `awslogs` driver; the last lines of a task that stops are read from it. */
  logGroup: z.string().optional(),
});

export type ContainerSettings = z.infer<typeof container>;

/** The application's container where nothing says otherwise. */
export const containerDefaults = { name: 'application', port: 80, stopTimeout: 30_000 } as const;

/** What {@link containerFault} looks at. */
interface Template {
  readonly taskDefinition: TaskDefinitionTemplate;
  readonly container: ContainerSettings;
}

/**
 * A template whose container can't be told to be the application's, as people paste it from the console: two containers would
 * have one port. `undefined` when all is well.
 */
export function containerFault({ taskDefinition: { containerDefinitions = [] }, container: given }: Template) {
  const { name = containerDefaults.name, port = containerDefaults.port } = given;
  const own = containerDefinitions.find((one) => one.name === name);
  if (own) return own.portMappings && !hasPort(own, port) ? noPort(name, port, own) : undefined;
  const [only, ...more] = containerDefinitions.filter((one) => hasPort(one, port));
  if (only === undefined) return given.name === undefined ? unnamed(containerDefinitions) : undefined;
  return `the task definition has no container ${name}, and ${[only, ...more].map((one) => one.name).join(', ')} has its port ${port}: set container.name to ${only.name} if that is the application, or container.port to another one`;
}

/** Whoever has any port may be the application: only its owner knows. */
function unnamed(containers: readonly ContainerTemplate[]): string | undefined {
  const reached = containers.find((one) => portsOf(one).length > 0);
  if (reached === undefined) return undefined;
  const { name } = containerDefaults;
  return `the task definition has no container ${name}, and ${reached.name} has the port ${portsOf(reached).join(', ')}: set container.name to ${reached.name} if that is the application, or to ${name} if another container is to be added beside it`;
}

const portsOf = ({ portMappings = [] }: ContainerTemplate) => portMappings.map(({ containerPort }) => containerPort);
const hasPort = (one: ContainerTemplate, port: number) => portsOf(one).includes(port);
const noPort = (name: string, port: number, own: ContainerTemplate) =>
  `container ${name} of the task definition has ${portsOf(own).length === 0 ? 'no port' : `the port ${portsOf(own).join(', ')}`}, and ${port} is wanted: set container.port, or add it to its portMappings`;

/** A name that is both a variable and a secret of one container, which AWS refuses; `undefined` where none is. */
export function secretFault({ taskDefinition: { containerDefinitions = [] }, container: given }: Template) {
  const { name: own = containerDefaults.name, environment: more } = given;
  for (const { name, environment = [], secrets = [] } of containerDefinitions) {
    const variables = [...environment.map((one) => one.name), ...(name === own ? Object.keys(more) : [])];
    const both = secrets.find((secret) => variables.includes(secret.name));
    if (both) return `container ${name} has ${both.name} in its environment and among its secrets: leave one out`;
  }
  return undefined;
}

/** What tasks run: it decides the defaults, where the task definition doesn't say. */
export const platform = z.enum(['windows', 'linux']).optional();

/** What {@link isWindows} looks at. */
export interface PlatformSettings {
  readonly taskDefinition?: TaskDefinitionTemplate;
  readonly platform?: z.infer<typeof platform>;
}

/** Whether tasks run on Windows: the task definition says it, else the platform. */
export const isWindows = ({ taskDefinition: { runtimePlatform } = {}, platform: named }: PlatformSettings): boolean =>
  runtimePlatform?.operatingSystemFamily === undefined
    ? named === 'windows'
    : /^WINDOWS/i.test(runtimePlatform.operatingSystemFamily);

/** Of Windows where the settings name no version: the one that OutSystems' images are made of. */
export const windowsPlatform = {
  operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE',
  cpuArchitecture: 'X86_64',
} as const;

/** A task definition for another platform than the one that is named. */
export function platformFault({ taskDefinition, platform: named }: PlatformSettings): string | undefined {
  const family = taskDefinition?.runtimePlatform?.operatingSystemFamily;
  const runs = /^WINDOWS/i.test(family ?? '') ? 'windows' : 'linux';
  if (named === undefined || family === undefined || runs === named) return undefined;
  return `the task definition's runtimePlatform is ${family}: leave one of the two out`;
}
