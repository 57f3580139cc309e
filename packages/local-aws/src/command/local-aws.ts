/**
 * A local AWS with its processes: the control plane and the load balancer, each of which may be killed at any moment and is
 * started again. This process is their supervisor; it keeps `local-aws.json` up to date.
 */
import { join } from 'node:path';
import { randomSeed, type Conditions } from '../conditions';
import type { AwsOptions } from '../control-plane';
import { controlKeyOf, controlKeyVariable } from '../control-key';
import { proxyNodeArguments } from '../load-balancer/process/node-arguments';
import { keptAccessKey, keysVariable, type AccessKey } from '../iam/keys';
import type { Program } from '../processes/child';
import { createFamily, type Family } from '../processes/family';
import { readyTasks } from '../engine/ready';
import { makeFolder } from '../processes/folders';
import { claimFolder } from '../processes/leftovers';
import { checkPorts, chooseFreePorts } from '../processes/ports';
import { answers, isOpen, waitUntilReady } from '../processes/readiness';
import { reportWriter } from '../processes/report-writer';
import { stopTasks } from '../tasks';
import { conditionsOf } from './condition-options';
import {
  defaultPorts,
  localAwsFolders,
  planReport,
  type LocalAwsFolders,
  type LocalAwsPorts,
  type LocalAwsReport,
  type ProcessName,
} from './report';

export interface LocalAwsOptions extends Conditions {
  readonly folder: string;
  readonly ports: 'default' | 'auto';
  /** Divides all of AWS's own times; from 1 to 1000. */
  readonly timeScale: number;
  readonly region: string;
  /** The only key that is accepted, ID and secret; default: a random one, which the folder keeps. */
  readonly credentials?: AccessKey;
}

export interface LocalAws {
  /** The content of `local-aws.json`. */
  readonly report: () => LocalAwsReport;
  /** Ends everything that was started, tasks included. What is stored stays: a later one in the same folder goes on with it. */
  readonly close: () => Promise<void>;
}

/** @throws {Error} of one sentence, with nothing left running, when it can't start or the signal ends it meanwhile */
export async function startLocalAws(options: LocalAwsOptions, signal: AbortSignal): Promise<LocalAws> {
  if (!(options.timeScale >= 1 && options.timeScale <= 1000))
    throw new Error('--time-scale takes a number from 1 to 1000.');
  const folders = localAwsFolders(options.folder);
  await claimFolder(folders.root, 'A local AWS');
  const family = createFamily<ProcessName>({
    folder: folders.root,
    endOrder: ['aws', 'loadBalancer'],
    // Tasks end after the control plane, which would start them again.
    ended: async (name) => name === 'aws' && (await stopTasks(folders.aws)),
  });
  try {
    await readyTasks(folders.aws, options.tasks);
    const ports = await choosePorts(folders.root, options.ports);
    for (const folder of [folders.logs, folders.images]) await makeFolder(folder);
    const seed = options.seed ?? randomSeed();
    const key = options.credentials ?? (await keptAccessKey(folders.key));
    await startAll(family, folders, ports, { options: { ...options, credentials: key, seed }, signal });
    const place = { region: options.region, seed, ...key };
    return await reported(family, folders, () => planReport(folders, ports, place, family.identities()));
  } catch (error) {
    await family.end();
    throw error;
  }
}

/** The options with their key. */
type KeyedOptions = LocalAwsOptions & Required<Pick<LocalAwsOptions, 'credentials'>>;

async function choosePorts(folder: string, choice: LocalAwsOptions['ports']): Promise<LocalAwsPorts> {
  const names = Object.keys(defaultPorts) as (keyof typeof defaultPorts)[];
  const ports = choice === 'default' ? defaultPorts : await chooseFreePorts(folder, names);
  await checkPorts(ports);
  return ports;
}

async function startAll(
  family: Family<ProcessName>,
  folders: LocalAwsFolders,
  ports: LocalAwsPorts,
  { options, signal }: { readonly options: KeyedOptions; readonly signal: AbortSignal },
): Promise<void> {
  const loadBalancer = family.add(planLoadBalancer(folders, ports, options));
  const aws = family.add(planAws(folders, ports, options));
  await Promise.all([
    waitUntilReady(loadBalancer, async () => await isOpen(ports.loadBalancerControl), signal),
    waitUntilReady(aws, async () => await answers(`http://127.0.0.1:${ports.awsControl}/health`), signal),
  ]);
}

function planLoadBalancer(
  folders: LocalAwsFolders,
  ports: LocalAwsPorts,
  { credentials }: KeyedOptions,
): Program<ProcessName> {
  const file = join(__dirname, '..', 'load-balancer', 'process', 'process.js');
  const words = [...proxyNodeArguments, file, folders.loadBalancer, `${ports.loadBalancerControl}`];
  const program = planProgram('loadBalancer', words, folders);
  return { ...program, environment: { ...program.environment, ...controlKeyVariable(controlKeyOf(credentials)) } };
}

function planAws(folders: LocalAwsFolders, ports: LocalAwsPorts, options: KeyedOptions): Program<ProcessName> {
  const given: Omit<AwsOptions, 'log' | 'keys' | 'controlKey'> = {
    folder: folders.aws,
    port: ports.aws,
    controlPort: ports.awsControl,
    proxyControlUrl: `http://127.0.0.1:${ports.loadBalancerControl}`,
    imagesFolder: folders.images,
    timeScale: options.timeScale,
    region: options.region,
    ...conditionsOf(options),
  };
  const { accessKeyId, secretAccessKey } = options.credentials;
  const program = planProgram('aws', [join(__dirname, 'aws-process.js'), JSON.stringify(given)], folders);
  const secrets = {
    ...keysVariable({ [accessKeyId]: secretAccessKey }),
    ...controlKeyVariable(controlKeyOf(options.credentials)),
  };
  return { ...program, environment: { ...program.environment, ...secrets } };
}

function planProgram(name: ProcessName, words: readonly string[], { logs }: LocalAwsFolders): Program<ProcessName> {
  // The SDK's warning about Node 20 at every start is nothing that the user can act on.
  const environment = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  return { name, file: process.execPath, words, environment, logFile: join(logs, `${name}.log`), graceMs: 5_000 };
}

/** Resolves when `local-aws.json` is there. */
async function reported(
  family: Family<ProcessName>,
  { report: file }: LocalAwsFolders,
  report: () => LocalAwsReport,
): Promise<LocalAws> {
  const writer = reportWriter<LocalAwsReport>(file);
  family.onChange(() => writer.write(report()));
  writer.write(report());
  await writer.written();
  const close = async (): Promise<void> => {
    await family.end();
    await writer.close();
  };
  return { report, close };
}
