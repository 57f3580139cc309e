/** Logs as lines of JSON on standard error; each of a deployment says of which, in which zone and of which application. */
import type { Logger, LogLevel, LogMetadata } from '@temporalio/worker';
import { pino, type DestinationStream } from 'pino';
import { parseDeploymentId } from '../contract/ids';

/** Field names that mean the same in every line. */
export interface DeploymentFields {
  readonly zone?: string;
  readonly application?: string;
  /** The run. */
  readonly deployment?: string;
}

/**
 * Read off the workflow ID: `<zone>/<application>` of a deployment, `describe/<kind>/<zone>/<application>/…` of a question. The
 * operations of the platform, `hook/…`, name neither; they are told of by their own lines.
 */
export function deploymentFields(facts: Readonly<Record<string, unknown>>): DeploymentFields {
  // Lines of workflows and of activities name the run differently.
  const { workflowId, runId = facts['workflowRunId'] } = facts;
  if (typeof workflowId !== 'string' || !workflowId.includes('/') || workflowId.startsWith('hook/')) return {};
  const asked = /^describe\/[^/]+\/([^/]+)(?:\/(.+))?\/[^/]+$/.exec(workflowId);
  if (asked) return { zone: asked[1] ?? '', ...(asked[2] !== undefined && { application: asked[2] }) };
  return { ...parseDeploymentId(workflowId), ...(typeof runId === 'string' && { deployment: runId }) };
}

/** What the SDK logs by, over pino. `level` is e.g. `info`. */
export function workerLog(level: string, destination: DestinationStream = pino.destination(2)): Logger {
  const lines = pino({ base: { process: 'worker' }, level, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const log = (at: LogLevel, message: string, meta: LogMetadata = {}): void => {
    // A task token is of use to nobody who reads.
    const { error, taskToken: _, ...facts } = meta;
    const known = facts as Readonly<Record<string, unknown>>;
    lines[levels[at]]({ ...deploymentFields(known), ...known, ...(error !== undefined && { err: error }) }, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
