/** The processes of a stack: what each one runs, and with which environment. */
import { join } from 'node:path';
import {
  controlKeyOf,
  controlKeyVariable,
  keysVariable,
  proxyNodeArguments,
  type Program,
} from '../../packages/local-aws/src/index';
import { temporalArguments } from '../temporal/server';
import { commandLine } from './command-line';
import type { StackPlan } from './plan';
import { stackPlaceholders, workerIdentities } from './policies';
import { zoneName, type AwsAccess } from './zone';

/** The processes of a stack. */
export type ProcessName = 'temporal' | 'aws' | 'loadBalancer' | 'platformServer' | 'worker' | 'hooks';

export interface StackPrograms {
  /** Started first, together. */
  readonly services: readonly Program<ProcessName>[];
  /** Started once the services run and the settings are written. */
  readonly consumers: readonly Program<ProcessName>[];
}

/** The programs to start, in their two groups. */
export function planPrograms(plan: StackPlan): StackPrograms {
  const { folders, ports } = plan;
  const own = (
    name: ProcessName,
    words: readonly string[],
    graceMs: number,
    nodeArguments: readonly string[] = [],
  ) => ({
    ...program(plan, name, graceMs),
    file: process.execPath,
    words: [...nodeArguments, commandLine(), ...words],
  });
  const identities = workerIdentities(plan.worker.accessKeyId, stackPlaceholders(plan.aws.region, zoneName));
  const conditions = JSON.stringify({ ...plan.conditions, identities });
  const scale = ['--time-scale', plan.timeScale, '--conditions', conditions];
  const awsWords = ['--port', ports.aws, '--control-port', ports.awsControl, ...scale];
  const loadBalancerUrl = `http://127.0.0.1:${ports.loadBalancerControl}`;
  const services = [
    ...(plan.temporal === undefined ? [] : [planTemporal(plan, plan.temporal)]),
    own('platformServer', service('platform-server', folders.platformServer, ['--port', ports.platformServer]), 10_000),
    own(
      'loadBalancer',
      service('load-balancer', folders.loadBalancer, ['--control-port', ports.loadBalancerControl]),
      5_000,
      proxyNodeArguments,
    ),
    own(
      'aws',
      service('aws', folders.aws, [...awsWords, '--load-balancer', loadBalancerUrl, '--images', folders.images]),
      5_000,
    ),
  ];
  const settings = ['--settings', folders.settings];
  const listener = ['hooks', ...settings, '--host', '127.0.0.1', '--port', String(ports.hooks)];
  return { services, consumers: [own('worker', ['worker', ...settings], 30_000), own('hooks', listener, 15_000)] };
}

function planTemporal(plan: StackPlan, file: string): Program<ProcessName> {
  const databaseFile = join(plan.folders.temporal, 'temporal.db');
  const { temporal: port, temporalUi: uiPort } = plan.ports;
  return { ...program(plan, 'temporal', 10_000), file, words: temporalArguments({ databaseFile, port, uiPort }) };
}

function program(plan: StackPlan, name: ProcessName, graceMs: number): Omit<Program<ProcessName>, 'file' | 'words'> {
  const environment = {
    ...stackEnvironment(plan, process.env),
    // Its probes ask HTTPS listeners too; its calls are held to the documented policies.
    ...(name === 'aws' && keysVariable(secretsOf(plan))),
    ...((name === 'aws' || name === 'loadBalancer') && controlKeyVariable(controlKeyOf(plan.aws))),
    ...(name === 'worker' && { NODE_EXTRA_CA_CERTS: authorityOf(plan), ...credentialsOf(plan.worker) }),
  };
  return { name, environment, logFile: join(plan.folders.logs, `${name}.log`), graceMs };
}

function service(name: string, folder: string, words: readonly (string | number)[]): string[] {
  return ['local', 'run-service', name, '--folder', folder, ...words.map(String)];
}

/**
 * The caller's environment, but with the local AWS as AWS and the stack's Temporal server as Temporal: any profile, endpoint or
 * secret that the caller has for the real ones must not be mixed in.
 */
function stackEnvironment(plan: StackPlan, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = plan.temporal === undefined ? /^(AWS_|CUTOVER_HOOK)/ : /^(AWS_|TEMPORAL_|CUTOVER_HOOK)/;
  const kept = Object.entries(environment).filter(([name]) => !foreign.test(name));
  const temporal = {
    TEMPORAL_ADDRESS: plan.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: plan.folders.temporalProfile,
  };
  return {
    ...Object.fromEntries(kept),
    ...(plan.temporal === undefined ? {} : temporal),
    AWS_ENDPOINT_URL: plan.aws.endpoint,
    ...credentialsOf(plan.aws),
    AWS_REGION: plan.aws.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

/** The file with the certificate of the local AWS's authority; it is there before the programs that need it start. */
export const authorityOf = ({ folders }: StackPlan): string => join(folders.aws, 'authority.pem');

/** The secrets by access key. */
const secretsOf = ({ aws, worker }: StackPlan) =>
  Object.fromEntries([aws, worker].map(({ accessKeyId, secretAccessKey }) => [accessKeyId, secretAccessKey]));

const credentialsOf = ({ accessKeyId, secretAccessKey }: AwsAccess) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

/** https://docs.temporal.io/develop/environment-configuration */
export function temporalProfile({ temporalAddress, temporalNamespace }: StackPlan): string {
  return `[profile.default]\naddress = "${temporalAddress}"\nnamespace = "${temporalNamespace}"\n`;
}
