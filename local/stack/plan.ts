/** What a stack will be, decided and checked before the first process starts. */
import { checkPorts, conditionsOf, randomSeed, type Conditions } from '../../packages/local-aws/src/index';
import { findTemporal } from '../temporal/find';
import type { StackFolders } from './folders';
import { choosePorts, type Ports } from './ports';
import { awsKeys, hookSecret } from './secrets';
import type { AwsAccess } from './zone';

/** What its AWS is like is said by the conditions; its rates are raised by the time scale unless they are given. */
export interface StackOptions extends Conditions {
  /** Default: `.cutover` in the current folder. */
  readonly folder?: string;
  readonly ports?: 'default' | 'auto';
  /** Divides all of the local AWS's times. Default: 1. */
  readonly timeScale?: number;
  /** How long the longest request takes; draining leaves that much real time, however fast the local AWS is. Default: 4000. */
  readonly longestRequestMs?: number;
  /** How often the worker looks at what it waits for, in real time. Default: 4 s by the time scale, and 250 ms at least. */
  readonly pollMs?: number;
  /** Called with a line for each thing that is being done. */
  readonly say?: (line: string) => void;
}

/** A stack's folders, ports and servers, all decided. */
export interface StackPlan {
  readonly folders: StackFolders;
  readonly ports: Ports;
  readonly aws: AwsAccess;
  /** The worker's own key, which has the documented policies. */
  readonly worker: AwsAccess;
  readonly timeScale: number;
  readonly conditions: Conditions & Required<Pick<Conditions, 'rates' | 'seed'>>;
  readonly longestRequestMs: number;
  readonly pollMs: number;
  readonly hookSecret: string;
  /** The development server's executable; undefined when TEMPORAL_ADDRESS names another server. */
  readonly temporal: string | undefined;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
}

/** @throws {Error} of one sentence for a port that is taken, or a Temporal server that isn't available */
export async function planStack(folders: StackFolders, options: StackOptions): Promise<StackPlan> {
  const timeScale = options.timeScale ?? 1;
  if (!(timeScale >= 1 && timeScale <= 1000)) throw new Error('--time-scale takes a number from 1 to 1000.');
  const external = process.env['TEMPORAL_ADDRESS'];
  const ports = await choosePorts(folders.root, options.ports ?? 'default');
  const { temporal, temporalUi: _, ...others } = ports;
  await checkPorts(external === undefined ? ports : others);
  const keys = await awsKeys(folders);
  await hookSecret(folders.lifeTimeToken);
  const aws = { endpoint: `http://127.0.0.1:${ports.aws}`, region: 'us-east-1' };
  return {
    folders,
    ports,
    timeScale,
    // Whoever looks as often as AWS allows, looks so much more often here.
    conditions: { rates: timeScale, seed: randomSeed(), ...conditionsOf(options) },
    longestRequestMs: options.longestRequestMs ?? 4_000,
    pollMs: options.pollMs ?? Math.max(250, 4_000 / timeScale),
    hookSecret: await hookSecret(folders.hookSecret),
    aws: { ...aws, ...keys.aws },
    worker: { ...aws, ...keys.worker },
    temporal: external === undefined ? await findTemporal(quietly(options.say)) : undefined,
    temporalAddress: external ?? `127.0.0.1:${temporal}`,
    temporalNamespace: external === undefined ? 'default' : (process.env['TEMPORAL_NAMESPACE'] ?? 'default'),
  };
}

function quietly(say: StackOptions['say']): Parameters<typeof findTemporal>[0] {
  return { log: { debug: () => undefined, info: (_facts, sentence) => say?.(sentence) } };
}
