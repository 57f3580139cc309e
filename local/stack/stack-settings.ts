/**
 * The `cutover.yaml` of a stack. It is written once, and is its user's to edit from then on: later starts only set what depends
 * on the start, the addresses.
 */
import { existsSync } from 'node:fs';
import { formatDuration } from '../../settings/durations';
import { writeWhole } from '../../packages/local-aws/src/index';
import { listInstalled } from '../platform-server/applications';
import { commandLine } from './command-line';
import type { StackPlan } from './plan';
import { stackRole } from './policies';

import { resolverOf } from './report';
import { changeSettings, registration, type SettingsChange } from './settings';
import { localNetwork, type Zone } from './zone';

/** The longest time until every node of the local load balancer has a changed rule, with some margin (seconds, unscaled). */
const settleSeconds = 15;

/** Writes this stack's addresses and the applications on its Platform Server into the file. */
export async function writeStackSettings(plan: StackPlan, zone: Zone): Promise<void> {
  const { settings, platformServer } = plan.folders;
  if (!existsSync(settings)) await writeWhole(settings, firstSettings(plan, zone));
  // The worker knows what was published through the hooks from the hook calls.
  const here = (await listInstalled(platformServer)).filter(({ hosting }) => hosting === undefined);
  await changeSettings(settings, [...addresses(plan, zone), ...here.flatMap(registration)]);
}

function addresses(plan: StackPlan, zone: Zone): SettingsChange[] {
  const inZone = (name: string, value: string): SettingsChange => ({ path: ['zones', 'local', name], value });
  return [
    { path: ['temporal', 'address'], value: plan.temporalAddress },
    inZone('address', `http://127.0.0.1:${plan.ports.loadBalancer}`),
    inZone('region', plan.aws.region),
    inZone('cluster', zone.cluster),
    inZone('listener', zone.listenerArn),
    inZone('testListener', zone.testListenerArn),
    { path: ['zones', 'local', 'probe', 'resolver'], value: resolverOf(plan) },
    { path: ['lifetime', 'address'], value: `http://127.0.0.1:${plan.ports.platformServer}` },
    { path: ['lifetime', 'token'], value: { file: plan.folders.lifeTimeToken } },
    { path: ['hooks', 'port'], value: plan.ports.hooks },
    { path: ['hooks', 'secretFile'], value: plan.folders.hookSecret },
  ];
}

/** Health checks are as quick as AWS allows, and draining as quick as the sample's slow pages allow. */
function firstSettings(plan: StackPlan, zone: Zone): string {
  const { timeScale, conditions, pollMs, aws, ports, temporalAddress, folders } = plan;
  return `# The settings of a local stack. Change what you like: the stack itself sets only the addresses.
temporal:
  address: ${temporalAddress}
defaultZone: local
# The local AWS has AWS's rates, raised by --rates, or else by --time-scale. This uses half of them, as elsewhere.
awsRates:
  factor: ${conditions.rates === 'off' ? 1000 : conditions.rates / 2}
  pollInterval: ${formatDuration(pollMs)}
hooks:
  port: ${ports.hooks}
  secretFile: ${JSON.stringify(folders.hookSecret)}
lifetime:
  address: http://127.0.0.1:${ports.platformServer}
  token: { file: ${JSON.stringify(folders.lifeTimeToken)} }
  every: ${formatDuration(Math.max(500, 5_000 / timeScale))}
  environments:
    Production: { zone: local }
zones:
  local:
    address: http://127.0.0.1:${ports.loadBalancer}
    region: ${aws.region}
    cluster: ${zone.cluster}
    listener: ${zone.listenerArn}
    testListener: ${zone.testListenerArn}
    probe:
      resolver: ${resolverOf(plan)}
      every: ${formatDuration(Math.max(1_000, 5_000 / timeScale))}
      patience: ${formatDuration(Math.max(5_000, 50_000 / timeScale))}
    registry: 000000000000.dkr.ecr.${aws.region}.amazonaws.com
    priorities: { from: 1000, to: 1999 }
    # The default where tasks run Windows, whose IIS takes paths in any case.
    caseInsensitive: classes
    network:
      subnets: [${localNetwork.subnets.join(', ')}]
      securityGroups: [${localNetwork.securityGroups.join(', ')}]
    taskDefinition:
      cpu: '256'
      memory: '512'
      executionRoleArn: ${stackRole(zone.cluster, 'execution')}
      taskRoleArn: ${stackRole(zone.cluster, 'task')}
    # On Fargate no folder of this machine could be mounted.
    service: { launchType: EC2 }
    container:
      port: 8080
      logGroup: cutover-local
    targetGroup:
      vpc: ${localNetwork.vpc}
      healthCheck: { interval: 5s, timeout: 2s }
      # Requests take their time whatever --time-scale is, and this is divided by it.
      deregistrationDelay: ${drainSeconds(plan)}s
    desiredCount: 2
    startTimeout: 2m
    folders:
      target: ${shared(folders.targets)}
      result: ${shared(folders.results)}
      config: ${shared(folders.configurations)}
    builder:
      kind: command
      command: ${JSON.stringify(localBuilder(plan))}
    configuration:
      store: ${JSON.stringify(folders.configurationStore)}
      configurationMount: { kind: host, root: ${JSON.stringify(folders.configurationStore)} }
    deployment:
      bake: 10s
      # So long the Platform Server must say that it has none of the modules, before a removed application's containers go.
      removeAfter: 10s
      # The load balancer takes up to 10 s and a little more, divided by --time-scale, until all of it has a changed rule.
      settle: ${formatDuration(Math.ceil((settleSeconds * 1000) / timeScale))}
`;
}

/** The platform and the worker run on the same machine, so a folder has the same path for both. */
const shared = (folder: string) => JSON.stringify({ platform: folder, mounted: folder });

/** The lines that make the worker build images for the local ECS, as `docker build` would elsewhere. */
const localBuilder = ({ folders }: StackPlan): string[] => [
  process.execPath,
  commandLine(),
  'local',
  'build',
  '{bundle}',
  '--image',
  '{image}',
  '--dir',
  folders.root,
];

const drainSeconds = ({ longestRequestMs, timeScale }: StackPlan): number =>
  Math.min(3600, Math.max(5, Math.ceil((longestRequestMs * timeScale) / 1000)));
